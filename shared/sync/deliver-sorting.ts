/** Steps 1 and 2 of a delivery: what the hints are about, and what is to be done for each. */

import { limits } from "#shared/config/limits.ts";
import {
  type CrossReference,
  isLinked,
  type Side,
  sideOf,
} from "#shared/domain/cross-reference.ts";
import { digestText } from "#shared/domain/fingerprint.ts";
import { type Flow, ruleOf } from "#shared/domain/flow.ts";
import type { CanonicalId, ConnectionId } from "#shared/domain/identifiers.ts";
import { owedEnd, owedFields } from "#shared/domain/owed.ts";
import type { Fields } from "#shared/domain/records.ts";
import type { Failure } from "#shared/domain/sync-error.ts";
import type { RemoteWrite } from "#shared/ports/connector.ts";
import { type Blocked, blockAll } from "./deliver-blocked.ts";
import type { Deliveries, Delivery, ReceivedHint } from "./deliver-outcomes.ts";
import type { DeliverDependencies } from "./dependencies.ts";
import { withKnownReferences } from "./known-references.ts";
import { loadWithSurvivors } from "./load-with-survivors.ts";
import { canonicalReferences, type OutwardFields, resolveOutward } from "./references.ts";

/** What is to be done for the hinted records; what is not in it is settled, refused or blocked. */
export interface Sorted {
  readonly writable: readonly Delivery[];
  /** A former create must be looked up first. */
  readonly uncertain: readonly Delivery[];
  /** To be archived, or brought back. */
  readonly lives: readonly Delivery[];
}

interface Hinted extends Pick<Delivery, "xref" | "stored"> {
  readonly hint: ReceivedHint;
}

/** Step 1; references that became known since the record was saved are filled in. */
export async function loadHinted(
  deps: DeliverDependencies,
  hints: readonly ReceivedHint[],
): Promise<{ hinted: Hinted[]; targets: ReadonlyMap<CanonicalId, CrossReference> }> {
  const byId = hintOfEach(hints);
  const loaded = await deps.xrefs.load([...byId.keys()]);
  const hinted: Hinted[] = [];
  for (const xref of await withKnownReferences(deps.xrefs, [...loaded.values()])) {
    const hint = byId.get(xref.canonicalId);
    const stored = loaded.get(xref.canonicalId) ?? xref;
    if (hint !== undefined) hinted.push({ hint, xref, stored });
  }
  const referred = new Set(hinted.flatMap(({ xref }) => canonicalReferences(xref.fields)));
  return { hinted, targets: await loadWithSurvivors(deps.xrefs, referred) };
}

/** Of several hints at one record, one that belongs to a run: the run is to know what it made. */
function hintOfEach(hints: readonly ReceivedHint[]): ReadonlyMap<CanonicalId, ReceivedHint> {
  const byId = new Map<CanonicalId, ReceivedHint>();
  for (const hint of hints) {
    if (byId.get(hint.canonicalId)?.runId === undefined) byId.set(hint.canonicalId, hint);
  }
  return byId;
}

/** Step 2. */
export async function sortHinted(
  deps: DeliverDependencies,
  connection: ConnectionId,
  hints: readonly ReceivedHint[],
  loaded: Awaited<ReturnType<typeof loadHinted>>,
  deliveries: Deliveries,
): Promise<Sorted> {
  const sorted = {
    writable: [] as Delivery[],
    uncertain: [] as Delivery[],
    lives: [] as Delivery[],
  };
  const blocked: Blocked[] = [];
  const seen = new Set(loaded.hinted.map(({ hint }) => hint));
  for (const hint of hints) if (!seen.has(hint)) deliveries.settle(hint);
  for (const one of loaded.hinted) {
    const { xref } = one;
    const flow = deps.flows[xref.recordType];
    const side = sideOf(xref, connection);
    const end = owedEnd(xref, connection, flow);
    const owed = owedFields(xref, connection, flow);
    const delivery = deliveryOf(one, connection, flow, owed);
    const isHeld = side.state === "rejected" || side.state === "awaiting-approval";
    if (!isHeld && (end === "archive" || end === "restore")) {
      sorted.lives.push(withLife(delivery, side, end));
    } else if (side.archivingSince !== undefined) {
      await deliveries.settleArchiving(delivery, side.archivingSince);
    } else if (owed.length > 0 && !isHeld) {
      await sortOwed(deps, { delivery, connection, flow, ...loaded }, sorted, blocked, deliveries);
    } else await settleUnowed(delivery, connection, flow, isHeld, deliveries);
  }
  await blockAll(deps, connection, blocked, deliveries);
  return sorted;
}

