import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { digestField } from "#shared/domain/fingerprint.ts";
import type {
  CanonicalId,
  ConnectionId,
  ExternalRef,
  RecordType,
} from "#shared/domain/identifiers.ts";

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

/** The fields from which something is derived; a change of others derives nothing new. */
const sourceFields: Readonly<Partial<Record<RecordType, readonly string[]>>> = {
  order: [
    "number",
    "customer",
    "status",
    "orderedOn",
    "dueOn",
    "currency",
    "exchangeRate",
    "taxTreatment",
    "lines",
    "shipping",
    "billingPeriod",
    "billingStartsOn",
    "billingEndsOn",
  ],
  invoice: [
    "number",
    "customer",
    "order",
    "status",
    "dueOn",
    "currency",
    "exchangeRate",
    "lines",
    "total",
    "tax",
    "amountPaid",
    "amountCredited",
    "amountDue",
    "allocations",
    "costOfSales",
  ],
  creditNote: [
    "number",
    "customer",
    "invoice",
    "order",
    "status",
    "currency",
    "exchangeRate",
    "lines",
    "total",
    "tax",
    "allocations",
    "amountOpen",
    "costOfSales",
  ],
  payment: [
    "kind",
    "invoice",
    "creditNote",
    "customer",
    "status",
    "paidOn",
    "amount",
    "amountOpen",
  ],
};

/** Of several images of one record the last, where any of them changed what something is derived from. */
export function derivationSources(images: readonly ChangeImage[]): CrossReference[] {
  const newest = new Map<CanonicalId, CrossReference>();
  const relevant = new Set<CanonicalId>();
  for (const image of images) {
    if (image.kind !== "cross-reference") continue;
    const { next, previous } = image;
    const isRelevant =
      hasNewSources(previous, next) || hasNewLife(previous, next) || isDecided(previous, next);
    if (isRelevant) relevant.add(next.canonicalId);
    const held = newest.get(next.canonicalId);
    if (held === undefined || held.revision < next.revision) newest.set(next.canonicalId, next);
  }
  return [...newest.values()].filter(({ canonicalId }) => relevant.has(canonicalId));
}

/** A person decided about a correction of the order's invoice. */
function isDecided(previous: CrossReference | undefined, next: CrossReference): boolean {
  return JSON.stringify(previous?.corrections) !== JSON.stringify(next.corrections);
}

/** It ended, came back, or was merged, in any system. */
export function hasNewLife(previous: CrossReference | undefined, next: CrossReference): boolean {
  return livesOf(previous) !== livesOf(next);
}

function livesOf(xref: CrossReference | undefined): string {
  if (xref === undefined) return '[""]';
  const ended = Object.values(xref.sides).flatMap((side) => side.ended?.life ?? []);
  return JSON.stringify([...ended.sort(), ...(xref.absorbed ?? []), xref.mergedInto ?? ""]);
}

/** Documents of which something changed that their cost of sales rests on. */
export function costSources(images: readonly ChangeImage[]): ReadonlySet<CanonicalId> {
  const changed = new Set<CanonicalId>();
  for (const image of images) {
    if (image.kind !== "cross-reference") continue;
    const { previous, next } = image;
    if (hasChanged(costFields, previous, next)) changed.add(next.canonicalId);
  }
  return changed;
}

const costFields = ["lines", "order", "currency", "exchangeRate"];

function hasNewSources(previous: CrossReference | undefined, next: CrossReference): boolean {
  return hasChanged(sourceFields[next.recordType] ?? [], previous, next);
}

function hasChanged(
  fields: readonly string[],
  previous: CrossReference | undefined,
  next: CrossReference,
): boolean {
  return fields.some((field) => {
    const [before, after] = [previous?.fields[field], next.fields[field]];
    if (before === undefined || after === undefined) return before !== after;
    return digestField(before) !== digestField(after);
  });
}
