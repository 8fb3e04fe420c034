/**
 * The merge: a pure function of (cross-reference, observation, flow) to (next cross-reference, what
 * was decided, who is owed what). No clock, no I/O, no randomness; total on any data.
 *
 * Per field that the observation holds:
 *
 * | the side shows … | decision |
 * |---|---|
 * | what it showed last time | `unchanged` |
 * | something new that equals the golden value | `agreed` |
 * | something new, and the policy lets it | `taken` |
 * | something new, and the field is another's | `restored`: the golden value is owed to the side |
 * | something new under `manual` | `conflict`: both values are kept |
 *
 * A field the observation does not hold is never touched.
 */
import {
  type CrossReference,
  type FieldConflict,
  isLinked,
  type Side,
  sideOf,
  withSide,
} from "./cross-reference.ts";
import { type Digest, digestField } from "./fingerprint.ts";
import { derivedBy, type Flow, policyInForce, ruleOf, type SimplePolicy } from "./flow.ts";
import type { ConnectionId, ExternalId } from "./identifiers.ts";
import type { Fields, FieldValue, RecordLife } from "./records.ts";
import { assertNever } from "./sync-error.ts";

export interface Observation {
  readonly connection: ConnectionId;
  /** Whose word it is where that is not the connection itself: a file may speak for the CRM. */
  readonly speaksFor?: ConnectionId | undefined;
  readonly externalId: ExternalId;
  readonly version: number;
  readonly life: RecordLife;
  readonly fields: Fields;
  /** When we saw it, our clock, ISO 8601 UTC. */
  readonly capturedAt: string;
}

type DecisionKind = "unchanged" | "agreed" | "taken" | "restored" | "conflict";

interface FieldDecision {
  readonly field: string;
  readonly kind: DecisionKind;
  readonly policy: SimplePolicy["kind"];
}

export interface MergeResult {
  readonly next: CrossReference;
  /** Sorted by field; `unchanged` ones are left out. */
  readonly decisions: readonly FieldDecision[];
  /** The observation is older than what is known, and was left out whole. */
  readonly stale: boolean;
}

/** Merges what one connection showed; see the head of this file for the rules. */
export function mergeRecord(
  xref: CrossReference,
  observation: Observation,
  flow: Flow,
): MergeResult {
  const before = sideOf(xref, observation.connection);
  if (before.remoteVersion !== undefined && observation.version < before.remoteVersion) {
    return { next: xref, decisions: [], stale: true };
  }
  if (observation.life !== "live") return mergeEnd(xref, before, observation);

  const draft = draftOf(xref, before);
  const decisions: FieldDecision[] = [];
  for (const field of Object.keys(observation.fields).sort()) {
    const value = observation.fields[field];
    const rule = ruleOf(flow, field);
    if (value === undefined || rule === undefined) continue;
    const policy = policyInForce(rule.policy, xref.fields);
    const kind = decideField(xref, draft, observation, field, value, policy);
    if (kind !== "unchanged") decisions.push({ field, kind, policy: policy.kind });
  }
  const side = sideAfter(before, draft, observation, decisions.length > 0);
  const changed: CrossReference = {
    ...withSide(xref, observation.connection, side),
    fields: draft.fields,
    sources: draft.sources,
    changedAt: decisions.length > 0 ? observation.capturedAt : xref.changedAt,
  };
  return { next: settleStates(changed, flow, decisions.length > 0), decisions, stale: false };
}

/**
 * The fields whose golden value a connection was not sent yet; for a record it lacks, every field
 * that has a value. A disputed field is owed to nobody before a person decides. Empty where the connection takes no part, or the side cannot be written.
 */
export function owedFields(xref: CrossReference, connection: ConnectionId, flow: Flow): string[] {
  const sideRule = Object.hasOwn(flow.sides, connection) ? flow.sides[connection] : undefined;
  const side = sideOf(xref, connection);
  if (sideRule === undefined || side.state === "tombstoned") return [];
  const disputed = new Set(side.conflicts?.map(({ field }) => field));
  const isNew = !isLinked(side);
  if (isNew && sideRule.create === "never") return [];
  return Object.keys(flow.fields)
    .filter((field) => ruleOf(flow, field)?.sides.includes(connection))
    .filter((field) => {
      const value = xref.fields[field];
      if (value === undefined || disputed.has(field)) return false;
      if (isNew) return value !== null;
      const sent = side.sent[field];
      if (sent === undefined) return value !== null;
      return sent !== digestField(value);
    })
    .sort();
}

/**
 * The connections that are owed a write now, in the flow's order. A side that was refused is not
 * tried again before the golden record changes.
 */
export function owedConnections(xref: CrossReference, flow: Flow): ConnectionId[] {
  return Object.keys(flow.sides).filter(
    (connection) =>
      sideOf(xref, connection).state !== "rejected" &&
      owedFields(xref, connection, flow).length > 0,
  );
}

export interface WrittenRecord {
  readonly connection: ConnectionId;
  readonly externalId: ExternalId;
  readonly version: number;
  /** The golden values as they were sent. */
  readonly sent: Fields;
  /** What the answer showed; may be part of the record. */
  readonly observed: Fields;
  readonly capturedAt: string;
}

/**
 * The cross-reference after a write. Of the fields that were sent, what the answer shows is how the
 * remote keeps them (trimmed, rounded), and no news; all else in the answer is an observation like
 * any other and is merged.
 */