async function settleUnowed(
  delivery: Delivery,
  connection: ConnectionId,
  flow: Flow,
  isHeld: boolean,
  deliveries: Deliveries,
): Promise<void> {
  const { hint, stored, golden } = delivery;
  // As it is stored it is owed something, which others would take for unfinished.
  const isUnsaved = !isHeld && owedFields(stored, connection, flow).length > 0;
  if (isUnsaved && !(await deliveries.saveResolved(delivery, flow))) {
    return deliveries.again(delivery);
  }
  // Whoever had it before may have written, and died before what it wrote was remembered as seen.
  const mayBeUnseen = hint.isRepeated === true && Object.keys(golden).length === 0;
  return mayBeUnseen ? deliveries.settleByLook(delivery) : deliveries.settle(hint);
}

async function sortOwed(
  deps: DeliverDependencies,
  owed: {
    readonly delivery: Delivery;
    readonly connection: ConnectionId;
    readonly flow: Flow;
    readonly targets: ReadonlyMap<CanonicalId, CrossReference>;
  },
  sorted: { readonly writable: Delivery[]; readonly uncertain: Delivery[] },
  blocked: Blocked[],
  deliveries: Deliveries,
): Promise<void> {
  const { delivery, connection, flow, targets } = owed;
  const { xref } = delivery;
  const side = sideOf(xref, connection);
  const missing = isLinked(side) ? [] : flow.required.filter((field) => !isFilled(xref, field));
  if (missing.length > 0) return deliveries.refuse(delivery, requiredMissing(missing));
  if (isUnderWay(side, deps.clock())) return deliveries.again(delivery, limits.intentLeaseMs);
  const outward = resolveOutward(delivery.write.record, connection, targets);
  // Only what is owed can hold a write up: a linked record's other fields are not sent.
  const { waitsFor: waits } = isLinked(side)
    ? resolveOutward(delivery.golden, connection, targets)
    : outward;
  if (waits.length > 0) {
    blocked.push({ delivery, waitsFor: waits });
    return;
  }
  const resolved = withResolved(delivery, outward);
  // Nobody learnt how the last try of a create ended.
  const mustLookUp = !isLinked(side) && side.intent !== undefined;
  if (mustLookUp) sorted.uncertain.push(resolved);
  else sorted.writable.push(resolved);
}

function withLife(delivery: Delivery, side: Side, end: "archive" | "restore"): Delivery {
  const life = end === "archive" ? ("archived" as const) : ("live" as const);
  const write = { ...delivery.write, externalId: side.externalId, life, fields: {}, record: {} };
  return { ...delivery, golden: {}, write };
}

function deliveryOf(
  { hint, xref, stored }: Hinted,
  connection: ConnectionId,
  flow: Flow,
  owed: readonly string[],
): Delivery {
  const side = sideOf(xref, connection);
  const isHeldThere = ([field]: [string, unknown]): boolean =>
    ruleOf(flow, field)?.sides.includes(connection) === true;
  const golden: Fields = Object.fromEntries(owed.map((field) => [field, xref.fields[field]]));
  const write: RemoteWrite = {
    canonicalId: xref.canonicalId,
    externalId: isLinked(side) ? side.externalId : undefined,
    idempotencyKey: side.intent?.idempotencyKey ?? newKey(xref, connection),
    expectedVersion: side.remoteVersion,
    fields: golden,
    record: Object.fromEntries(Object.entries(xref.fields).filter(isHeldThere)),
  };
  return { hint, xref, stored, golden, write, resolved: new Map() };
}

/**
 * The key of a create that is decided now. One that was refused before had another key: under that
 * one a remote may give back its first answer, and a cause that is gone would be refused on.
 */
function newKey({ canonicalId, revision }: CrossReference, connection: ConnectionId): string {
  return digestText(`${connection} ${canonicalId} ${revision}`);
}

function withResolved(delivery: Delivery, outward: OutwardFields): Delivery {
  const { fields: record, resolved } = outward;
  const fields = Object.fromEntries(
    Object.keys(delivery.golden).map((field) => [field, record[field]]),
  );
  return { ...delivery, write: { ...delivery.write, fields, record }, resolved };
}

function isFilled(xref: CrossReference, field: string): boolean {
  const value = xref.fields[field];
  return value !== undefined && value !== null;
}

function requiredMissing(fields: readonly string[]): Failure {
  return {
    kind: "rejected",
    code: "required-field-missing",
    field: fields.join(", "),
    fix: "Fill the named fields where the record comes from; the write follows by itself.",
  };
}

function isUnderWay(side: Side, nowMs: number): boolean {
  if (side.state !== "creating" || side.intent === undefined) return false;
  return nowMs - Date.parse(side.intent.attemptedAt) < limits.intentLeaseMs;
}
