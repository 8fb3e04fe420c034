/** People at work in both systems: what they do is drawn, and each value they enter is their own. */

import { HubspotFailure } from "#infra/local/simulators/hubspot/errors.ts";
import type { InProcessHubspot } from "#infra/local/simulators/hubspot/simulator.ts";
import type { InProcessXero } from "#infra/local/simulators/xero/simulator.ts";
import { RefusedActionError } from "#infra/local/simulators/xero/user.ts";
import type { Random } from "./random.ts";

/** A value that a user entered into a field that both systems hold. */
export interface UserEdit {
  readonly connection: "crm" | "books" | "files";
  readonly recordType: "customer" | "product" | "order" | "invoice";
  readonly externalId: string;
  /** The canonical field. */
  readonly field: string;
  readonly value: string | null;
}

interface UserAct {
  readonly name: string;
  readonly edits: readonly UserEdit[];
}

export interface Users {
  /** One thing that somebody does; undefined where what was drawn is not possible now. */
  act(): UserAct | undefined;
  /** As `act`, but always a new customer or product. */
  create(): UserAct | undefined;
  /** Ids of the records that a user ever archived, deleted or merged. */
  readonly ended: ReadonlySet<string>;
}

const crmActs = {
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
} as const;
const booksActs = {
  "create-contact": 5,
  "edit-contact": 12,
  "archive-contact": 1,
  "restore-contact": 1,
  "merge-contacts": 1,
  "create-item": 2,
  "approve-invoice": 5,
  "pay-invoice": 5,
  "delete-payment": 2,
  "void-invoice": 1,
  "edit-draft": 2,
} as const;
type ActName = keyof typeof crmActs | keyof typeof booksActs;

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
const unpolled: readonly string[] = [
  "archive-company",
  "restore-company",
  "merge-companies",
  "create-deal",
  "move-deal",
  "edit-deal-line",
  "archive-deal",
];

const creations = ["create-company", "create-contact", "create-product", "create-item"] as const;

