/**
 * What follows from a changed cross-reference, woken by the mapping table's stream:
 *
 * 1. a won order gives its draft invoice;
 * 2. an invoice or payment is noted under its order and its customer, whose billing fields and
 *    summary are computed anew from all that is noted there;
 * 3. whoever waited for the record is hinted.
 *
 * Everything is recomputed from its sources, so a repeated or reordered image changes nothing.
 */
import { limits } from "#shared/config/limits.ts";
import { dateOfEpochMs } from "#shared/domain/calendar.ts";
import { type CrossReference, sideOf } from "#shared/domain/cross-reference.ts";
import { deriveInvoice } from "#shared/domain/derive-invoice.ts";
import { derivedBy } from "#shared/domain/flow.ts";
import type {
  CanonicalId,
  ConnectionId,
  ExternalRef,
  RecordType,
} from "#shared/domain/identifiers.ts";
import { relatedDocumentOf } from "#shared/domain/related-document.ts";
import { type Fields, type FieldValue, isReference } from "#shared/domain/records.ts";
import { type RelatedDocument, summarizeCustomer, summarizeOrder } from "#shared/domain/summary.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import { concurrently } from "./concurrently.ts";
import type { DeriveDependencies } from "./dependencies.ts";
import { HintSender } from "./hint-sender.ts";
import { attemptMerge, type SightedRecord } from "./merge-observation.ts";
import { pendingReferences, resolveInward, waitKeyOfRef } from "./references.ts";
import { type Counted, Tally } from "./tally.ts";

/** One change of the mapping table. */
export type ChangeImage =
  | {
      readonly kind: "cross-reference";
      readonly previous?: CrossReference | undefined;
      readonly next: CrossReference;
      readonly newlyLinked: readonly ConnectionId[];
    }
  | {
      readonly kind: "external-reference";
      readonly ref: ExternalRef;
      readonly canonicalId: CanonicalId;
    };

export interface ImageBatch {
  /** The same when the batch is delivered again. */
  readonly receipt: string;
  readonly images: readonly ChangeImage[];
}

export async function deriveRecords(deps: DeriveDependencies, batch: ImageBatch): Promise<void> {
  const tally = new Tally();
  const hints = new HintSender(deps.deliveries, tally);
  const woken = await wakeWaiters(deps, batch.images, hints);
  const changed = await resolveParents(deps, [...newestImages(batch.images), ...woken]);
  const limit = limits.tableConcurrencyMax;

  const { receipt } = batch;
  const orders = changed.filter(({ recordType }) => recordType === "order");
  await concurrently(orders, limit, (order) =>
    deriveFromOrder(deps, order, { runId: order.runId, receipt }, hints),
  );

  const documents = await relateDocuments(deps, changed);
  const moved = leftParents(batch.images);
  const notes = [...documents, ...moved];
  await concurrently(notes, limit, ({ parent, document }) => deps.relations.put(parent, document));

  const parents = new Map(notes.map(({ parent, runId }) => [parent, runId]));
  await concurrently([...parents], limit, ([parent, runId]) =>
    sumUp(deps, parent, { runId, receipt }, hints),
  );
  await hints.send();
  await tally.save(deps.runs);
}

function sumUp(
  deps: DeriveDependencies,
  parent: CanonicalId,
  cause: Counted,
  hints: HintSender,
): Promise<void> {
  return parent.startsWith("order-")
    ? sumUpOrder(deps, parent, cause, hints)
    : sumUpCustomer(deps, parent, cause, hints);
}

/** Computes a customer's summary as of today; also called when a due date has passed. */
export async function sumUpCustomer(
  deps: DeriveDependencies,
  customerId: CanonicalId,
  cause: Counted,
  hints: HintSender,
): Promise<void> {
  const today = dateOfEpochMs(deps.clock());
  // The cross-reference is read before its documents: whoever saves it after a later reading of the
  // documents makes this save stale, and the sum is taken again.
  await deriveOnto(deps, customerId, "customer", cause, hints, async () => {
    const { fields, nextDueOn } = summarizeCustomer(await deps.relations.list(customerId), today);
    await deps.relations.setDueOn(customerId, nextDueOn);
    return fields;
  });
}

