/** One field of an observation: which of two values is the golden one, and by which rule. */
import {
  type CrossReference,
  type FieldConflict,
  isLinked,
  type Side,
  sideOf,
} from "./cross-reference.ts";
import { type Digest, digestField } from "./fingerprint.ts";
import { derivedBy, type SimplePolicy } from "./flow.ts";
import type { ConnectionId, ExternalId } from "./identifiers.ts";
import type { Fields, FieldValue, RecordLife } from "./records.ts";
import { assertNever } from "./sync-error.ts";
import type { DecisionKind, FieldDecision } from "./trail.ts";

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

/** The parts of a cross-reference that a merge changes, field by field. */
export interface Draft {
  readonly fields: Record<string, FieldValue | undefined>;
  readonly sources: Record<string, CrossReference["sources"][string]>;
  readonly observed: Record<string, Digest>;
  readonly sent: Record<string, Digest>;
  conflicts: FieldConflict[];
}

export function draftOf(xref: CrossReference, side: Side): Draft {
  return {
    fields: { ...xref.fields },
    sources: { ...xref.sources },
    observed: { ...side.observed },
    sent: { ...side.sent },
    conflicts: [...(side.conflicts ?? [])],
  };
}

/** Decides one field and writes the decision into the draft. */
export function decideField(
  xref: CrossReference,
  draft: Draft,
  observation: Observation,
  field: string,
  value: FieldValue,
  policy: SimplePolicy,
): FieldDecision {
  const digest = digestField(value);
  const lastObserved = draft.observed[field];
  const decision = (kind: DecisionKind, lost?: FieldDecision["lost"]): FieldDecision =>
    lost === undefined
      ? { field, kind, policy: policy.kind }
      : { field, kind, policy: policy.kind, lost };
  if (lastObserved === digest) return decision("unchanged");
  const golden = draft.fields[field];
  const wasInStep = golden !== undefined && draft.sent[field] === digestField(golden);
  draft.observed[field] = digest;
  draft.sent[field] = digest;
  if (golden !== undefined && digestField(golden) === digest) {
    draft.conflicts = draft.conflicts.filter((conflict) => conflict.field !== field);
    return decision("agreed");
  }
  const isFirstSight = lastObserved === undefined;
  // A field that nobody ever filled: nothing to agree on, nothing to save.
  if (isFirstSight && value === null && golden === undefined) return decision("unchanged");
  const kind = applyPolicy(xref, golden, observation, value, policy, isFirstSight, wasInStep);
  const by = speakerOf(observation);
  const goldenBy = draft.sources[field]?.by;
  switch (kind) {
    case "taken": {
      draft.fields[field] = value;
      draft.sources[field] = { by, at: observation.capturedAt };
      draft.conflicts = draft.conflicts.filter((conflict) => conflict.field !== field);
      // The golden value was on its way to this side when the side chose another: it lost.
      const isContested = !wasInStep && golden !== undefined && golden !== null;
      const loser = goldenBy !== undefined && goldenBy !== by ? goldenBy : undefined;
      if (!isContested || loser === undefined) return decision(kind);
      return decision(kind, { value: golden, by: loser });
    }
    case "conflict": {
      const kept = draft.conflicts.filter((conflict) => conflict.field !== field);
      const at = observation.capturedAt;
      const proposal = { field, golden: golden ?? null, proposed: value, proposedBy: by, at };
      draft.conflicts = [...kept, goldenBy === undefined ? proposal : { ...proposal, goldenBy }];
      return decision(kind);
    }
    default: {
      // Whose word counts has never filled it: what is put back is the blank.
      if (golden === undefined && value !== null) {
        draft.fields[field] = null;
        draft.sources[field] = { by: ownerOf(policy), at: observation.capturedAt };
      }
      return value === null && golden === undefined
        ? decision(kind)
        : decision(kind, { value, by });
    }
  }
}

function ownerOf(policy: SimplePolicy): ConnectionId {
  return policy.kind === "system-of-record" ? policy.connection : derivedBy;
}

function applyPolicy(
  xref: CrossReference,
  golden: FieldValue | undefined,
  observation: Observation,
  value: FieldValue,
  policy: SimplePolicy,
  isFirstSight: boolean,
  wasInStep: boolean,
): "taken" | "restored" | "conflict" {
  const isBlank = golden === undefined || golden === null;
  // At first sight a blank is the lack of a value, not the wish to remove one.
  if (isFirstSight && value === null) return "restored";
  switch (policy.kind) {
    case "derived":
      return speakerOf(observation) === derivedBy ? "taken" : "restored";
    case "newest":
      return "taken";
    case "manual":
      // Only one side changed: nobody disputes it. Both did: a person decides.
      return isBlank || wasInStep ? "taken" : "conflict";
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
