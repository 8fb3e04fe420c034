/** A side that waits for another record, and what is to be said where that one does not come. */
import { type CrossReference, isLinked, type Side, sideOf, withSide } from "./cross-reference.ts";
import { derivedBy, type Flow } from "./flow.ts";
import type { ConnectionId } from "./identifiers.ts";
import { owedFields } from "./owed.ts";
import type { Failure } from "./sync-error.ts";

/**
 * Why what is waited for does not come by itself; undefined where it may. `awaited` is the record as
 * it is known, `waitsFor` the key under which it is waited for.
 */
export function waitFailure(
  awaited: CrossReference | undefined,
  waitsFor: string,
  connection: ConnectionId,
): Failure | undefined {
  if (awaited === undefined) return unknownRecord(waitsFor);
  const side = sideOf(awaited, connection);
  if (isLinked(side)) return undefined;
  if (side.state === "rejected") return refusedRecord(waitsFor);
  return hasEnded(awaited, side) ? endedRecord(waitsFor) : undefined;
}

/** It ended here, or a user ended it elsewhere before it was made here. */
function hasEnded(awaited: CrossReference, side: Side): boolean {
  if (side.state === "tombstoned") return true;
  return Object.values(awaited.sides).some(({ ended }) => {
    return ended !== undefined && ended.by !== derivedBy && ended.life !== "merged";
  });
}

function refusedRecord(field: string): Failure {
  return {
    kind: "rejected",
    code: "waits-for-refused-record",
    field,
    fix: "Mend the record it waits for: /parked has its code and fix. This one follows by itself.",
  };
}

function endedRecord(field: string): Failure {
  return {
    kind: "rejected",
    code: "waits-for-ended-record",
    field,
    fix: "Restore the record it waits for where it ended, or let this one refer to another.",
  };
}

function unknownRecord(field: string): Failure {
  return {
    kind: "rejected",
    code: "waits-for-unknown-record",
    field,
    fix: "Bring in the record it refers to, or correct the reference. This one follows by itself.",
  };
}

export interface Block {
  readonly connection: ConnectionId;
  /** Keys of the records it waits for, the first one first. */
  readonly waitsFor: readonly string[];
  readonly failure: Failure | undefined;
  readonly at: string;
  /** Of the side as it was found to wait: whoever began a create since is further with it. */
  readonly intentTries: number | undefined;
}

/** The record with a side that waits; undefined where another worker is further with it by now. */
export function blockSide(
  xref: CrossReference,
  { connection, waitsFor, failure, at, intentTries }: Block,
  flow: Flow,
): CrossReference | undefined {
  const side = sideOf(xref, connection);
  if (!waitingStates.has(side.state) || side.intent?.tries !== intentTries) return undefined;
  if (owedFields(xref, connection, flow).length === 0) return undefined;
  const blocked: Side = { ...side, state: "blocked", waitsFor, failure };
  return {
    ...withSide(xref, connection, blocked),
    trail: [{ kind: "waiting", at, connection, waitsFor }],
  };
}

/**
 * A side that is decided upon does not wait for a record. One whose create is uncertain does, and keeps
 * its intent: what that may have made is looked up when the wait is over.
 */
const waitingStates: ReadonlySet<Side["state"]> = new Set([
  "absent",
  "creating",
  "uncertain",
  "linked",
  "dirty",
  "blocked",
]);