async function sumUpOrder(
  deps: DeriveDependencies,
  orderId: CanonicalId,
  cause: Counted,
  hints: HintSender,
): Promise<void> {
  await deriveOnto(deps, orderId, "order", cause, hints, async () =>
    summarizeOrder(await deps.relations.list(orderId)),
  );
}

async function deriveFromOrder(
  deps: DeriveDependencies,
  order: CrossReference,
  cause: Counted,
  hints: HintSender,
): Promise<void> {
  const customerId = canonicalIdIn(order.fields["customer"]);
  const customer =
    customerId === undefined ? undefined : (await deps.xrefs.load([customerId])).get(customerId);
  const terms = customer?.fields["paymentTermsDays"];
  const derivation = deriveInvoice(order, typeof terms === "number" ? terms : undefined);
  const ref = anySideOf(order);
  switch (derivation.kind) {
    case "none":
      return;
    case "held":
      if (ref !== undefined) {
        const failure = { kind: "rejected" as const, code: derivation.code, fix: derivation.fix };
        const parkedAt = new Date(deps.clock()).toISOString();
        await deps.parked.park({ ...ref, failure, parkedAt });
      }
      return;
    case "invoice": {
      if (ref !== undefined) await deps.parked.unpark([ref]);
      const { canonicalId, fields } = derivation;
      await deriveOnto(deps, canonicalId, "invoice", cause, hints, async () => fields);
    }
  }
}

/**
 * Merges computed fields as what the connection `tieout` says. A lost race computes them anew: what
 * was computed before it may be older than what won.
 */
async function deriveOnto(
  deps: DeriveDependencies,
  canonicalId: CanonicalId,
  recordType: RecordType,
  cause: Counted,
  hints: HintSender,
  compute: () => Promise<Fields>,
): Promise<void> {
  const flow = deps.flows[recordType];
  let matches: ReadonlyMap<string, CanonicalId> = new Map();
  for (let tries = 0; tries < limits.saveTriesMax; tries += 1) {
    const xrefs = await deps.xrefs.load([canonicalId]);
    // Only an invoice is made by derivation; a customer or order that is gone has nothing to sum up.
    if (recordType !== "invoice" && !xrefs.has(canonicalId)) return;
    const sighted: SightedRecord = {
      connection: derivedBy,
      capturedAt: new Date(deps.clock()).toISOString(),
      runId: cause.runId,
      record: {
        recordType,
        externalId: canonicalId,
        registeredId: canonicalId,
        version: xrefs.get(canonicalId)?.revision ?? 0,
        life: "live",
        fields: await compute(),
      },
    };
    const known = { refs: new Map(), matches, xrefs };
    const attempt = await attemptMerge(deps.xrefs, flow, sighted, known);
    if (attempt.outcome === "merged") {
      const { kind, xref, owed } = attempt.merged;
      if (kind === "applied") hints.add(xref, owed, cause);
      return;
    }
    matches = await deps.xrefs.findMatches(attempt.claimed);
  }
  throw new SyncError({ kind: "retryable", code: "save-contended" });
}

interface Note {
  readonly parent: CanonicalId;
  readonly document: RelatedDocument;
  readonly runId: string | undefined;
}

/** Each document under the records that its money rolls up to. */
async function relateDocuments(
  deps: DeriveDependencies,
  changed: readonly CrossReference[],
): Promise<Note[]> {
  const payments = changed.filter(({ recordType }) => recordType === "payment");
  const invoiceIds = payments.flatMap(({ fields }) => canonicalIdIn(fields["invoice"]) ?? []);
  const invoices = await deps.xrefs.load(invoiceIds);
  return changed.flatMap((xref) => {
    const document = relatedDocumentOf(xref);
    if (document === undefined) return [];
    const paidId = canonicalIdIn(xref.fields["invoice"]);
    const holder =
      xref.recordType === "invoice" || paidId === undefined ? xref : invoices.get(paidId);
    return parentsOf(holder).map((parent) => ({ parent, document, runId: xref.runId }));
  });
}

