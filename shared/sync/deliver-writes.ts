/**
 * Writes to one connection what it is owed.
 *
 * 1. load the hinted cross-references and what they refer to;
 * 2. sort: nothing owed · waits for another record · a former create must be looked up · to be written;
 * 3. look up what an uncertain create may have made, and adopt it;
 * 4. commit the intent of each create;
 * 5. write, in as few calls as the remote allows;
 * 6. save each result.
 *
 * Intent before call, look-up before a second call: however a worker dies between two lines, one
 * record exists in the remote at the end. Hints may come twice and in any order.
 */
import { limits } from "#shared/config/limits.ts";
import {
  type CrossReference,
  isLinked,
  type Side,
  sideOf,
  withSide,
} from "#shared/domain/cross-reference.ts";
import { digestText } from "#shared/domain/fingerprint.ts";
import { type Flow, ruleOf } from "#shared/domain/flow.ts";
import {
  type CanonicalId,
  type ConnectionId,
  type RecordType,
  recordTypes,
} from "#shared/domain/identifiers.ts";
import { owedFields } from "#shared/domain/merge.ts";
import type { Fields } from "#shared/domain/records.ts";
import type { Failure } from "#shared/domain/sync-error.ts";
import type { Connector, RemoteWrite, WriteResult } from "#shared/ports/connector.ts";
import { concurrently } from "./concurrently.ts";
import { settleLookUps } from "./deliver-look-ups.ts";
import { Deliveries, type Delivery, type ReceivedHint } from "./deliver-outcomes.ts";
import type { DeliverDependencies } from "./dependencies.ts";
import {
  canonicalReferences,
  pendingReferences,
  resolveInward,
  resolveOutward,
  type OutwardFields,
  waitKeyOfRef,
} from "./references.ts";
import { saveSideOf } from "./save-side.ts";

/** Takes the hints of any number of messages: the larger the batch, the fewer the calls. */
export async function deliverWrites(
  deps: DeliverDependencies,
  connection: ConnectionId,
  hints: readonly ReceivedHint[],
  signal: AbortSignal,
): Promise<void> {
  const connector = deps.connectors.get(connection);
  const deliveries = new Deliveries(deps, connection);
  if (connector === undefined) {
    const failure: Failure = { kind: "reauthorise", code: "connection-unknown" };
    for (const hint of hints) deliveries.postpone(hint, failure);
    return deliveries.close();
  }
  // Customers before orders: what was just linked holds nobody up.
  for (const recordType of recordTypes) {
    const ofType = hints.filter((hint) => hint.recordType === recordType);
    if (ofType.length > 0) {
      await deliverType(deps, connector, recordType, ofType, deliveries, signal);
    }
  }
  await deliveries.close();
}

async function deliverType(
  deps: DeliverDependencies,
  connector: Connector,
  recordType: RecordType,
  hints: readonly ReceivedHint[],
  deliveries: Deliveries,
  signal: AbortSignal,
): Promise<void> {
  const { connection } = connector;
  const loaded = await loadHinted(deps, hints);
  const { writable, uncertain } = await sortHinted(deps, connection, hints, loaded, deliveries);
  const absent = await settleLookUps(deps, connector, recordType, uncertain, deliveries, signal);
  const committed = await commitIntents(deps, connection, [...writable, ...absent]);
  for (const { delivery, isCommitted } of committed) if (!isCommitted) deliveries.again(delivery);
  const ready = committed.filter((one) => one.isCommitted).map((one) => one.delivery);
  if (ready.length > 0) await writeAll(deps, connector, recordType, ready, deliveries, signal);
}

interface Hinted {
  readonly hint: ReceivedHint;
  readonly xref: CrossReference;
}

