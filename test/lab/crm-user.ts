/** What people do in the CRM, and how often. */
import type { InProcessHubspot } from "#infra/local/simulators/hubspot/simulator.ts";
import { editsIn } from "./user-edit.ts";
import type { ActDraws, Acts } from "./users.ts";

const edit = editsIn("crm");

export const crmActs = {
  "create-company": 8,
  "edit-company": 14,
  "clear-phone": 3,
  "toggle-city": 8,
  "archive-company": 3,
  "restore-company": 5,
  "merge-companies": 2,
  "create-product": 4,
  "edit-product": 4,
  "create-deal": 9,
  "move-deal": 6,
  "edit-deal-line": 4,
  "archive-deal": 1,
  "make-contract": 2,
} as const;

const stages = ["closedwon", "closedwon", "closedlost", "appointmentscheduled"];

/** Fields of a company and a contact that users edit, as each system names them. */
const companyFields = {
  name: "name",
  phone: "phone",
  city: "city",
  email: "tieout_email",
} as const;

/**
 * What an incremental poll cannot see: HubSpot tells of archived records, line items and associations
 * only by webhooks, or to a full check.
 */
export const unpolledActs: readonly string[] = [
  "archive-company",
  "restore-company",
  "merge-companies",
  "create-deal",
  "move-deal",
  "edit-deal-line",
  "archive-deal",
  "make-contract",
];

export function crmUser(
  hubspot: InProcessHubspot,
  { random, text, valueFor, pickHot, ended }: ActDraws,
): Acts<keyof typeof crmActs> {
  const archivedCompanies: string[] = [];
  const pickCompany = (): string => pickHot(hubspot.records("companies")).id;

  function addLine(deal: { type: "deals"; id: string }): void {
    const products = hubspot.records("products");
    const product = products.length > 0 && random.chance(0.7) ? random.pick(products) : undefined;
    const named = product === undefined ? {} : { hs_product_id: product.id };
    const name = product?.properties["name"] ?? text("Line ");
    const price = `${1 + random.below(99)}.${10 + random.below(90)}`;
    const quantity = String(1 + random.below(5));
    hubspot.user.create("line_items", { name, price, quantity, ...named }, deal);
  }

  return {
    "create-company": () => {
      const name = valueFor("name");
      const phone = valueFor("phone");
      const properties = random.chance(0.5) ? { domain: `${text("d")}.example` } : {};
      const externalId = hubspot.user.create("companies", { name, phone, ...properties });
      return [
        edit("customer", externalId, "name", name),
        edit("customer", externalId, "phone", phone),
      ];
    },
    "edit-company": () => {
      const externalId = pickCompany();
      const field = random.pick(["name", "phone", "city", "email"] as const);
      const value = valueFor(field);
      hubspot.user.edit("companies", externalId, { [companyFields[field]]: value });
      return [edit("customer", externalId, field, value)];
    },
    "clear-phone": () => {
      const externalId = pickCompany();
      hubspot.user.edit("companies", externalId, { phone: "" });
      return [edit("customer", externalId, "phone", null)];
    },
    // There and back again: what is seen may be what was seen before the last change.
    "toggle-city": () => {
      const externalId = pickCompany();
      const city = random.pick(["Aarhus", "Bergen"]);
      hubspot.user.edit("companies", externalId, { city });
      return [edit("customer", externalId, "city", city)];
    },
    "archive-company": () => {
      const id = pickCompany();
      hubspot.user.archive("companies", id);
      archivedCompanies.push(id);
      ended.add(id);
      return [];
    },
    "restore-company": () => {
      const id = random.pick(archivedCompanies);
      hubspot.user.restore("companies", id);
      archivedCompanies.splice(archivedCompanies.indexOf(id), 1);
      return [];
    },
    "merge-companies": () => {
      const [primary, other] = [pickCompany(), pickCompany()];
      hubspot.user.merge("companies", primary, other);
      ended.add(primary).add(other);
      return [];
    },
    "create-product": () => {
      const name = valueFor("name");
      const price = `${random.below(500)}.${10 + random.below(90)}`;
      const sku = text("SKU-");
      const externalId = hubspot.user.create("products", { name, hs_sku: sku, price });
      return [edit("product", externalId, "name", name)];
    },
    "edit-product": () => {
      const externalId = random.pick(hubspot.records("products")).id;
      const name = valueFor("name");
      hubspot.user.edit("products", externalId, { name });
      return [edit("product", externalId, "name", name)];
    },
    "create-deal": () => {
      const company = { type: "companies" as const, id: pickCompany() };
      const id = hubspot.user.create("deals", {
        dealname: text("Deal "),
        pipeline: "default",
        dealstage: random.pick(stages),
        closedate: "2026-01-05T12:00:00.000Z",
      });
      const deal = { type: "deals" as const, id };
      hubspot.user.link(deal, company, true);
      for (let line = random.below(3); line >= 0; line -= 1) addLine(deal);
      return [];
    },
    "move-deal": () => {
      const { id } = random.pick(hubspot.records("deals"));
      hubspot.user.edit("deals", id, { dealstage: random.pick(stages) });
      return [];
    },
    "edit-deal-line": () => {
      const { id } = random.pick(hubspot.records("line_items"));
      hubspot.user.edit("line_items", id, { quantity: String(1 + random.below(9)) });
      return [];
    },
    "archive-deal": () => {
      const { id } = random.pick(hubspot.records("deals"));
      hubspot.user.archive("deals", id);
      ended.add(id);
      return [];
    },
    // Billed from the day before yesterday on, so that some of it is due.
    "make-contract": () => {
      const { id } = random.pick(hubspot.records("deals"));
      hubspot.user.edit("deals", id, {
        dealstage: "closedwon",
        tieout_billing_period: random.pick(["monthly", "quarterly"]),
        tieout_billing_starts_on: random.pick(["2025-11-03", "2026-01-03"]),
        tieout_billing_ends_on: "2026-06-30",
      });
      return [];
    },
  };
}
