import { beforeEach, describe, expect, it } from "vitest";
import { readUbl } from "#shared/connectors/file/ubl-read.ts";
import { writeUbl } from "#shared/connectors/file/ubl-write.ts";
import type { Fields } from "#shared/domain/records.ts";
import { type ExportDependencies, exportInvoice } from "#shared/sync/export-invoice.ts";
import { type ADocument, aCustomer, aSource, eInvoiceSettings } from "#test/support/e-invoices.ts";
import { createMemoryWorld, type MemoryWorld } from "#test/support/memory-world.ts";

const { signal } = new AbortController();

let world: MemoryWorld;
let customerId: string;
let deps: ExportDependencies;

beforeEach(async () => {
  world = createMemoryWorld();
  customerId = world.books.edit("customer", undefined, aCustomer);
  await world.poll("full");
  await world.settle();
  const { xrefs } = world.ports;
  deps = { xrefs, books: world.books, settings: eInvoiceSettings, write: writeUbl };
});

/** A document that somebody made in the books and that was polled; its canonical id. */
async function booked(
  recordType: "invoice" | "creditNote",
  document: ADocument,
  more: Fields = {},
): Promise<{ id: string; externalId: string }> {
  const { document: fields } = aSource(document);
  const customer = { connection: "books", recordType: "customer", externalId: customerId } as const;
  const externalId = world.books.edit(recordType, undefined, { ...fields, customer, ...more });
  await world.poll("full");
  await world.settle();
  return { id: await idOf(recordType, externalId), externalId };
}

async function idOf(recordType: "invoice" | "creditNote" | "customer", externalId: string) {
  const found = await world.ports.xrefs.findExternalRefs([
    { connection: "books", recordType, externalId },
  ]);
  const [entry] = found.values();
  if (entry === undefined) throw new Error(`${recordType} ${externalId} is not known`);
  return entry.canonicalId;
}

const lines = [{ description: "Cheese", quantity: "3", unitPrice: "10" }];

async function refusalOf(id: string, given: Partial<ExportDependencies> = {}): Promise<string> {
  const outcome = await exportInvoice({ ...deps, ...given }, id, signal);
  if (outcome.kind === "exported") throw new Error("the document was exported");
  if (outcome.fix === "") throw new Error(`${outcome.code} has no fix`);
  return `${outcome.code} ${outcome.field ?? ""}`.trim();
}

describe("exportInvoice", () => {
  it("gives an issued invoice as the books show it, with its customer, twice the same", async () => {
    const { id } = await booked("invoice", { lines });
    const outcome = await exportInvoice(deps, id, signal);
    const again = await exportInvoice(deps, id, signal);

    expect(outcome).toMatchObject({ kind: "exported", number: "INV-0042", notes: [] });
    expect(again).toEqual(outcome);
    const text = outcome.kind === "exported" ? outcome.text : "";
    expect(readUbl(new TextEncoder().encode(text)).invoice).toMatchObject({
      kind: "invoice",
      number: "INV-0042",
      buyer: { name: aCustomer["name"], countryCode: "SE" },
      seller: { name: eInvoiceSettings.seller.name },
    });
  });

  it("reads the document anew: what the books changed a moment ago is in it", async () => {
    const { id, externalId } = await booked("invoice", { lines });
    world.books.edit("invoice", externalId, { number: "INV-0043" });

    expect(await exportInvoice(deps, id, signal)).toMatchObject({ number: "INV-0043" });
  });

  it("gives a credit note the number of the invoice that it takes back", async () => {
    const { externalId } = await booked("invoice", { lines });
    const invoice = { connection: "books", recordType: "invoice", externalId } as const;
    const { id } = await booked("creditNote", { kind: "credit-note", lines }, { invoice });
    const outcome = await exportInvoice(deps, id, signal);

    expect(outcome.kind === "exported" && outcome.text).toContain(
      "<cac:InvoiceDocumentReference>\n      <cbc:ID>INV-0042</cbc:ID>",
    );
  });

  it("finds that invoice by what the credit note was used for, where nobody said it", async () => {
    const { externalId } = await booked("invoice", { lines });
    const { document } = aSource({ kind: "credit-note", lines });
    const amount = document["total"];
    if (typeof amount !== "object" || amount === null || !("minor" in amount))
      throw new Error("no");
    const allocations = [
      {
        kind: "credit-note",
        source: "c-1",
        target: externalId,
        amount,
        allocatedOn: null,
      } as const,
    ];
    const { id } = await booked("creditNote", { kind: "credit-note", lines }, { allocations });
    const outcome = await exportInvoice(deps, id, signal);

    expect(outcome.kind === "exported" && outcome.text).toContain("<cbc:ID>INV-0042</cbc:ID>");
  });

  it("refuses what is not issued, with what to do", async () => {
    const { id } = await booked("invoice", { lines, fields: { status: "draft" } });

    expect(await exportInvoice(deps, id, signal)).toEqual({
      kind: "refused",
      code: "document-not-issued",
      fix: "Approve the document in the books, then export it.",
    });
  });

  it("refuses what was voided", async () => {
    const { id } = await booked("invoice", { lines, fields: { status: "void" } });

    expect(await refusalOf(id)).toBe("document-ended");
  });

  it("refuses without settings, and another type of record", async () => {
    const { id } = await booked("invoice", { lines });

    expect(await refusalOf(id, { settings: undefined })).toBe("e-invoice-settings-missing");
    expect(await refusalOf(await idOf("customer", customerId))).toBe("e-invoice-type-unsupported");
    expect(await refusalOf("invoice-000000000000000000000000")).toBe("record-unknown");
  });

  it("refuses what is gone from the books", async () => {
    const { id, externalId } = await booked("invoice", { lines });
    world.books.end("invoice", externalId, "deleted");

    expect(await refusalOf(id)).toBe("record-gone");
  });

  it("refuses a document whose customer nobody has seen", async () => {
    const customer = { connection: "books", recordType: "customer", externalId: "c-9" } as const;
    const { id } = await booked("invoice", { lines }, { customer });

    expect(await refusalOf(id)).toBe("e-invoice-field-missing customer");
  });

  it("throws what the books answer when they cannot be asked", async () => {
    const { id } = await booked("invoice", { lines });
    world.books.failNextReads({ kind: "retryable", code: "remote-unavailable" });

    await expect(exportInvoice(deps, id, signal)).rejects.toThrow("remote-unavailable");
  });
});
