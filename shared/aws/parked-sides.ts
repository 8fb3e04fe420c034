/** The sides of a cross-reference that wait for a person, as the list of parked records shows them. */
import type { CrossReference, Side } from "#shared/domain/cross-reference.ts";
import type { Failure } from "#shared/domain/sync-error.ts";
import type { ParkedRecord } from "#shared/ports/mapping-table.ts";

/** One entry per rejected or conflicting side, in the order of the connections' names. */
export function parkedSidesOf(xref: CrossReference): ParkedRecord[] {
  const parked: ParkedRecord[] = [];
  for (const connection of Object.keys(xref.sides).sort()) {
    const side = xref.sides[connection];
    if (side === undefined || !isParked(side)) continue;
    parked.push({
      connection,
      recordType: xref.recordType,
      ...(side.externalId === undefined ? {} : { externalId: side.externalId }),
      canonicalId: xref.canonicalId,
      failure: failureOf(side),
      parkedAt: side.conflicts?.[0]?.at ?? xref.changedAt,
    });
  }
  return parked;
}

/**
 * When the first of the sides was set aside; undefined where none is. A refused write was decided by
 * the record's last change, so that is its time.
 */
export function parkedAtOf(xref: CrossReference): string | undefined {
  return parkedSidesOf(xref)
    .map((record) => record.parkedAt)
    .sort()
    .at(0);
}

function isParked(side: Side): boolean {
  return side.state === "rejected" || side.state === "conflict";
}

function failureOf(side: Side): Failure {
  if (side.failure !== undefined) return side.failure;
  if (side.state === "rejected") return { kind: "rejected", code: "write-refused" };
  const fields = (side.conflicts ?? []).map((conflict) => conflict.field);
  return {
    kind: "conflict",
    code: "field-conflict",
    field: fields.join(", "),
    fix: "Set the field to the same value in both systems.",
  };
}