/** Step 1; references that became known since the record was saved are filled in. */
async function loadHinted(
  deps: DeliverDependencies,
  hints: readonly ReceivedHint[],
): Promise<{ hinted: Hinted[]; targets: ReadonlyMap<CanonicalId, CrossReference> }> {
  const byId = hintOfEach(hints);
  const xrefs = await deps.xrefs.load([...byId.keys()]);
  const pending = [...xrefs.values()].flatMap((xref) => pendingReferences(xref.fields));
  const known = await deps.xrefs.findExternalRefs(pending);
  const hinted: Hinted[] = [];
  for (const [id, hint] of byId) {
    const xref = xrefs.get(id);
    if (xref === undefined) continue;
    const fields = known.size === 0 ? xref.fields : resolveInward(xref.fields, known);
    hinted.push({ hint, xref: { ...xref, fields } });
  }
  const referred = new Set(hinted.flatMap(({ xref }) => canonicalReferences(xref.fields)));
  return { hinted, targets: await deps.xrefs.load([...referred]) };
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
async function sortHinted(
  deps: DeliverDependencies,
  connection: ConnectionId,
  hints: readonly ReceivedHint[],
  loaded: Awaited<ReturnType<typeof loadHinted>>,
  deliveries: Deliveries,
): Promise<{ writable: Delivery[]; uncertain: Delivery[] }> {
  const writable: Delivery[] = [];
  const uncertain: Delivery[] = [];
  const blocked: Blocked[] = [];
  const seen = new Set(loaded.hinted.map(({ hint }) => hint));
  for (const hint of hints) if (!seen.has(hint)) deliveries.settle(hint);
  for (const { hint, xref } of loaded.hinted) {
    const flow = deps.flows[xref.recordType];
    const owed = owedFields(xref, connection, flow);
    const side = sideOf(xref, connection);
    const delivery = deliveryOf(hint, xref, connection, flow, owed);
    const outward = resolveOutward(delivery.write.record, connection, loaded.targets);
    const missing = isLinked(side) ? [] : flow.required.filter((field) => !isFilled(xref, field));
    if (owed.length === 0 || side.state === "rejected") deliveries.settle(hint);
    else if (missing.length > 0) await deliveries.refuse(delivery, requiredMissing(missing));
    else if (waitsFor(outward.waitsFor, delivery).length > 0) {
      blocked.push({ delivery, waitsFor: waitsFor(outward.waitsFor, delivery) });
    } else {
      const resolved = withResolved(delivery, outward);
      const mustLookUp = side.state === "creating" || side.state === "uncertain";
      if (!mustLookUp) writable.push(resolved);
      else if (isUnderWay(side, deps.clock())) deliveries.again(resolved, limits.createLeaseMs);
      else uncertain.push(resolved);
    }
  }
  await blockAll(deps, connection, blocked, deliveries);
  return { writable, uncertain };
}

function deliveryOf(
  hint: ReceivedHint,
  xref: CrossReference,
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
    idempotencyKey: digestText(`${connection} ${xref.canonicalId}`),
    fields: golden,
    record: Object.fromEntries(Object.entries(xref.fields).filter(isHeldThere)),
  };
  return { hint, xref, golden, write, resolved: new Map() };
}

function withResolved(delivery: Delivery, outward: OutwardFields): Delivery {
  const { fields: record, resolved } = outward;
  const fields = Object.fromEntries(
    Object.keys(delivery.golden).map((field) => [field, record[field]]),
  );
  return { ...delivery, write: { ...delivery.write, fields, record }, resolved };
}

/** Only what is owed can hold a write up: a linked record's other fields are not sent. */
function waitsFor(keys: readonly string[], delivery: Delivery): readonly string[] {
  if (delivery.write.externalId === undefined) return keys;
  const owed = new Set([
    ...canonicalReferences(delivery.golden),
    ...pendingReferences(delivery.golden).map(waitKeyOfRef),
  ]);
  return keys.filter((key) => owed.has(key));
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
  return nowMs - Date.parse(side.intent.attemptedAt) < limits.createLeaseMs;
}

interface Blocked {
  readonly delivery: Delivery;
  readonly waitsFor: readonly string[];
}

