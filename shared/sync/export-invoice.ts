/**
 * An issued invoice or credit note as an e-invoice.
 *
 * 1. Find the record by its canonical id, and its place in the books.
 * 2. Read it from the books as it is now: the golden record does not know the books' tax of a line.
 * 3. Find its customer, and the invoice that a credit note takes back, in the mapping table.
 * 4. Build the e-invoice, ask the rules, write it.
 *
 * Nothing is changed anywhere; asked twice of the same document it gives the same text.
 */
import {
  buildEInvoice,
  type EInvoiceSettings,
  type EInvoiceSource,
} from "#shared/domain/e-invoice/build-e-invoice.ts";
import type { EInvoice } from "#shared/domain/e-invoice/model.ts";
import type { EInvoiceRefusal } from "#shared/domain/e-invoice/refusal.ts";
import type { RuleFinding } from "#shared/domain/e-invoice/rule-finding.ts";
import { isLinked, sideOf } from "#shared/domain/cross-reference.ts";
import { type CanonicalId, externalRefKey, type RecordType } from "#shared/domain/identifiers.ts";
import {
  type Fields,
  type FieldValue,
  isAllocations,
  isReference,
  type ObservedRecord,
  type Reference,
} from "#shared/domain/records.ts";
import type { Connector } from "#shared/ports/connector.ts";
import type { CrossReferenceStore } from "#shared/ports/mapping-table.ts";
import { recordUnknown } from "./operator-outcome.ts";

export interface ExportDependencies {
  readonly xrefs: Pick<CrossReferenceStore, "load" | "findExternalRefs">;
  readonly books: Connector;
  /** Absent where the books' connection says nothing of e-invoices. */
  readonly settings: EInvoiceSettings | undefined;
  readonly write: (invoice: EInvoice) => string;
}

export type ExportOutcome =
  | {
      readonly kind: "exported";
      readonly number: string;
      readonly text: string;
      /** Differences that the rules give room for: tax that the books rounded line by line. */
      readonly notes: readonly RuleFinding[];
    }
  | EInvoiceRefusal;

const kinds: ReadonlyMap<RecordType, EInvoiceSource["kind"]> = new Map([
  ["invoice", "invoice"],
  ["creditNote", "credit-note"],
]);

/** Throws SyncError where the books or the table cannot be asked. */
export async function exportInvoice(
  deps: ExportDependencies,
  canonicalId: CanonicalId,
  signal: AbortSignal,
): Promise<ExportOutcome> {
  const xref = (await deps.xrefs.load([canonicalId])).get(canonicalId);
  if (xref === undefined) return recordUnknown;
  const kind = kinds.get(xref.recordType);
  if (kind === undefined) {
    const fix = "Give the canonical id of an invoice or a credit note.";
    return refused("e-invoice-type-unsupported", fix);
  }
  if (deps.settings === undefined) {
    const fix = "Fill in eInvoice in the settings of the books' connection, docs/e-invoices.md.";
    return refused("e-invoice-settings-missing", fix);
  }
  const side = sideOf(xref, deps.books.connection);
  if (!isLinked(side)) {
    return refused("document-not-in-books", "Wait until the document is in the books.");
  }
  const document = await readDocument(deps.books, xref.recordType, side.externalId, signal);
  if ("code" in document) return document;
  const customer = await goldenFieldsOf(deps, document.fields["customer"]);
  if (customer === undefined) {
    const fix = "Let the customer come in first: POST /syncs, then export again.";
    return { ...refused("e-invoice-field-missing", fix), field: "customer" };
  }
  const source: EInvoiceSource = {
    kind,
    document: document.fields,
    customer,
    precedingInvoice: await precedingInvoiceOf(deps, xref.fields, document.fields),
  };
  const built = buildEInvoice(source, deps.settings);
  if (built.kind === "refused") return built;
  const { invoice, notes } = built;
  return { kind: "exported", number: invoice.number, text: deps.write(invoice), notes };
}

async function readDocument(
  books: Connector,
  recordType: RecordType,
  externalId: string,
  signal: AbortSignal,
): Promise<ObservedRecord | EInvoiceRefusal> {
  const { records, unreadable } = await books.readByIds(recordType, [externalId], signal);
  const isMeant = (one: { recordType: RecordType; externalId: string }): boolean =>
    one.recordType === recordType && one.externalId === externalId;
  const record = records.find(isMeant);
  if (record !== undefined && record.life === "live") return record;
  const failure = unreadable.find(isMeant)?.failure;
  if (failure !== undefined) {
    const fix = failure.fix ?? "Correct the document in the books.";
    return { ...refused(failure.code, fix), field: failure.field };
  }
  return refused("record-gone", "The document is not in the books any more.");
}

/** The invoice that a credit note takes back, as we know it; else the one it was first used for. */
async function precedingInvoiceOf(
  deps: ExportDependencies,
  golden: Fields,
  shown: Fields,
): Promise<string | null> {
  const { allocations } = shown;
  const used = isAllocations(allocations)
    ? allocations.find((one) => one.kind === "credit-note")?.target
    : undefined;
  const { connection } = deps.books;
  const candidates: readonly (FieldValue | undefined)[] = [
    shown["invoice"],
    golden["invoice"],
    ...(used === undefined
      ? []
      : [{ connection, recordType: "invoice", externalId: used } as const]),
  ];
  for (const candidate of candidates) {
    const number = (await goldenFieldsOf(deps, candidate))?.["number"];
    if (typeof number === "string") return number;
  }
  return null;
}

/** The golden record that a reference leads to; `undefined` where it is none or leads nowhere. */
async function goldenFieldsOf(
  deps: ExportDependencies,
  value: FieldValue | undefined,
): Promise<Fields | undefined> {
  if (!isReference(value)) return undefined;
  const id = await canonicalIdIn(deps, value);
  return id === undefined ? undefined : (await deps.xrefs.load([id])).get(id)?.fields;
}

async function canonicalIdIn(
  { xrefs }: ExportDependencies,
  reference: Reference,
): Promise<CanonicalId | undefined> {
  if ("canonicalId" in reference) return reference.canonicalId;
  const refs = await xrefs.findExternalRefs([reference]);
  return refs.get(externalRefKey(reference))?.canonicalId;
}

function refused(code: string, fix: string): EInvoiceRefusal {
  return { kind: "refused", code, fix };
}
