/** The host dies after the remote made a record and before anything was saved of it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { only } from "#test/support/local-calls.ts";
import { eventually } from "#test/support/local-eventually.ts";
import { type Product, startProduct } from "#test/support/local-product.ts";

const CONTACTS = "PUT /api.xro/2.0/Contacts";
const INVOICES = "PUT /api.xro/2.0/Invoices";

let stateFolder: string;
let first: Product;
let second: Product | undefined;

beforeEach(async () => {
  stateFolder = mkdtempSync(join(tmpdir(), "tieout-crash-"));
  first = await startProduct({ stateFolder });
});

afterEach(async () => {
  await second?.stack.close();
  await first.stack.close();
  second = undefined;
  rmSync(stateFolder, { recursive: true, force: true });
});

/** Ends the functions while Xero keeps its answer back, and goes on from what was stored. */
async function crashAfter(route: string): Promise<Product> {
  const { hubspot, xero, stack } = first;
  await eventually(() => expect(xero.calls()[route]).toBe(1));
  stack.killHost();
  // Nothing told of the new record: only a look-up can find it.
  await xero.webhooksSettled();
  return startProduct({ stateFolder, simulators: { hubspot, xero } });
}

async function linkOf(product: Product, path: string): Promise<unknown> {
  const { status, body } = await product.get(`/cross-references/${path}`);
  expect(status).toBe(200);
  return body;
}

it("a contact whose creation was never answered is found again, not made again", async () => {
  const { crm, books, xero, stack } = first;
  await stack.settled();
  xero.setWebhookTarget(undefined);
  xero.planFault({ route: CONTACTS, fault: "hang-after", times: 1 });
  const companyId = await crm.create("companies", { name: "Rattlesnake Canyon" });

  second = await crashAfter(CONTACTS);
  expect(await linkOf(second, `crm/customer/${companyId}`)).toMatchObject({
    sides: { books: { state: "creating", isLinked: false } },
  });
  await second.stack.settled();

  const { ContactID } = only(books.contactsNamed("Rattlesnake Canyon"));
  expect(xero.calls()[CONTACTS]).toBe(1);
  expect(await linkOf(second, `crm/customer/${companyId}`)).toMatchObject({
    sides: { crm: { state: "linked" }, books: { state: "linked", externalId: ContactID } },
  });
  expect(crm.where("companies", "name", "Rattlesnake Canyon")).toHaveLength(1);
});

it("an invoice whose creation was never answered is found again, not made again", async () => {
  const { crm, books, xero, stack } = first;
  const companyId = await crm.create("companies", { name: "Split Rail Beer" });
  await stack.settled();
  const { ContactID } = only(books.contactsNamed("Split Rail Beer"));
  xero.setWebhookTarget(undefined);
  xero.planFault({ route: INVOICES, fault: "hang-after", times: 1 });
  const dealId = await crm.createDeal({
    name: "Beer",
    closedOn: "2026-04-01",
    companyId,
    lines: [{ name: "Ale", quantity: "12", price: "1.75" }],
  });

  second = await crashAfter(INVOICES);
  await second.stack.settled();

  const invoice = only(books.invoicesOf(ContactID));
  expect(invoice).toMatchObject({ Reference: `HS-${dealId}`, Total: "21.00", Status: "DRAFT" });
  expect(xero.calls()[INVOICES]).toBe(1);
  expect(await linkOf(second, `books/invoice/${invoice.InvoiceID}`)).toMatchObject({
    sides: { books: { state: "linked", externalId: invoice.InvoiceID } },
  });
  expect(crm.properties("deals", dealId)).toMatchObject({ tieout_amount_invoiced: "21.00" });
});
