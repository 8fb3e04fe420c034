/** What a connection is owed: fields that it was not sent yet, or an end that it does not share. */
import {
  type CrossReference,
  isLinked,
  type Side,
  type SideEnd,
  type SideReview,
  sideOf,
  withSide,
} from "./cross-reference.ts";
import { digestField } from "./fingerprint.ts";
import { derivedBy, type Flow, ruleOf } from "./flow.ts";
import type { ConnectionId } from "./identifiers.ts";

/**
 * The fields whose golden value a connection was not sent yet; for a record it lacks, every field
 * that has a value. A disputed field is owed to nobody before a person decides. Empty where the
 * connection takes no part, the side cannot be written, or the record lives on in another.
 */
export function owedFields(xref: CrossReference, connection: ConnectionId, flow: Flow): string[] {
  const sideRule = Object.hasOwn(flow.sides, connection) ? flow.sides[connection] : undefined;
  const side = sideOf(xref, connection);
  if (sideRule === undefined || side.state === "tombstoned") return [];
  const isNew = !isLinked(side);
  const isAway = xref.mergedInto !== undefined;
  if (isNew && (isAway || !mayCreate(xref, connection, flow))) return [];
  const disputed = disputedFields(xref);
  return (
    Object.keys(flow.fields)
      .filter((field) => ruleOf(flow, field)?.sides.includes(connection))
      // Of a record that was merged away only what we compute is kept right: it counts elsewhere now.
      .filter((field) => !isAway || ruleOf(flow, field)?.policy.kind === "derived")
      .filter((field) => {
        const value = xref.fields[field];
        if (value === undefined || disputed.has(field)) return false;
        if (isNew) return value !== null;
        const sent = side.sent[field];
        if (sent === undefined) return value !== null;
        return sent !== digestField(value);
      })
      .sort()
  );
}

function mayCreate(xref: CrossReference, connection: ConnectionId, flow: Flow): boolean {
  if (flow.sides[connection]?.create !== "always") return false;
  return !hasEnded(xref, connection, flow) && flow.isOver?.(xref.fields) !== true;
}

function disputedFields(xref: CrossReference): ReadonlySet<string> {
  const conflicts = Object.values(xref.sides).flatMap((side) => side.conflicts ?? []);
  return new Set(conflicts.map(({ field }) => field));
}

/**
 * - `archive`: the record ended elsewhere, and the flow lets it end here too;
 * - `restore`: it came back there, and its end here was our doing;
 * - `review`: it ended elsewhere, and a person must say what becomes of it here.
 */
export type OwedEnd = "archive" | "restore" | "review";

export function owedEnd(
  xref: CrossReference,
  connection: ConnectionId,
  flow: Flow,
): OwedEnd | undefined {
  const rule = Object.hasOwn(flow.sides, connection) ? flow.sides[connection] : undefined;
  const side = sideOf(xref, connection);
  if (rule === undefined || side.externalId === undefined) return undefined;
  const isOver = hasEnded(xref, connection, flow);
  if (side.state === "tombstoned") {
    return side.ended?.by === derivedBy && !isOver ? "restore" : undefined;
  }
  // A record that was merged away in one system stands on its own in the other.
  const isLeftOver = xref.mergedInto !== undefined;
  if (isLeftOver) return rule.whenEndedElsewhere === "keep" ? undefined : "review";
  if (!isOver || rule.whenEndedElsewhere === "keep") return undefined;
  if (rule.whenEndedElsewhere === "review") return "review";
  return flow.holdsMoney?.(xref.fields) === true ? "review" : "archive";
}

/** Whether a user ended the record in another connection of the flow. */
function hasEnded(xref: CrossReference, connection: ConnectionId, flow: Flow): boolean {
  return endsElsewhere(xref, connection, flow).length > 0;
}

function endsElsewhere(xref: CrossReference, connection: ConnectionId, flow: Flow): SideEnd[] {
  return Object.keys(flow.sides).flatMap((other) => {
    const { state, ended } = sideOf(xref, other);
    if (other === connection || state !== "tombstoned" || ended === undefined) return [];
    return ended.by === derivedBy || ended.life === "merged" ? [] : [ended];
  });
}

/**
 * The connections that are owed a write now, in the flow's order. A side that was refused is not
 * tried again before the golden record changes, and one that waits for approval not before that.
 */
export function owedConnections(xref: CrossReference, flow: Flow): ConnectionId[] {
  return Object.keys(flow.sides).filter((connection) => {
    const { state } = sideOf(xref, connection);
    if (state === "rejected" || state === "awaiting-approval") return false;
    const end = owedEnd(xref, connection, flow);
    if (end === "archive" || end === "restore") return true;
    return owedFields(xref, connection, flow).length > 0;
  });
}

/**
 * The states and reviews that follow from the rest. A new golden record deserves a new try where the
 * last one was refused; approval is asked for a change, and a wait is for one, so neither is needed
 * where nothing is owed.
 */
export function settleStates(
  xref: CrossReference,
  flow: Flow,
  hasNews: boolean,
  at: string,
): CrossReference {
  let next = xref;
  for (const connection of Object.keys(flow.sides)) {
    const before = sideOf(next, connection);
    const end = owedEnd(next, connection, flow);
    const endedAt = endsElsewhere(next, connection, flow).map((one) => one.at);
    const reviewed = withReview(before, end === "review", at, endedAt);
    const isOwed = owedFields(next, connection, flow).length > 0;
    const isOwedAnything = isOwed || end === "archive" || end === "restore";
    const isKept = before.state === "awaiting-approval" || before.state === "blocked";
    const isLetGo = isKept && !isOwedAnything;
    const side = isLetGo ? { ...reviewed, waitsFor: undefined, failure: undefined } : reviewed;
    const isFree = isLetGo || side.state === "linked" || side.state === "dirty";
    const settled = isFree || (hasNews && side.state === "rejected");
    const state = settled ? freeState(side, isOwed) : side.state;
    if (state !== before.state || side !== before) {
      next = withSide(next, connection, { ...side, state });
    }
  }
  return next;
}

function freeState(side: Side, isOwed: boolean): Side["state"] {
  // Nobody learnt how the last try of a create ended: what it may have made is looked up first.
  if (!isLinked(side)) return side.intent === undefined ? "absent" : "uncertain";
  // A write of other fields does not end a dispute.
  if ((side.conflicts?.length ?? 0) > 0) return "conflict";
  return isOwed ? "dirty" : "linked";
}

/** A review that was dismissed stays so until the record ends once more. */
function withReview(side: Side, isDue: boolean, at: string, endedAt: readonly string[]): Side {
  const { review } = side;
  if (!isDue) return review === undefined ? side : { ...side, review: undefined };
  const isNew =
    review === undefined || (review.isDismissed === true && endedAt.some((one) => one > review.at));
  if (!isNew) return side;
  const due: SideReview = { code: "ended-elsewhere", at };
  return { ...side, review: due };
}