export function createUsers(
  hubspot: InProcessHubspot,
  xero: InProcessXero,
  random: Random,
  options: { readonly onlyPolled: boolean },
): Users {
  const ended = new Set<string>();
  const archivedCompanies: string[] = [];
  let count = 0;

  function text(prefix: string): string {
    count += 1;
    const value = `${prefix}${count}`;
    return value;
  }

  function valueFor(field: string): string {
    if (field === "email") return text("mail-").concat("@users.example");
    return text(`${field} `);
  }

  /** Mostly one of the first: where everybody works on the same few records, they collide. */
  const pickHot = <Element>(from: readonly Element[]): Element =>
    random.pick(random.chance(0.7) ? from.slice(0, 2) : from);
  const pickCompany = (): string => pickHot(hubspot.records("companies")).id;
  const pickContact = () =>
    pickHot(xero.records("contacts").filter((one) => one.ContactStatus === "ACTIVE"));
  const pickInvoice = (...statuses: readonly string[]) =>
    random.pick(xero.records("invoices").filter((one) => statuses.includes(one.Status)));

  const acts: Readonly<Record<ActName, () => readonly UserEdit[]>> = {
    "create-company": () => {
      const name = valueFor("name");
      const phone = valueFor("phone");
      const properties = random.chance(0.5) ? { domain: `d${count}.example` } : {};
      const externalId = hubspot.user.create("companies", { name, phone, ...properties });
      return [
        crmEdit("customer", externalId, "name", name),
        crmEdit("customer", externalId, "phone", phone),
      ];
    },
    "edit-company": () => {
      const externalId = pickCompany();
      const field = random.pick(["name", "phone", "city", "email"] as const);
      const value = valueFor(field);
      hubspot.user.edit("companies", externalId, { [companyFields[field]]: value });
      return [crmEdit("customer", externalId, field, value)];
    },
    "clear-phone": () => {
      const externalId = pickCompany();
      hubspot.user.edit("companies", externalId, { phone: "" });
      return [crmEdit("customer", externalId, "phone", null)];
    },
    // There and back again: what is seen may be what was seen before the last change.
    "toggle-city": () => {
      const externalId = pickCompany();
      const city = random.pick(["Aarhus", "Bergen"]);
      hubspot.user.edit("companies", externalId, { city });
      return [crmEdit("customer", externalId, "city", city)];
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
      return [crmEdit("product", externalId, "name", name)];
    },
    "edit-product": () => {
      const externalId = random.pick(hubspot.records("products")).id;
      const name = valueFor("name");
      hubspot.user.edit("products", externalId, { name });
      return [crmEdit("product", externalId, "name", name)];
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
    "create-contact": () => {
      const name = valueFor("name");
      const email = valueFor("email");
      const externalId = xero.user.createContact({ Name: name, EmailAddress: email });
      return [
        booksEdit("customer", externalId, "name", name),
        booksEdit("customer", externalId, "email", email),
      ];
    },
    "edit-contact": () => {
      const { ContactID: externalId } = pickContact();
      const field = random.pick(["email", "email", "taxNumber", "name"] as const);
      const value = valueFor(field);
      const wire = { email: "EmailAddress", taxNumber: "TaxNumber", name: "Name" }[field];
      xero.user.editContact(externalId, { [wire]: value });
      return [booksEdit("customer", externalId, field, value)];
    },
    "archive-contact": () => {
      const { ContactID } = pickContact();
      xero.user.archiveContact(ContactID);
      ended.add(ContactID);
      return [];
    },
    "restore-contact": () => {
      const archived = xero
        .records("contacts")
        .filter((one) => one.ContactStatus === "ARCHIVED" && one.MergedToContactID === "");
      xero.user.restoreContact(random.pick(archived).ContactID);
      return [];
    },
    "merge-contacts": () => {
      const [loser, winner] = [pickContact().ContactID, pickContact().ContactID];
      xero.user.mergeContacts(loser, winner);
      ended.add(loser);
      return [];
    },
    "create-item": () => {
      const name = valueFor("name");
      const externalId = xero.user.createItem({ Code: text("SKU-"), Name: name });
      return [booksEdit("product", externalId, "name", name)];
    },
    "approve-invoice": () => {
      xero.user.approveInvoice(pickInvoice("DRAFT").InvoiceID);
      return [];
    },
    "pay-invoice": () => {
      const invoice = pickInvoice("AUTHORISED");
      const Amount = random.chance(0.5) ? invoice.AmountDue : "1.00";
      xero.user.pay(invoice.InvoiceID, { Amount, Date: "2026-01-06", Account: { Code: "090" } });
      return [];
    },
    "delete-payment": () => {
      const settled = xero.records("payments").filter((one) => one.Status === "AUTHORISED");
      xero.user.deletePayment(random.pick(settled).PaymentID);
      return [];
    },
    "void-invoice": () => {
      xero.user.voidInvoice(pickInvoice("AUTHORISED").InvoiceID);
      return [];
    },
    "edit-draft": () => {
      const { InvoiceID } = pickInvoice("DRAFT");
      xero.user.editInvoice(InvoiceID, { DueDate: `2026-02-${10 + random.below(18)}` });
      return [];
    },
  };

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
    ended,
    create: () => doIt(random.pick(creations)),
    act() {
      const name: ActName = random.chance(0.6) ? random.weigh(crmActs) : random.weigh(booksActs);
      return options.onlyPolled && unpolled.includes(name) ? undefined : doIt(name);
    },
  };

  function doIt(name: ActName): UserAct | undefined {
    try {
      return { name, edits: acts[name]() };
    } catch (cause) {
      // Refused, as it would be to a person, or nothing there yet to do it to.
      if (cause instanceof HubspotFailure || cause instanceof RefusedActionError) return undefined;
      if (cause instanceof Error && cause.message === "Nothing to pick from") return undefined;
      throw cause;
    }
  }
}

function crmEdit(
  recordType: UserEdit["recordType"],
  externalId: string,
  field: string,
  value: string | null,
): UserEdit {
  return { connection: "crm", recordType, externalId, field, value };
}

function booksEdit(
  recordType: UserEdit["recordType"],
  externalId: string,
  field: string,
  value: string | null,
): UserEdit {
  return { connection: "books", recordType, externalId, field, value };
}
