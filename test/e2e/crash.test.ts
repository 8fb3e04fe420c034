/** The host dies after the remote made a record and before anything was saved of it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { limits } from "#shared/config/limits.ts";
import { only } from "#test/support/local-calls.ts";
import { eventually } from "#test/support/local-eventually.ts";
import { type Product, startProduct } from "#test/support/local-product.ts";

/** The dead worker's lease of the create must end first; on a busy machine a second look may be due. */
const LEASES_MS = 5 * limits.intentLeaseMs;

const CONTACTS = "PUT /api.xro/2.0/Contacts";
const INVOICES = "PUT /api.xro/2.0/Invoices";

/** Starts a product on the folder, with simulators that run already where they are given. */
type Start = (simulators?: Pick<Product, "hubspot" | "xero">) => Promise<Product>;

/** Lends a state folder, and closes what was started on it, the last one first. */
async function onStateFolder(run: (start: Start) => Promise<void>): Promise<void> {
  const stateFolder = mkdtempSync(join(tmpdir(), "tieout-crash-"));
  const started: Product[] = [];
  try {
    await run(async (simulators) => {
      const options = simulators === undefined ? {} : { simulators };
      const product = await startProduct({ stateFolder, ...options });
      started.unshift(product);
      return product;
    });
  } finally {
    for (const { stack } of started) await stack.close();
    rmSync(stateFolder, { recursive: true, force: true });
  }
}

/** From now on Xero makes what it is asked for, and neither answers nor tells of it. */
function keepAnswers(product: Product, route: string): void {
  product.xero.setWebhookTarget(undefined);
  product.xero.planFault({ route, fault: "hang-after", times: 1 });
  product.xero.resetCalls();
}

/** Ends the functions while they wait for Xero's answer, and goes on from what was stored. */
async function crashAfter(route: string, product: Product, start: Start): Promise<Product> {
  const { hubspot, xero, stack } = product;
  await eventually(() => expect(xero.calls()[route]).toBe(1));
  stack.killHost();
  // Webhooks are for nobody yet: only a look-up can find the new record.
  await xero.webhooksSettled();
  return start({ hubspot, xero });
}

async function linkOf(product: Product, path: string): Promise<unknown> {
  const { status, body } = await product.get(`/cross-references/${path}`);
  expect(status).toBe(200);
  return body;
}

it.concurrent(
  "a contact whose creation was never answered is found, not made again",
  { timeout: LEASES_MS },
  () =>
    onStateFolder(async (start) => {
      const before = await start();
      const { crm, books, xero } = before;
      keepAnswers(before, CONTACTS);
      const companyId = await crm.create("companies", { name: "Rattlesnake Canyon" });

      const after = await crashAfter(CONTACTS, before, start);
      expect(await linkOf(after, `crm/customer/${companyId}`)).toMatchObject({
        sides: { books: { state: "creating", isLinked: false } },
      });
      await after.stack.settled();

      const { ContactID } = only(books.contactsNamed("Rattlesnake Canyon"));
      expect(xero.calls()[CONTACTS]).toBe(1);
      expect(await linkOf(after, `crm/customer/${companyId}`)).toMatchObject({
        sides: { crm: { state: "linked" }, books: { state: "linked", externalId: ContactID } },
      });
      expect(crm.where("companies", "name", "Rattlesnake Canyon")).toHaveLength(1);
    }),
);

it.concurrent(
  "an invoice whose creation was never answered is found, not made again",
  { timeout: LEASES_MS },
  () =>
    onStateFolder(async (start) => {
      const before = await start();
      const { crm, books, xero } = before;
      const companyId = await crm.create("companies", { name: "Split Rail Beer" });
      await before.stack.settled();
      const { ContactID } = only(books.contactsNamed("Split Rail Beer"));
      keepAnswers(before, INVOICES);
      const dealId = await crm.createDeal({
        name: "Beer",
        closedOn: "2026-04-01",
        companyId,
        lines: [{ name: "Ale", quantity: "12", price: "1.75" }],
      });

      const after = await crashAfter(INVOICES, before, start);
      await after.stack.settled();

      const invoice = only(books.invoicesOf(ContactID));
      expect(invoice).toMatchObject({ Reference: `HS-${dealId}`, Total: "21.00", Status: "DRAFT" });
      expect(xero.calls()[INVOICES]).toBe(1);
      expect(await linkOf(after, `books/invoice/${invoice.InvoiceID}`)).toMatchObject({
        sides: { books: { state: "linked", externalId: invoice.InvoiceID } },
      });
      expect(crm.properties("deals", dealId)).toMatchObject({ tieout_amount_invoiced: "21.00" });
    }),
);
