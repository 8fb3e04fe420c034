/** What a write that failed leaves of a side. Each answers the side as it was where others settled it. */
import type { Side } from "./cross-reference.ts";
import type { Failure } from "./sync-error.ts";

export const alreadyLinked: Failure = {
  kind: "rejected",
  code: "already-linked-elsewhere",
  fix: "The remote record is linked to another record; merge the two where they come from.",
};

/** It is not tried again before something changes, or a person says so. */
export function afterRefusal(side: Side, failure: Failure, isArchive: boolean): Side {
  // What ended, or was linked by another worker, meanwhile is not refused any more.
  if (side.state === "tombstoned") return side;
  return {
    ...side,
    state: "rejected",
    intent: intentAfter(side, failure),
    archivingSince: archivingAfter(side, failure, isArchive),
    failure,
  };
}

/** `ownTries`: of the intent that failed; another worker may have begun anew. */
export function afterFailedCreate(
  side: Side,
  failure: Failure,
  ownTries: number | undefined,
): Side {
  if (side.state !== "creating" || side.intent?.tries !== ownTries) return side;
  // Only an uncertain outcome leaves something to look up; any other says nothing was made.
  if (failure.kind === "uncertain") return { ...side, state: "uncertain", failure };
  return { ...side, state: "absent", intent: undefined, failure };
}

export function afterFailedUpdate(side: Side, failure: Failure, isArchive: boolean): Side {
  if (side.state === "tombstoned") return side;
  return { ...side, archivingSince: archivingAfter(side, failure, isArchive), failure };
}

/** What a create may have made is looked up by its intent the next time. */
function intentAfter({ intent }: Side, { kind, code }: Failure): Side["intent"] {
  // A record that bears our id and is another's by now is looked up, too: making it would overwrite.
  return kind === "uncertain" || code === alreadyLinked.code ? intent : undefined;
}

/** A call that surely failed archived nothing; another write than an archive says nothing of it. */
function archivingAfter(
  { archivingSince }: Side,
  { kind }: Failure,
  isArchive: boolean,
): Side["archivingSince"] {
  return isArchive && kind !== "uncertain" ? undefined : archivingSince;
}
