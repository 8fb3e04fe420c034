import { describe, expect, it } from "vitest";
import { writeUbl } from "#shared/connectors/file/ubl-write.ts";
import { buildEInvoice } from "#shared/domain/e-invoice/build-e-invoice.ts";
import type { Fields } from "#shared/domain/records.ts";
import { customerFlow } from "#shared/flows/customer.ts";
import { readBankFile } from "#shared/runtime/bank-statement-reading.ts";
import { eInvoiceReading } from "#shared/runtime/e-invoice-reading.ts";
import { importXmlFile } from "#shared/sync/import-xml.ts";
import { type ADocument, aCustomer, aSource, eInvoiceSettings } from "#test/support/e-invoices.ts";
import { createMemoryBankRows } from "#test/support/memory-bank-rows.ts";
import { createMemoryWorld, type MemoryWorld } from "#test/support/memory-world.ts";

const { signal } = new AbortController();

const anInvoice: ADocument = { lines: [{ description: "Queso", quantity: "12", unitPrice: "14" }] };
const aCreditNote: ADocument = { ...anInvoice, kind: "credit-note" };

function ublOf(document: ADocument): string {
  const outcome = buildEInvoice(aSource(document), eInvoiceSettings);
  if (outcome.kind !== "built") throw new Error(outcome.code);
  return writeUbl(outcome.invoice);
}

/** Books that hold the customer and the document, and a CRM that has been told of them. */
async function worldWith(document: ADocument, over: Fields = {}): Promise<MemoryWorld> {
  const world = createMemoryWorld();
  const isInvoice = document.kind !== "credit-note";
  await world.sight("books", {
    recordType: "customer",
    externalId: "C-1",
    version: 1,
    life: "live",
    fields: aCustomer,
  });
  await world.sight("books", {
    recordType: isInvoice ? "invoice" : "creditNote",
    externalId: "D-1",
    version: 1,
    life: "live",
    fields: {
      ...aSource(document).document,
      customer: { connection: "books", recordType: "customer", externalId: "C-1" },
      allocations: [],
      ...over,
    },
  });
  await world.settle();
  return world;
}

async function drop({ ports }: MemoryWorld, text: string, key = "INV-0042.xml") {
  await ports.runs.start({ runId: "run-1", kind: "import", startedAt: "", subject: key });
  const counted = await importXmlFile(
    {
      ...ports,
      customerFlow,
      bankRows: createMemoryBankRows(),
      readStatements: readBankFile,
      readEInvoice: eInvoiceReading.read,
    },
    { key, droppedAtMs: 1_000 },
    { kind: "xml", document: "e-invoice", content: new TextEncoder().encode(text) },
    "run-1",
    signal,
  );
  const result = ports.files.published.get(`${key}.result.csv`)?.content ?? "";
  return { counted, lines: result.split("\r\n").slice(1, -1) };
}

const saved = ({ ports }: MemoryWorld) =>
  ports.all().map(({ canonicalId, fields }) => ({ canonicalId, fields }));

describe("an e-invoice in the inbox", () => {
  it.each([
    ["invoice", anInvoice, "INV-0042"],
    ["creditNote", aCreditNote, "CN-0007"],
  ] as const)(
    "that says what the books say is linked to its %s, and changes nothing",
    async (type, document, number) => {
      const world = await worldWith(document);
      const before = saved(world);
      const writes = () => world.crm.calls.write + world.books.calls.write;
      const writesBefore = writes();

      const { counted, lines } = await drop(world, ublOf(document));
      await world.settle();

      expect(counted).toEqual({ rowCount: 1, rejectedRowCount: 0, recordCount: 1 });
      expect(lines).toEqual([`${number},1,applied,,,,,,,run-1`]);
      expect(saved(world)).toEqual(before);
      expect(writes()).toBe(writesBefore);
      const ref = { connection: "e-invoices", recordType: type, externalId: number };
      const [entry] = (await world.ports.xrefs.findExternalRefs([ref])).values();
      const [xref] = world.ports.all().filter(({ recordType }) => recordType === type);
      expect(entry?.canonicalId).toBe(xref?.canonicalId);
      expect((await world.ports.runs.get("run-1"))?.counts).toMatchObject({
        records: 1n,
        applied: 1n,
      });
    },
  );

  it("dropped twice is found unchanged", async () => {
    const world = await worldWith(anInvoice);
    for (const key of ["a.xml", "b.xml"]) await drop(world, ublOf(anInvoice), key);
    await world.settle();

    expect(world.ports.all().length).toBe(2);
  });

  it("that breaks a rule is rejected with the rule, the field and what to do", async () => {
    const world = await worldWith(anInvoice);
    const broken = ublOf(anInvoice).replace(
      'TaxInclusiveAmount currencyID="EUR">210.00',
      'TaxInclusiveAmount currencyID="EUR">210.01',
    );

    const { counted, lines } = await drop(world, broken);

    expect(counted).toEqual({ rowCount: 1, rejectedRowCount: 1, recordCount: 0 });
    expect(lines[0]).toMatch(/^INV-0042,1,rejected,"e-invoice-rule-broken/);
    expect(lines[0]).toContain(
      "Have the document corrected by whoever made it: BR-CO-15 asks for 210.00.",
    );
  });

  it.each([
    ["another day", { issuedOn: "2026-11-28" }, "issuedOn,2026-11-27", "2026-11-28"],
    ["that it was voided", { status: "void" }, "status,issued", "void"],
  ] as const)("is rejected where the books show %s", async (_name, over, cell, shown) => {
    const world = await worldWith(anInvoice, over);

    const { lines } = await drop(world, ublOf(anInvoice));

    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`INV-0042,1,rejected,e-invoice-differs,${cell},`);
    expect(lines[0]).toContain(shown);
  });

  it("of a customer that nobody knows is rejected, and makes none", async () => {
    const world = createMemoryWorld();

    const { lines } = await drop(world, ublOf(anInvoice));

    expect(lines[0]).toContain(",e-invoice-customer-unknown,");
    expect(world.ports.all()).toEqual([]);
  });

  it("that the books do not have is rejected, and makes none", async () => {
    const world = await worldWith(anInvoice, { number: "INV-0043" });
    const before = saved(world);

    const { lines } = await drop(world, ublOf(anInvoice));

    expect(lines[0]).toContain("INV-0042,1,rejected,e-invoice-unknown,ID,INV-0042,");
    expect(saved(world)).toEqual(before);
  });

  it("is found by a customer that took the one it names in", async () => {
    const world = await worldWith(anInvoice);
    await world.sight("books", {
      recordType: "customer",
      externalId: "C-2",
      version: 2,
      life: "live",
      mergedFrom: ["C-1"],
      fields: aCustomer,
    });
    await world.settle();

    expect((await drop(world, ublOf(anInvoice))).lines).toEqual(["INV-0042,1,applied,,,,,,,run-1"]);
  });
});
