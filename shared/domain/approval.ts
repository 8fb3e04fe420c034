/** What is kept back until a person approves the run that changed it, and let go again. */
import { type CrossReference, type Side, sideOf, withSide } from "./cross-reference.ts";
import type { Flow } from "./flow.ts";
import type { ConnectionId } from "./identifiers.ts";
import { owedConnections, settleStates } from "./owed.ts";
import type { TrailEntry } from "./trail.ts";

const RUN_PREFIX = "run#";

/** The key under which what a run holds back waits for its approval. */
export function waitKeyOfRun(runId: string): string {
  return `${RUN_PREFIX}${runId}`;
}

/** The run that holds the side back, as far as the side says. */
export function holdingRunOf(side: Side): string | undefined {
  const key = side.waitsFor?.find((one) => one.startsWith(RUN_PREFIX));
  return key?.slice(RUN_PREFIX.length);
}

export interface HeldRecord {
  readonly next: CrossReference;
  /** The connections that are kept back now, sorted. */
  readonly held: readonly ConnectionId[];
}

/**
 * Keeps back what the connections are owed. A create that is under way is left alone, since only its
 * state tells that there is something to look up, and so is a record that comes back to life.
 */
export function holdSides(
  xref: CrossReference,
  connections: readonly ConnectionId[],
  hold: { readonly runId: string; readonly at: string },
  flow: Flow,
): HeldRecord {
  const owed = new Set(owedConnections(xref, flow));
  const held = connections
    .filter((connection) => owed.has(connection) && mayHold(sideOf(xref, connection)))
    .sort();
  let next = xref;
  for (const connection of held) {
    next = withSide(next, connection, {
      ...sideOf(next, connection),
      state: "awaiting-approval",
      failure: undefined,
      waitsFor: [waitKeyOfRun(hold.runId)],
    });
  }
  const trail = held.map((connection): TrailEntry => ({ kind: "held", connection, ...hold }));
  return { next: held.length === 0 ? xref : { ...next, trail }, held };
}

function mayHold({ state }: Side): boolean {
  return state !== "creating" && state !== "uncertain" && state !== "tombstoned";
}

/** Lets a side go; undefined where nothing is kept back. */
export function releaseSide(
  xref: CrossReference,
  release: { readonly connection: ConnectionId; readonly by: string; readonly at: string },
  flow: Flow,
): CrossReference | undefined {
  const { connection, by, at } = release;
  if (sideOf(xref, connection).state !== "awaiting-approval") return undefined;
  const entry: TrailEntry = {
    kind: "decided",
    at,
    by,
    connection,
    what: "approval",
    decisions: [],
  };
  return { ...freed(xref, connection, at, flow), trail: [entry] };
}

/** The record with a side that is tried again, whatever stopped it before. */
export function freed(
  xref: CrossReference,
  connection: ConnectionId,
  at: string,
  flow: Flow,
): CrossReference {
  const side: Side = {
    ...sideOf(xref, connection),
    state: "linked",
    failure: undefined,
    waitsFor: undefined,
  };
  return settleStates(withSide(xref, connection, side), flow, false, at);
}
