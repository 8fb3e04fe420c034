/** What a person decides about one side: to try it again, or to leave it as it is. */
import { freed } from "./approval.ts";
import { type CrossReference, sideOf, withSide } from "./cross-reference.ts";
import type { Flow } from "./flow.ts";
import type { ConnectionId } from "./identifiers.ts";
import type { TrailEntry } from "./trail.ts";

export interface Decision {
  readonly connection: ConnectionId;
  /** Who decided. */
  readonly by: string;
  /** Our clock, ISO 8601 UTC. */
  readonly at: string;
}

/** A side that was refused is tried again; undefined where it is none. */
export function retrySide(
  xref: CrossReference,
  decision: Decision,
  flow: Flow,
): CrossReference | undefined {
  const { connection, at } = decision;
  if (sideOf(xref, connection).state !== "rejected") return undefined;
  return { ...freed(xref, connection, at, flow), trail: [decided(decision, "retry")] };
}

/** The record may stay here as it is, though it ended elsewhere; undefined where nothing is asked. */
export function dismissReview(
  xref: CrossReference,
  decision: Decision,
): CrossReference | undefined {
  const { connection, at } = decision;
  const side = sideOf(xref, connection);
  if (side.review === undefined || side.review.isDismissed === true) return undefined;
  const review = { code: side.review.code, at, isDismissed: true as const };
  return { ...withSide(xref, connection, { ...side, review }), trail: [decided(decision, "end")] };
}

function decided({ connection, by, at }: Decision, what: "retry" | "end"): TrailEntry {
  return { kind: "decided", at, by, connection, what, decisions: [] };
}
