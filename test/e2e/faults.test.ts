/** Whatever happens to a call, one record exists at the end and nothing is lost. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { PlannedFault } from "#infra/local/simulators/kernel.ts";
import { only } from "#test/support/local-calls.ts";
import { type Product, startProduct } from "#test/support/local-product.ts";

const XERO_CREATES = "PUT /api.xro/2.0/Contacts";
const XERO_READS = "GET /api.xro/2.0/Contacts";
const XERO_INVOICES = "PUT /api.xro/2.0/Invoices";
const HUBSPOT_UPSERTS = "POST /crm/v3/objects/{type}/batch/upsert";
const HUBSPOT_CREATES = "POST /crm/v3/objects/{type}/batch/create";
const HUBSPOT_READS = "POST /crm/v3/objects/{type}/batch/read";

let product: Product;

beforeAll(async () => {
  product = await startProduct();
});

beforeEach(() => {
  product.hubspot.resetCalls();
  product.xero.resetCalls();
});

afterAll(async () => {
  const failures = product.failures();
  await product.stack.close();
  // A fault of the remote is an ordinary day: no invocation fails of it.
  expect(failures).toEqual([]);
});

type Fault = Omit<PlannedFault, "route" | "times">;

/** Both systems fail at their next calls of these routes. */
function planBoth(hubspotRoute: string, xeroRoute: string, fault: Fault, times = 1): void {
  product.hubspot.planFault({ route: hubspotRoute, times, ...fault });
  product.xero.planFault({ route: xeroRoute, times, ...fault });
}

/** One newcomer on each side, and what became of the two. */
async function newcomers(name: string) {
  const { crm, books, stack } = product;
  const companyId = await crm.create("companies", { name: `${name} of the CRM` });
  const contactId = await books.createContact({ Name: `${name} of the books` });
  await stack.settled();
  return {
    companyId,
    contactId,
    contacts: books.contactsNamed(`${name} of the CRM`),
    companies: crm.where("companies", "name", `${name} of the books`),
  };
}

async function expectLinked(connection: string, recordType: string, id: string): Promise<void> {
  const { body } = await product.get(`/cross-references/${connection}/${recordType}/${id}`);
  expect(body).toMatchObject({ sides: { books: { state: "linked", owed: [] } } });
}

describe("writes", () => {
  const repeated: readonly (readonly [string, Fault])[] = [
    ["a spent quota", { fault: "status", status: 429, headers: { "Retry-After": "3" } }],
    ["a server error", { fault: "status", status: 500, body: "oops" }],
    ["a connection that breaks before the effect", { fault: "drop-before" }],
    ["a login page with status 200", { fault: "html-200" }],
  ];

  it.each(repeated)("%s: the write is tried again", async (what, fault) => {
    planBoth(HUBSPOT_UPSERTS, XERO_CREATES, fault);

    const { companyId, contactId, contacts, companies } = await newcomers(`After ${what}`);

    expect(contacts).toHaveLength(1);
    expect(companies).toHaveLength(1);
    expect(product.xero.calls()[XERO_CREATES]).toBeGreaterThanOrEqual(2);
    expect(product.hubspot.calls()[HUBSPOT_UPSERTS]).toBeGreaterThanOrEqual(2);
    await expectLinked("crm", "customer", companyId);
    await expectLinked("books", "customer", contactId);
  });

  it("a connection that breaks after the effect: what was made is found, not made again", async () => {
    const { crm, books, stack } = product;
    const companyId = await crm.create("companies", { name: "Ana Trujillo" });
    await stack.settled();
    const contactId = only(books.contactsNamed("Ana Trujillo")).ContactID;
    product.xero.planFault({ route: XERO_INVOICES, fault: "drop-after", times: 1 });
    product.hubspot.planFault({ route: HUBSPOT_UPSERTS, fault: "drop-after", times: 1 });
    product.xero.resetCalls();

    const lines = [{ name: "Syrup", quantity: "1", price: "9.99" }];
    const deals = await Promise.all(
      ["2026-03-01", "2026-03-02"].map((closedOn) =>
        crm.createDeal({ name: closedOn, closedOn, companyId, lines }),
      ),
    );
    const { companies, contacts } = await newcomers("After a lost answer");

    expect([companies.length, contacts.length]).toEqual([1, 1]);
    const invoices = books.invoicesOf(contactId);
    expect(invoices.map(({ Reference }) => Reference).sort()).toEqual(
      deals.map((id) => `HS-${id}`).sort(),
    );
    for (const { InvoiceID } of invoices) await expectLinked("books", "invoice", InvoiceID);
  });

  it("a product made by a call without an answer is found through the lagging search", async () => {
    const { hubspot, xero, stack } = product;
    hubspot.planFault({ route: HUBSPOT_CREATES, fault: "drop-after", times: 1 });

    await product.drop("products.csv", "code,name,unit_price\nFAULT-1,Birch Syrup,12.50\n");
    await stack.settled();

    const made = only(
      hubspot.records("products").filter(({ properties }) => properties["hs_sku"] === "FAULT-1"),
    );
    expect(xero.records("items").filter(({ Code }) => Code === "FAULT-1")).toHaveLength(1);
    expect(hubspot.calls()[HUBSPOT_CREATES]).toBe(1);
    const { body } = await product.get(`/cross-references/crm/product/${made.id}`);
    expect(body).toMatchObject({ sides: { crm: { state: "linked" }, books: { state: "linked" } } });
  });
});

describe("reads", () => {
  it.each<readonly [string, Fault]>([
    ["a server error", { fault: "status", status: 503, body: "" }],
    ["a login page with status 200", { fault: "html-200" }],
  ])("%s: what the webhook told of is read again", async (what, fault) => {
    planBoth(HUBSPOT_READS, XERO_READS, fault);

    const { contacts, companies } = await newcomers(`Read after ${what}`);

    expect(contacts).toHaveLength(1);
    expect(companies).toHaveLength(1);
    expect(product.xero.calls()[XERO_READS]).toBeGreaterThanOrEqual(2);
    expect(product.hubspot.calls()[HUBSPOT_READS]).toBeGreaterThanOrEqual(2);
  });
});