export function recordWrite(
  xref: CrossReference,
  written: WrittenRecord,
  flow: Flow,
): CrossReference {
  const { connection, externalId, version, capturedAt } = written;
  const before = sideOf(xref, connection);
  const sent: Record<string, Digest> = { ...before.sent };
  const observed: Record<string, Digest> = { ...before.observed };
  const news: Record<string, FieldValue> = {};
  for (const [field, value] of Object.entries(written.sent)) {
    if (value === undefined) continue;
    sent[field] = digestField(value);
    const kept = written.observed[field];
    observed[field] = digestField(kept === undefined ? value : kept);
  }
  for (const [field, value] of Object.entries(written.observed)) {
    if (value !== undefined && !Object.hasOwn(written.sent, field)) news[field] = value;
  }
  const remoteVersion = Math.max(version, before.remoteVersion ?? 0);
  const { conflicts } = before;
  const side: Side = { state: "linked", externalId, remoteVersion, observed, sent, conflicts };
  const settled = settleStates(withSide(xref, connection, side), flow, false);
  const answer: Observation = {
    connection,
    externalId,
    version: remoteVersion,
    life: "live",
    fields: news,
    capturedAt,
  };
  return mergeRecord(settled, answer, flow).next;
}

interface Draft {
  readonly fields: Record<string, FieldValue | undefined>;
  readonly sources: Record<string, CrossReference["sources"][string]>;
  readonly observed: Record<string, Digest>;
  readonly sent: Record<string, Digest>;
  conflicts: FieldConflict[];
}

function draftOf(xref: CrossReference, side: Side): Draft {
  return {
    fields: { ...xref.fields },
    sources: { ...xref.sources },
    observed: { ...side.observed },
    sent: { ...side.sent },
    conflicts: [...(side.conflicts ?? [])],
  };
}

function decideField(
  xref: CrossReference,
  draft: Draft,
  observation: Observation,
  field: string,
  value: FieldValue,
  policy: SimplePolicy,
): DecisionKind {
  const digest = digestField(value);
  const lastObserved = draft.observed[field];
  if (lastObserved === digest) return "unchanged";
  draft.observed[field] = digest;
  draft.sent[field] = digest;
  const golden = draft.fields[field];
  if (golden !== undefined && digestField(golden) === digest) {
    draft.conflicts = draft.conflicts.filter((conflict) => conflict.field !== field);
    return "agreed";
  }
  const isFirstSight = lastObserved === undefined;
  // A field that nobody ever filled: nothing to agree on, nothing to save.
  if (isFirstSight && value === null && golden === undefined) return "unchanged";
  const decision = applyPolicy(xref, golden, observation, value, policy, isFirstSight);
  if (decision === "taken") {
    draft.fields[field] = value;
    draft.sources[field] = { by: speakerOf(observation), at: observation.capturedAt };
  }
  if (decision === "conflict") {
    const kept = draft.conflicts.filter((conflict) => conflict.field !== field);
    const at = observation.capturedAt;
    draft.conflicts = [...kept, { field, golden: golden ?? null, proposed: value, at }];
  }
  return decision;
}

function applyPolicy(
  xref: CrossReference,
  golden: FieldValue | undefined,
  observation: Observation,
  value: FieldValue,
  policy: SimplePolicy,
  isFirstSight: boolean,
): DecisionKind {
  const isBlank = golden === undefined || golden === null;
  // At first sight a blank is the lack of a value, not the wish to remove one.
  if (isFirstSight && value === null) return "restored";
  switch (policy.kind) {
    case "derived":
      return speakerOf(observation) === derivedBy ? "taken" : "restored";
    case "newest":
      return "taken";
    case "manual":
      return isBlank ? "taken" : "conflict";
    case "system-of-record": {
      if (speakerOf(observation) === policy.connection) return "taken";
      // Until the system of record holds the record itself, another's value stands in.
      return isLinked(sideOf(xref, policy.connection)) ? "restored" : "taken";
    }
    default:
      return assertNever(policy);
  }
}

function speakerOf(observation: Observation): ConnectionId {
  return observation.speaksFor ?? observation.connection;
}

function sideAfter(before: Side, draft: Draft, observation: Observation, hasNews: boolean): Side {
  const isStillRefused = before.state === "rejected" && before.externalId !== undefined && !hasNews;
  const hasConflict = draft.conflicts.length > 0;
  return {
    state: isStillRefused ? "rejected" : hasConflict ? "conflict" : "linked",
    externalId: observation.externalId,
    remoteVersion: observation.version,
    observed: draft.observed,
    sent: draft.sent,
    failure: isStillRefused ? before.failure : undefined,
    conflicts: hasConflict ? draft.conflicts : undefined,
  };
}

/** A record that ended in its remote: the side is remembered, and nothing travels. */
function mergeEnd(xref: CrossReference, before: Side, observation: Observation): MergeResult {
  if (before.state === "tombstoned" && before.externalId === observation.externalId) {
    return { next: xref, decisions: [], stale: false };
  }
  const side: Side = {
    ...before,
    state: "tombstoned",
    externalId: observation.externalId,
    remoteVersion: observation.version,
    failure: undefined,
  };
  const next = {
    ...withSide(xref, observation.connection, side),
    changedAt: observation.capturedAt,
  };
  return { next, decisions: [], stale: false };
}

/**
 * `linked` and `dirty` follow from what is owed. A new golden record deserves a new try where the
 * last one was refused.
 */
function settleStates(xref: CrossReference, flow: Flow, hasNews: boolean): CrossReference {
  let next = xref;
  for (const connection of Object.keys(flow.sides)) {
    const side = sideOf(next, connection);
    const isFree = side.state === "linked" || side.state === "dirty";
    if (!isFree && !(hasNews && side.state === "rejected")) continue;
    const isOwed = owedFields(next, connection, flow).length > 0;
    const state = !isLinked(side) ? "absent" : isOwed ? "dirty" : "linked";
    if (state !== side.state) next = withSide(next, connection, { ...side, state });
  }
  return next;
}
