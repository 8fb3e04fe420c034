/**
 * What people do in the CRM: makes and edits companies through its batch API, a hundred to a call.
 * Every call is noted, so that it is not taken for one of the product's.
 */
import * as z from "zod";

const BATCH = 100;
const COMPANIES = "/crm/v3/objects/companies/batch";
/** As the simulator names the routes it counts. */
const ROUTE = "POST /crm/v3/objects/{type}/batch";

const writtenSchema = z.object({ results: z.array(z.object({ id: z.string() })) });

export interface CrmAccount {
  readonly url: string;
  readonly token: string;
}

export class CrmEdits {
  readonly #account: CrmAccount;
  readonly #calls = new Map<string, number>();

  constructor(account: CrmAccount) {
    this.#account = account;
  }

  /** Ids in the order of the companies. */
  async createCompanies(count: number): Promise<string[]> {
    const inputs = Array.from({ length: count }, (_, index) => ({ properties: company(index) }));
    return this.#writeAll("create", inputs);
  }

  async setPhones(ids: readonly string[]): Promise<void> {
    const inputs = ids.map((id, index) => ({ id, properties: { phone: editedPhone(index) } }));
    await this.#writeAll("update", inputs);
  }

  /** Calls made so far, by the simulator's name of the route. */
  calls(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#calls);
  }

  async #writeAll(action: "create" | "update", inputs: readonly object[]): Promise<string[]> {
    const ids: string[] = [];
    for (let start = 0; start < inputs.length; start += BATCH) {
      ids.push(...(await this.#write(action, inputs.slice(start, start + BATCH))));
    }
    return ids;
  }

  async #write(action: "create" | "update", inputs: readonly object[]): Promise<string[]> {
    const { url, token } = this.#account;
    const route = `${ROUTE}/${action}`;
    this.#calls.set(route, (this.#calls.get(route) ?? 0) + 1);
    const response = await fetch(`${url}${COMPANIES}/${action}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ inputs }),
    });
    const text = await response.text();
    if (response.status !== 201 && response.status !== 200) {
      throw new Error(`The CRM answered ${response.status} to ${action}: ${text.slice(0, 300)}`);
    }
    const { results } = writtenSchema.parse(JSON.parse(text));
    if (results.length !== inputs.length) {
      throw new Error(`The CRM took ${results.length} of ${inputs.length} rows`);
    }
    return results.map(({ id }) => id);
  }
}

function company(index: number): Readonly<Record<string, string>> {
  const number = String(index + 1).padStart(6, "0");
  return {
    name: `Customer ${number} Ltd`,
    domain: `customer-${number}.example`,
    phone: `+44 20 7946 ${number}`,
    address: `${index + 1} High Street`,
    city: "Bristol",
    state: "Avon",
    zip: "BS1 4ND",
    country: "United Kingdom",
  };
}

/** Of the company of that place, after {@link CrmEdits.setPhones}. */
export function editedPhone(index: number): string {
  return `+44 117 496 ${String(index + 1).padStart(6, "0")}`;
}
