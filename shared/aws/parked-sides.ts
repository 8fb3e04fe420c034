/** The sides of a cross-reference that wait, for a person or for a record, as their lists show them. */
import { holdingRunOf } from "#shared/domain/approval.ts";
import type { CrossReference, Side } from "#shared/domain/cross-reference.ts";
import type { Failure } from "#shared/domain/sync-error.ts";
import type { ParkedRecord, WaitingRecord } from "#shared/ports/mapping-table.ts";

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
      parkedAt: side.conflicts?.[0]?.at ?? openReviewOf(side)?.at ?? xref.changedAt,
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

/** One entry per side that waits for another record, in the order of the connections' names. */
export function waitingSidesOf(xref: CrossReference): WaitingRecord[] {
  const { canonicalId, recordType, changedAt } = xref;
  return Object.keys(xref.sides)
    .sort()
    .flatMap((connection): WaitingRecord[] => {
      const side = xref.sides[connection];
      if (side?.state !== "blocked") return [];
      const { externalId, failure, waitsFor = [] } = side;
      return [
        {
          connection,
          recordType,
          canonicalId,
          ...(externalId === undefined ? {} : { externalId }),
          waitsFor,
          ...(failure === undefined ? {} : { failure }),
          waitingSince: changedAt,
        },
      ];
    });
}

function isParked(side: Side): boolean {
  const isForPerson = ["rejected", "conflict", "awaiting-approval"].includes(side.state);
  return isForPerson || openReviewOf(side) !== undefined;
}

function openReviewOf({ review }: Side): Side["review"] {
  return review?.isDismissed === true ? undefined : review;
}

function failureOf(side: Side): Failure {
  if (side.state === "rejected") return side.failure ?? { kind: "rejected", code: "write-refused" };
  if (side.state === "awaiting-approval") return awaitsApproval(holdingRunOf(side));
  const review = openReviewOf(side);
  if (side.state !== "conflict" && review !== undefined) {
    return {
      kind: "conflict",
      code: review.code,
      fix: "Archive the record here, restore it where it ended, or dismiss this notice.",
    };
  }
  const fields = (side.conflicts ?? []).map((conflict) => conflict.field);
  return {
    kind: "conflict",
    code: "field-conflict",
    field: fields.join(", "),
    fix: "Choose one of the two values, or set the field to the same value in both systems.",
  };
}

function awaitsApproval(runId: string | undefined): Failure {
  const fix = "Look at what the run changes, then approve the run, or correct its source.";
  const failure: Failure = { kind: "conflict", code: "run-awaits-approval", fix };
  return runId === undefined ? failure : { ...failure, field: `/runs/${runId}` };
}
