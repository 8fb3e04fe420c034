/**
 * Documents of the Xero connector against the simulator over HTTP: tax, freight and exchange rates of
 * invoices, and credit notes from the draft to their use.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startXeroSimulator, type XeroSimulator } from "#infra/local/simulators/xero/index.ts";
import { createTransport } from "#shared/connectors/transport.ts";
import { createXeroConnector } from "#shared/connectors/xero/index.ts";
import { xeroSettings } from "#shared/contracts/connections.ts";
import type { RecordType } from "#shared/domain/identifiers.ts";
import { parseMoney } from "#shared/domain/money.ts";
import type { DocumentLine, Fields, ObservedRecord, Reference } from "#shared/domain/records.ts";
import type { Connector, RemoteWrite, WriteResult } from "#shared/ports/connector.ts";

const { signal } = new AbortController();
const usd = (text: string) => parseMoney(text, "USD");

let simulator: XeroSimulator;
let connector: Connector;
let customer: Reference & { readonly externalId: string };
let count = 0;

beforeAll(async () => {
  simulator = await startXeroSimulator({
    token: "a-token-for-tests",
    tenantId: "fe79f7dd-b6d4-4a92-ba7b-538af6289c58",
    webhookKey: "webhook-key",
    baseCurrency: "USD",
    limits: { perMinute: 1_000 },
  });
  const settings = xeroSettings.parse({
    id: "books",
    system: "xero",
    baseUrl: simulator.url,
    identityUrl: simulator.url,
    tenantId: "fe79f7dd-b6d4-4a92-ba7b-538af6289c58",
    auth: { kind: "token", token: "a-token-for-tests" },
    webhookKey: "webhook-key",
    shippingAccountCode: "260",
    taxTypes: { standard: "OUTPUT", reduced: "TAX001", exempt: "NONE", gone: "OUTPUT99" },
  });
  connector = createXeroConnector(settings, { transport: createTransport(), now: Date.now });
});

afterAll(() => simulator.close());

beforeEach(() => {
  count += 1;
  const externalId = simulator.user.createContact({ Name: `Customer ${count}` });
  customer = { connection: "books", recordType: "customer", externalId };
});

describe("an invoice", () => {
  it.each([
    ["exclusive", "100.00", "115.00"],
    ["inclusive", "86.96", "100.00"],
    ["none", "100.00", "100.00"],
  ])(
    "with %s amounts has the tax that Xero works out by its lines",
    async (taxTreatment, net, total) => {
      const lines = [aLine({ taxCode: "standard" })];
      const { externalId } = written(
        await write("invoice", create({ taxTreatment, lines, currency: "USD" })),
      );

      const { fields } = await readOne("invoice", externalId);
      expect(fields).toMatchObject({
        taxTreatment,
        subtotal: usd(net),
        total: usd(total),
        amountDue: usd(total),
        allocations: [],
        lines: [
          { amount: usd("100.00"), ...(taxTreatment === "none" ? {} : { taxCode: "standard" }) },
        ],
      });
    },
  );

  it("keeps the names of its taxes and its freight apart, line by line", async () => {
    const lines = [
      aLine({ taxCode: "standard", unitPrice: "33.33", amount: usd("33.33") }),
      aLine({ taxCode: "reduced", quantity: "3", unitPrice: "0.1", amount: usd("0.30") }),
      aLine({ taxCode: "exempt", description: "Shipping", role: "shipping" }),
    ];
    const { externalId } = written(
      await write("invoice", create({ taxTreatment: "exclusive", lines, currency: "USD" })),
    );

    const { fields } = await readOne("invoice", externalId);
    expect(fields["lines"]).toMatchObject([
      { taxCode: "standard", tax: usd("5.00") },
      { taxCode: "reduced", tax: usd("0.02") },
      { taxCode: "exempt", tax: usd("0.00"), role: "shipping" },
    ]);
    expect(fields["tax"]).toEqual(usd("5.02"));
    const [record] = simulator
      .records("invoices")
      .filter(({ InvoiceID }) => InvoiceID === externalId);
    expect(record?.LineItems.map(({ AccountCode }) => AccountCode)).toEqual(["200", "200", "260"]);
  });

  it("changes its treatment together with its lines", async () => {
    const record = create({ taxTreatment: "none", lines: [aLine({ taxCode: "standard" })] });
    const { externalId } = written(await write("invoice", record));
    const owed = { taxTreatment: "exclusive" };

    written(
      await write("invoice", {
        ...record,
        externalId,
        fields: owed,
        record: { ...record.fields, ...owed },
      }),
    );

    expect((await readOne("invoice", externalId)).fields).toMatchObject({
      taxTreatment: "exclusive",
      total: usd("115.00"),
      lines: [{ taxCode: "standard" }],
    });
  });

  it("with a tax that the books do not have is refused, with the fix", async () => {
    const lines = [aLine({ taxCode: "gone" })];
    const result = await write("invoice", create({ taxTreatment: "exclusive", lines }));

    expect(result).toMatchObject({
      kind: "failed",
      failure: { kind: "rejected", code: "tax-type-unknown" },
    });
  });

  it("goes out at the rate that was agreed, else at the day's", async () => {
    const foreign = { currency: "EUR", lines: [aLine({ amount: parseMoney("100", "EUR") })] };
    const agreed = await write("invoice", create({ ...foreign, exchangeRate: "1.25" }));
    const open = await write("invoice", create(foreign));

    const rates = [agreed, open].map((result) => written(result).observed["exchangeRate"]);
    expect(rates[0]).toBe("1.25");
    expect(rates[1]).not.toBe("1");
    const unknown = await write(
      "invoice",
      create({ ...foreign, currency: "XAF", exchangeRate: "0.002" }),
    );
    expect(unknown).toMatchObject({ failure: { code: "currency-not-subscribed" } });
  });
});

describe("a credit note", () => {
  it("is made as a draft, read back the same, changed, and withdrawn", async () => {
    const record = create({
      taxTreatment: "exclusive",
      currency: "USD",
      issuedOn: "2026-11-02",
      lines: [aLine({ taxCode: "standard", discountRate: "0.125", amount: usd("87.50") })],
    });
    const made = written(await write("creditNote", record));

    const drafted = await readOne("creditNote", made.externalId);
    expect(drafted).toMatchObject({
      version: made.version,
      life: "live",
      fields: {
        status: "draft",
        reference: record.fields["reference"],
        customer,
        issuedOn: "2026-11-02",
        currency: "USD",
        taxTreatment: "exclusive",
        lines: [
          { unitPrice: "87.5", discountRate: "0", amount: usd("87.50"), taxCode: "standard" },
        ],
        subtotal: usd("87.50"),
        tax: usd("13.13"),
        total: usd("100.63"),
        allocations: [],
        amountOpen: usd("100.63"),
      },
    });
    const change = { ...record, externalId: made.externalId };
    written(await write("creditNote", { ...change, fields: { issuedOn: "2026-11-03" } }));
    written(await write("creditNote", { ...change, fields: { status: "deleted" } }));
    // A second time it is done already.
    written(await write("creditNote", { ...change, fields: { status: "deleted" } }));

    const ended = await readOne("creditNote", made.externalId);
    expect(ended.fields).toMatchObject({ status: "deleted", issuedOn: "2026-11-03" });
  });

  it("is found again by reference and customer after its answer was lost", async () => {
    const record = create({ lines: [aLine({})] });
    simulator.planFault({ route: "PUT /api.xro/2.0/CreditNotes", fault: "drop-after", times: 1 });
    const attemptedAtMs = Date.now();
    const lost = await write("creditNote", record);
    const requests = [record, create({ lines: [] })].map((one) => ({ write: one, attemptedAtMs }));

    const [found, other] = await connector.lookUp("creditNote", requests, signal);

    expect(lost).toMatchObject({ kind: "failed", failure: { kind: "uncertain" } });
    expect(found).toMatchObject({
      kind: "found",
      record: { recordType: "creditNote", fields: { reference: record.fields["reference"] } },
    });
    expect(other).toEqual({ kind: "not-found" });
  });

  it("settles invoices, and both sides tell the same of it and add up", async () => {
    const invoiceId = anIssuedInvoice("100.00");
    const noteId = anIssuedCreditNote("60.00");
    simulator.user.allocate(
      { kind: "CreditNote", id: noteId },
      { Invoice: { InvoiceID: invoiceId }, Amount: "40" },
    );

    const note = await readOne("creditNote", noteId);
    const invoice = await readOne("invoice", invoiceId);

    const use = { kind: "credit-note", source: noteId, target: invoiceId, amount: usd("40.00") };
    expect(note.fields).toMatchObject({ amountOpen: usd("20.00"), allocations: [use] });
    expect(invoice.fields).toMatchObject({
      amountCredited: usd("40.00"),
      amountDue: usd("60.00"),
      allocations: [{ ...use, allocatedOn: null }],
    });
  });

  it("comes in pages of changes, a supplier's never", async () => {
    const since = Date.now() - 60_000;
    const noteId = anIssuedCreditNote("60.00");
    const suppliers = simulator.user.createCreditNote({
      Type: "ACCPAYCREDIT",
      Contact: { ContactID: customer.externalId },
      LineItems: [{ Description: "Return", Quantity: "1", UnitAmount: "5", AccountCode: "400" }],
    });

    const page = await connector.readChanges("creditNote", { since, signal });
    const byId = await connector.readByIds("creditNote", [suppliers, "no-guid"], signal);

    const ids = page.records.map(({ externalId }) => externalId);
    expect(ids).toContain(noteId);
    expect(ids).not.toContain(suppliers);
    expect(byId.records).toMatchObject([{ externalId: suppliers, excluded: "bill", fields: {} }]);
    expect(byId.missing).toEqual(["no-guid"]);
  });

  it("that was issued takes no change of ours", async () => {
    const noteId = anIssuedCreditNote("60.00");
    const change = { ...create({}), externalId: noteId, fields: { status: "deleted" } };

    expect(await write("creditNote", change)).toMatchObject({
      kind: "failed",
      failure: { kind: "rejected", code: "document-not-editable" },
    });
  });
});

describe("payments", () => {
  it("of every kind are found by id, with what they were used for", async () => {
    const invoiceId = anIssuedInvoice("100.00");
    const noteId = anIssuedCreditNote("60.00");
    const account = { Account: { Code: "090" }, Date: "2026-11-10" };
    const receiptId = simulator.user.pay(invoiceId, { ...account, Amount: "10" });
    const refundId = simulator.user.refund(
      { kind: "CreditNote", id: noteId },
      { ...account, Amount: "15" },
    );
    const received = { ...issued("50.00"), BankAccount: { Code: "090" } };
    const depositId = simulator.user.receivePrepayment(received);
    const overpaymentId = simulator.user.receiveOverpayment({ ...received, Amount: "7" });
    const Invoice = { InvoiceID: invoiceId };
    simulator.user.allocate({ kind: "Prepayment", id: depositId }, { Invoice, Amount: "30" });
    const ids = [receiptId, refundId, depositId, overpaymentId];

    const { records, missing } = await connector.readByIds("payment", ids, signal);

    expect(missing).toEqual([]);
    const byId = new Map(records.map((record) => [record.externalId, record.fields]));
    expect(byId.get(receiptId)).toMatchObject({
      kind: "receipt",
      invoice: { recordType: "invoice", externalId: invoiceId },
      customer,
      amount: usd("10.00"),
    });
    expect(byId.get(refundId)).toMatchObject({
      kind: "refund",
      creditNote: { recordType: "creditNote", externalId: noteId },
      customer,
      amount: usd("15.00"),
    });
    expect(byId.get(depositId)).toMatchObject({
      kind: "deposit",
      customer,
      amount: usd("50.00"),
      amountOpen: usd("20.00"),
      allocations: [
        { kind: "deposit", source: depositId, target: invoiceId, amount: usd("30.00") },
      ],
    });
    expect(byId.get(overpaymentId)).toMatchObject({
      kind: "overpayment",
      amount: usd("7.00"),
      amountOpen: usd("7.00"),
      allocations: [],
    });
    const invoice = await readOne("invoice", invoiceId);
    expect(invoice.fields).toMatchObject({
      amountPaid: usd("10.00"),
      amountCredited: usd("30.00"),
      amountDue: usd("60.00"),
    });
  });

  it("come from three lists as changes of one record type", async () => {
    const since = Date.now() - 60_000;
    const invoiceId = anIssuedInvoice("100.00");
    const account = { Account: { Code: "090" }, Date: "2026-11-10" };
    const received = { ...issued("50.00"), BankAccount: { Code: "090" } };
    const made = [
      simulator.user.pay(invoiceId, { ...account, Amount: "10" }),
      simulator.user.receivePrepayment(received),
      simulator.user.receiveOverpayment({ ...received, Amount: "7" }),
    ];

    const read: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < 3; page += 1) {
      const changes = await connector.readChanges("payment", { since, cursor, signal });
      read.push(...changes.records.map(({ externalId }) => externalId));
      cursor = changes.nextCursor;
    }

    expect(cursor).toBeUndefined();
    expect(read).toEqual(expect.arrayContaining(made));
  });

  it("that were reversed or voided are deleted, and what they paid is open again", async () => {
    const invoiceId = anIssuedInvoice("100.00");
    const account = { Account: { Code: "090" }, Date: "2026-11-10" };
    const receiptId = simulator.user.pay(invoiceId, { ...account, Amount: "100" });
    const paid = await readOne("invoice", invoiceId);
    simulator.user.deletePayment(receiptId);
    const received = { ...issued("50.00"), BankAccount: { Code: "090" } };
    const depositId = simulator.user.receivePrepayment(received);
    simulator.user.voidPrepayment(depositId);

    const receipt = await readOne("payment", receiptId);
    const deposit = await readOne("payment", depositId);
    const invoice = await readOne("invoice", invoiceId);

    expect(paid.fields).toMatchObject({ status: "paid", amountDue: usd("0.00") });
    expect(receipt.fields["status"]).toBe("deleted");
    expect(deposit.fields["status"]).toBe("deleted");
    expect(invoice.fields).toMatchObject({
      status: "issued",
      amountDue: usd("100.00"),
      allocations: [],
    });
    expect(invoice.version).toBeGreaterThanOrEqual(paid.version);
  });
});

describe("the ledger", () => {
  it("says its currencies and the later of its lock dates", async () => {
    simulator.user.setLockDates({ periodLockDate: "2026-06-30", endOfYearLockDate: "2025-12-31" });

    const facts = await connector.readLedger?.(signal);

    simulator.user.setLockDates({ periodLockDate: "", endOfYearLockDate: "" });
    expect(facts).toMatchObject({ baseCurrency: "USD", lockedThrough: "2026-06-30" });
    expect(facts?.currencies).toEqual(expect.arrayContaining(["USD", "EUR"]));
  });
});

function anIssuedInvoice(amount: string): string {
  return simulator.user.createInvoice({ ...issued(amount), Type: "ACCREC", DueDate: "2026-12-31" });
}

function anIssuedCreditNote(amount: string): string {
  return simulator.user.createCreditNote({ ...issued(amount), Type: "ACCRECCREDIT" });
}

function issued(amount: string) {
  return {
    Contact: { ContactID: customer.externalId },
    Date: "2026-11-01",
    Status: "AUTHORISED",
    LineAmountTypes: "NoTax",
    LineItems: [{ Description: "Work", Quantity: "1", UnitAmount: amount, AccountCode: "200" }],
  };
}

function aLine(overrides: Partial<DocumentLine>): DocumentLine {
  return {
    product: null,
    productCode: null,
    description: "Work",
    quantity: "1",
    unitPrice: "100",
    discountRate: "0",
    amount: usd("100.00"),
    ...overrides,
  };
}

function create(overrides: Fields): RemoteWrite {
  count += 1;
  const fields = { reference: `HS-${count}`, customer, ...overrides };
  return {
    canonicalId: `invoice-${count}`,
    idempotencyKey: `key-${count}`,
    fields,
    record: fields,
  };
}

async function write(recordType: RecordType, one: RemoteWrite): Promise<WriteResult> {
  const [result, ...others] = await connector.write(recordType, [one], signal);
  if (result === undefined || others.length > 0) throw new Error("Expected one result");
  return result;
}

function written(result: WriteResult): Extract<WriteResult, { kind: "written" }> {
  if (result.kind === "failed") throw new Error(`Not written: ${result.failure.code}`);
  return result;
}

async function readOne(recordType: RecordType, externalId: string): Promise<ObservedRecord> {
  const { records, unreadable } = await connector.readByIds(recordType, [externalId], signal);
  const [record] = records.filter((one) => one.externalId === externalId);
  if (record === undefined) throw new Error(`Not read: ${unreadable[0]?.failure.code}`);
  return record;
}
