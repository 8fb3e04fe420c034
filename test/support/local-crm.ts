/** Works in the simulated HubSpot as a salesperson does, through its API. */
import * as z from "zod";
import type { HubspotSimulator } from "#infra/local/simulators/hubspot/index.ts";
import { callOk } from "./local-calls.ts";

type CrmType = "companies" | "products" | "deals";
type Properties = Readonly<Record<string, string>>;

export interface NewDeal {
  readonly name: string;
  /** Default `closedwon`. */
  readonly stage?: string;
  readonly closedOn: string;
  readonly companyId?: string;
  readonly properties?: Properties;
  readonly lines: readonly Properties[];
}

/** HubSpot's own association types of a new deal. */
const DEAL_TO_PRIMARY_COMPANY = 5;
const DEAL_TO_LINE_ITEM = 19;

const created = z.looseObject({ id: z.string() });

export class Crm {
  readonly #simulator: HubspotSimulator;

  constructor(simulator: HubspotSimulator) {
    this.#simulator = simulator;
  }

  async create(type: CrmType | "line_items", properties: Properties): Promise<string> {
    return this.#post(type, { properties });
  }

  async update(type: CrmType, id: string, properties: Properties): Promise<void> {
    await this.#call("PATCH", `/crm/v3/objects/${type}/${id}`, { properties });
  }

  /** A deal with its line items and company, made in one call as HubSpot advises. */
  async createDeal(deal: NewDeal): Promise<string> {
    const links: { id: string; typeId: number }[] = [];
    if (deal.companyId !== undefined) {
      links.push({ id: deal.companyId, typeId: DEAL_TO_PRIMARY_COMPANY });
    }
    for (const line of deal.lines) {
      links.push({ id: await this.create("line_items", line), typeId: DEAL_TO_LINE_ITEM });
    }
    return this.#post("deals", {
      properties: {
        dealname: deal.name,
        pipeline: "default",
        dealstage: deal.stage ?? "closedwon",
        closedate: `${deal.closedOn}T12:00:00.000Z`,
        ...deal.properties,
      },
      associations: links.map(({ id, typeId }) => ({
        to: { id },
        types: [{ associationCategory: "HUBSPOT_DEFINED", associationTypeId: typeId }],
      })),
    });
  }

  /** Makes a company the primary one of a deal. */
  async associate(dealId: string, companyId: string): Promise<void> {
    await this.#call("PUT", `/crm/v4/objects/deals/${dealId}/associations/companies/${companyId}`, [
      { associationCategory: "HUBSPOT_DEFINED", associationTypeId: DEAL_TO_PRIMARY_COMPANY },
    ]);
  }

  /** The properties of a live record. Throws where there is none. */
  properties(type: CrmType, id: string): Properties {
    const record = this.#simulator.records(type).find((one) => one.id === id);
    if (record === undefined) throw new Error(`HubSpot has no live record ${id} in ${type}`);
    return record.properties;
  }

  /** Live records whose property holds this text. */
  where(type: CrmType, property: string, text: string) {
    return this.#simulator.records(type).filter((one) => one.properties[property] === text);
  }

  async #post(type: string, body: unknown): Promise<string> {
    return created.parse(await this.#call("POST", `/crm/v3/objects/${type}`, body)).id;
  }

  #call(method: string, path: string, body: unknown): Promise<unknown> {
    const { url, token } = this.#simulator;
    const headers = { authorization: `Bearer ${token}` };
    return callOk({ method, url: `${url}${path}`, headers, body });
  }
}