/**
 * Registers each wait, for the first of what the record waits for, then looks once more: it may have
 * been linked in between, and whoever linked it did not see this waiter. When woken, the record may
 * wait for the next.
 */
async function blockAll(
  deps: DeliverDependencies,
  connection: ConnectionId,
  blocked: readonly Blocked[],
  deliveries: Deliveries,
): Promise<void> {
  if (blocked.length === 0) return;
  await concurrently(blocked, limits.tableConcurrencyMax, async ({ delivery, waitsFor: keys }) => {
    const { canonicalId, recordType } = delivery.xref;
    const { runId } = delivery.hint;
    const waiter = { connection, canonicalId, recordType, runId };
    await deps.waits.register(keys[0] ?? canonicalId, waiter);
    await saveSideOf(deps, connection, delivery.xref, (side) => ({
      ...side,
      state: "blocked",
      waitsFor: keys,
    }));
  });
  const firstKeys = blocked.map(({ waitsFor: keys }) => keys[0] ?? "");
  const parents = await deps.xrefs.load(firstKeys.filter((key) => !key.startsWith("ext#")));
  const pending = blocked.flatMap(({ delivery }) => pendingReferences(delivery.write.record));
  const known = await deps.xrefs.findExternalRefs(pending);
  const isThere = (key: string): boolean => {
    const parent = parents.get(key);
    if (parent !== undefined) return isLinked(sideOf(parent, connection));
    return known.has(key.replace(/^ext#/, ""));
  };
  for (const { delivery, waitsFor: keys } of blocked) {
    if (isThere(keys[0] ?? "")) deliveries.again(delivery);
    else deliveries.wait(delivery, keys);
  }
}

/** Step 4: creates are decided and stored before the call; updates need no intent. */
async function commitIntents(
  deps: DeliverDependencies,
  connection: ConnectionId,
  deliveries: readonly Delivery[],
): Promise<{ delivery: Delivery; isCommitted: boolean }[]> {
  const attemptedAt = new Date(deps.clock()).toISOString();
  return concurrently(deliveries, limits.tableConcurrencyMax, async (delivery) => {
    if (delivery.write.externalId !== undefined) return { delivery, isCommitted: true };
    const side = sideOf(delivery.xref, connection);
    const { idempotencyKey } = delivery.write;
    const tries = (side.intent?.tries ?? 0) + 1;
    const intent = { idempotencyKey, attemptedAt, tries };
    const creating: Side = { ...side, state: "creating", intent, waitsFor: undefined };
    const xref = withSide(delivery.xref, connection, creating);
    const outcome = await deps.xrefs.save(xref, { externalRefs: [], matchKeys: [] }, []);
    const saved = { ...xref, revision: xref.revision + 1 };
    return { delivery: { ...delivery, xref: saved }, isCommitted: outcome === "saved" };
  });
}

/**
 * Steps 5 and 6, one call's worth at a time: each call's results are saved before the next is made,
 * so that the webhooks of a call find its records linked and seen, and end as echoes.
 */
async function writeAll(
  deps: DeliverDependencies,
  connector: Connector,
  recordType: RecordType,
  ready: readonly Delivery[],
  deliveries: Deliveries,
  signal: AbortSignal,
): Promise<void> {
  const flow: Flow = deps.flows[recordType];
  const callMax = connector.definition.limits.writeBatchMax[recordType] ?? ready.length;
  for (let from = 0; from < ready.length; from += callMax) {
    const slice = ready.slice(from, from + callMax);
    const writes = slice.map((delivery) => delivery.write);
    const results = await connector.write(recordType, writes, signal);
    await concurrently(
      slice.map((delivery, index) => ({ delivery, result: results[index] ?? unanswered })),
      limits.tableConcurrencyMax,
      ({ delivery, result }) => deliveries.saveResult(delivery, result, flow),
    );
  }
}

const unanswered: WriteResult = {
  kind: "failed",
  failure: { kind: "uncertain", code: "write-unanswered" },
};
