/** The sides of a cross-reference that wait for a person, as the list of parked records shows them. */
import type { CrossReference, Side } from "#shared/domain/cross-reference.ts";
import type { Failure } from "#shared/domain/sync-error.ts";
import type { ParkedRecord } from "#shared/ports/mapping-table.ts";

/** One entry per side that waits for a person, in the order of the connections' names. */
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
      parkedAt: side.conflicts?.[0]?.at ?? side.review?.at ?? xref.changedAt,
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
  const isForPerson = ["rejected", "conflict", "awaiting-approval"].includes(side.state);
  return isForPerson || side.review !== undefined;
}

function failureOf(side: Side): Failure {
  if (side.failure !== undefined) return side.failure;
  if (side.state === "rejected") return { kind: "rejected", code: "write-refused" };
  if (side.state === "awaiting-approval") {
    return {
      kind: "conflict",
      code: "run-awaits-approval",
      fix: "Look at what the run changed, then approve it or correct its source.",
    };
  }
  if (side.state !== "conflict" && side.review !== undefined) {
    return {
      kind: "conflict",
      code: side.review.code,
      fix: "Archive the record here, restore it where it ended, or dismiss this notice.",
    };
  }
  const fields = (side.conflicts ?? []).map((conflict) => conflict.field);
  return {
    kind: "conflict",
    code: "field-conflict",
    field: fields.join(", "),
    fix: "Set the field to the same value in both systems.",
  };
}
