/** From a won deal to its draft invoice, and from what becomes of that back to the deal and the company. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { only } from "#test/support/local-calls.ts";
import { eventually } from "#test/support/local-eventually.ts";
import { type Product, startProduct } from "#test/support/local-product.ts";

let product: Product;

beforeAll(async () => {
  product = await startProduct();
});

afterAll(async () => {
  const failures = product.failures();
  await product.stack.close();
  expect(failures).toEqual([]);
});

const DAY_MS = 86_400_000;
const startedAtMs = Date.now();

/** A calendar date in UTC, counted from the day the tests began. */
function dayFromToday(days: number): string {
  return new Date(startedAtMs + days * DAY_MS).toISOString().slice(0, 10);
}

async function customer(name: string) {
  const { crm, books } = product;
  const companyId = await crm.create("companies", { name });
  await eventually(() => expect(books.contactsNamed(name)).toHaveLength(1));
  return { companyId, contactId: only(books.contactsNamed(name)).ContactID };
}

async function invoiceOf(contactId: string) {
  await eventually(() => expect(product.books.invoicesOf(contactId)).toHaveLength(1));
  return only(product.books.invoicesOf(contactId));
}

it.concurrent("a won deal becomes one draft invoice, whose fate comes back", async () => {
  const { crm, books, hubspot } = product;
  const { companyId, contactId } = await customer("Island Trading");
  const productId = await crm.create("products", {
    name: "Chai",
    hs_sku: "CHAI-1",
    price: "18.35",
  });
  await eventually(() =>
    expect(product.xero.records("items").map(({ Code }) => Code)).toContain("CHAI-1"),
  );
  const closedOn = dayFromToday(-40);
  const dealId = await crm.createDeal({
    name: "Tea for a year",
    closedOn,
    companyId,
    lines: [
      { hs_product_id: productId, name: "Chai", quantity: "3", price: "18.35" },
      { name: "Delivery", quantity: "1", price: "9.95", hs_discount_percentage: "10" },
    ],
  });

  const draft = await invoiceOf(contactId);
  // 3 x 18.35, and 9.95 less a tenth: 8.955, rounded half up.
  expect(draft).toMatchObject({
    Status: "DRAFT",
    Type: "ACCREC",
    Reference: `HS-${dealId}`,
    CurrencyCode: "USD",
    Total: "64.01",
    Date: closedOn,
    DueDate: dayFromToday(-10),
  });
  expect(draft.LineItems.map(({ ItemCode, LineAmount }) => [ItemCode, LineAmount])).toEqual([
    ["CHAI-1", "55.05"],
    ["", "8.96"],
  ]);

  await books.approve(draft.InvoiceID);
  await eventually(() =>
    expect(crm.properties("deals", dealId)).toMatchObject({
      tieout_invoice_number: books.invoice(draft.InvoiceID).InvoiceNumber,
      tieout_invoice_status: "issued",
      tieout_amount_invoiced: "64.01",
      tieout_amount_paid: "0.00",
      tieout_amount_due: "64.01",
    }),
  );

  const paidOn = dayFromToday(-1);
  await books.pay(draft.InvoiceID, "24.01", paidOn);
  await eventually(() =>
    expect(crm.properties("deals", dealId)).toMatchObject({
      tieout_invoice_status: "issued",
      tieout_amount_paid: "24.01",
      tieout_amount_due: "40.00",
    }),
  );
  await eventually(() =>
    expect(crm.properties("companies", companyId)).toMatchObject({
      tieout_balance_currency: "USD",
      tieout_open_balance: "40.00",
      tieout_overdue_balance: "40.00",
      tieout_revenue: "64.01",
      tieout_last_payment_on: paidOn,
    }),
  );

  await books.pay(draft.InvoiceID, "40.00", paidOn);
  await eventually(() =>
    expect(crm.properties("deals", dealId)).toMatchObject({
      tieout_invoice_status: "paid",
      tieout_amount_due: "0.00",
    }),
  );
  await eventually(() =>
    expect(crm.properties("companies", companyId)).toMatchObject({
      tieout_open_balance: "0.00",
      tieout_overdue_balance: "0.00",
    }),
  );
  expect(books.invoicesOf(contactId)).toHaveLength(1);
  expect(hubspot.records("deals").filter(({ id }) => id === dealId)).toHaveLength(1);
});

it.concurrent("a deal that is still open gives no invoice until it is won", async () => {
  const { crm, books } = product;
  const { companyId, contactId } = await customer("Königlich Essen");
  const dealId = await crm.createDeal({
    name: "Not yet",
    stage: "contractsent",
    closedOn: dayFromToday(0),
    companyId,
    lines: [{ name: "Consulting", quantity: "2", price: "100" }],
  });
  await eventually(async () => {
    const { body } = await product.get(`/cross-references/crm/order/${dealId}`);
    expect(body).toMatchObject({ fields: { status: { value: "open" } } });
  });
  expect(books.invoicesOf(contactId)).toEqual([]);

  await crm.update("deals", dealId, { dealstage: "closedwon" });

  expect(await invoiceOf(contactId)).toMatchObject({ Total: "200.00", Status: "DRAFT" });
});

it.concurrent("an invoice made by hand rolls up once it is approved", async () => {
  const { crm, books } = product;
  const { companyId, contactId } = await customer("La maison d'Asie");
  const invoiceId = await books.createInvoice({
    contactId,
    reference: "By hand",
    issuedOn: dayFromToday(0),
    dueOn: dayFromToday(30),
    lines: [{ description: "Tasting", quantity: "3", unitAmount: "33.35" }],
  });
  await eventually(async () => {
    const { body } = await product.get(`/cross-references/books/invoice/${invoiceId}`);
    expect(body).toMatchObject({ fields: { status: { value: "draft" } } });
  });
  expect(crm.properties("companies", companyId)["tieout_open_balance"] ?? "").toBe("");

  await books.approve(invoiceId);

  await eventually(() =>
    expect(crm.properties("companies", companyId)).toMatchObject({
      tieout_open_balance: "100.05",
      tieout_overdue_balance: "0.00",
      tieout_revenue: "100.05",
    }),
  );
});

it.concurrent("a won deal without a company waits in sight, and is billed once it has one", async () => {
  const { crm } = product;
  const { companyId, contactId } = await customer("Old World Delicatessen");
  const dealId = await crm.createDeal({
    name: "Whose?",
    closedOn: dayFromToday(0),
    lines: [{ name: "Cheese", quantity: "1", price: "12.5" }],
  });
  await eventually(async () => {
    const { body } = await product.get("/parked");
    expect(JSON.stringify(body)).toContain("order-has-no-customer");
  });

  await crm.associate(dealId, companyId);

  expect(await invoiceOf(contactId)).toMatchObject({
    Reference: `HS-${dealId}`,
    Total: "12.50",
  });
  await eventually(async () => {
    const { body } = await product.get("/parked");
    expect(JSON.stringify(body)).not.toContain("order-has-no-customer");
  });
});