/** A document that moved to another parent counts for nothing under the one it left. */
function leftParents(images: readonly ChangeImage[]): Note[] {
  return images.flatMap((image) => {
    if (image.kind !== "cross-reference" || image.next.recordType !== "invoice") return [];
    const kept = new Set(parentsOf(image.next));
    const document = relatedDocumentOf(image.next);
    if (document?.kind !== "invoice") return [];
    const voided = { ...document, status: "void" as const };
    const left = parentsOf(image.previous).filter((parent) => !kept.has(parent));
    return left.map((parent) => ({ parent, document: voided, runId: image.next.runId }));
  });
}

function parentsOf(document: CrossReference | undefined): CanonicalId[] {
  const { customer, order } = document?.fields ?? {};
  return [canonicalIdIn(customer), canonicalIdIn(order)].filter((id) => id !== undefined);
}

/**
 * Fills in references that became known since the record was saved. A document whose parent is not
 * known yet waits for it here, as a delivery would.
 */
async function resolveParents(
  deps: DeriveDependencies,
  changed: readonly CrossReference[],
): Promise<CrossReference[]> {
  const pending = changed.flatMap(parentReferences);
  const known = await deps.xrefs.findExternalRefs(pending);
  const resolved = changed.map((xref) => withKnown(xref, known));
  const orphans = resolved.filter((xref) => parentReferences(xref).length > 0);
  if (orphans.length === 0) return resolved;
  await concurrently(orphans, limits.tableConcurrencyMax, async (xref) => {
    for (const ref of parentReferences(xref)) {
      const { canonicalId, recordType, runId } = xref;
      const waiter = { connection: derivedBy, canonicalId, recordType, runId };
      await deps.waits.register(waitKeyOfRef(ref), waiter);
    }
  });
  // Whoever linked the parent before the wait was stored did not see it: look once more.
  const late = await deps.xrefs.findExternalRefs(orphans.flatMap(parentReferences));
  return resolved.map((xref) => withKnown(xref, late));
}

function withKnown(
  xref: CrossReference,
  known: ReadonlyMap<string, { readonly canonicalId: CanonicalId }>,
): CrossReference {
  return known.size === 0 ? xref : { ...xref, fields: resolveInward(xref.fields, known) };
}

function parentReferences(xref: CrossReference): ExternalRef[] {
  const { customer, invoice } = xref.fields;
  if (xref.recordType === "order") return [];
  return pendingReferences({ customer, invoice });
}

/** Hints whoever waited; answers the documents that waited for a parent. */
async function wakeWaiters(
  deps: DeriveDependencies,
  images: readonly ChangeImage[],
  hints: HintSender,
): Promise<CrossReference[]> {
  const keys = images.flatMap((image): { key: string; connection?: ConnectionId }[] => {
    if (image.kind === "external-reference") return [{ key: waitKeyOfRef(image.ref) }];
    const { canonicalId } = image.next;
    return image.newlyLinked.map((connection) => ({ key: canonicalId, connection }));
  });
  const documents: CanonicalId[] = [];
  await concurrently(keys, limits.tableConcurrencyMax, async ({ key, connection }) => {
    for (const waiter of await deps.waits.list(key, connection)) {
      if (waiter.connection === derivedBy) documents.push(waiter.canonicalId);
      else hints.wake(waiter);
      await deps.waits.remove(key, waiter);
    }
  });
  return [...(await deps.xrefs.load(documents)).values()];
}

/** Of several images of one record, the last. */
function newestImages(images: readonly ChangeImage[]): CrossReference[] {
  const newest = new Map<CanonicalId, CrossReference>();
  for (const image of images) {
    if (image.kind !== "cross-reference") continue;
    const held = newest.get(image.next.canonicalId);
    if (held === undefined || held.revision < image.next.revision) {
      newest.set(image.next.canonicalId, image.next);
    }
  }
  return [...newest.values()];
}

function canonicalIdIn(value: FieldValue | undefined): CanonicalId | undefined {
  return isReference(value) && "canonicalId" in value ? value.canonicalId : undefined;
}

/** A place where the order is known to people: the CRM's, else the first. */
function anySideOf(order: CrossReference): ExternalRef | undefined {
  const { recordType } = order;
  for (const connection of ["crm", ...Object.keys(order.sides)]) {
    const { externalId } = sideOf(order, connection);
    if (externalId !== undefined && connection !== derivedBy) {
      return { connection, recordType, externalId };
    }
  }
  return undefined;
}
