/**
 * Applies captured changes: what a connection showed becomes the golden record, and who is owed what
 * is handed to the delivery queues.
 *
 * 1. leave out hints that are no newer than what was merged (most are echoes of our own writes);
 * 2. read what came without its record, in batches;
 * 3. leave out records that show what they showed last time, but for what a full check repairs;
 * 4. merge and save each record;
 * 5. hold back what a run writes that changes too much, see `hold-run.ts`;
 * 6. hint the connections that are owed a write;
 * 7. only then remember the records as seen. A crash before this line has the message given out again,
 *    and then nothing of it is left out for having been seen.
 *
 * Messages may come twice and in any order. A record that fails goes back to the queue alone.
 */
import { limits } from "#shared/config/limits.ts";
import { heldCodes } from "#shared/domain/derive-invoice.ts";
import {
  type CanonicalId,
  type ExternalRef,
  externalRefKey,
  recordTypes,
} from "#shared/domain/identifiers.ts";
import type { ExternalRefEntry, SeenRecord } from "#shared/ports/mapping-table.ts";
import { absorbMerged } from "./absorb-merged.ts";
import {
  failureOf,
  mayHaveBeenSaved,
  type ReceivedEvent,
  refOfEvent,
  report,
  settleFailure,
} from "./apply-outcomes.ts";
import { concurrently } from "./concurrently.ts";
import type { ApplyDependencies } from "./dependencies.ts";
import { HintSender } from "./hint-sender.ts";
import { holdRuns } from "./hold-run.ts";
import { digestOfFields, readKnown, refOf, type SightedRecord } from "./known-records.ts";
import { type MergedObservation, mergeObservation } from "./merge-observation.ts";
import { type Arrival, readRecords } from "./read-hinted.ts";
import { pendingReferences, resolveInward } from "./references.ts";
import { repairOwed } from "./repair-owed.ts";
import { Tally } from "./tally.ts";

interface Fresh {
  readonly event: ReceivedEvent;
  readonly sighted: SightedRecord;
}

interface Merged extends Fresh {
  readonly result: MergedObservation;
}

/** Takes the events of any number of messages: the larger the batch, the fewer the calls. */
export async function applyChanges(
  deps: ApplyDependencies,
  events: readonly ReceivedEvent[],
  signal: AbortSignal,
): Promise<void> {
  const tally = new Tally();
  const hints = new HintSender(deps.deliveries, tally);
  const seen = await deps.xrefs.findExternalRefs(events.map(refOfEvent));
  const { arrivals, toRead } = sortEvents(deps, events, seen, tally);
  arrivals.push(...(await readRecords(deps, toRead, seen, tally, signal)));

  const newest = newestOfEach(deps, arrivals, tally);
  const { fresh, checked } = await leaveOutUnchanged(deps, newest, seen, tally);
  const merged = await mergeAll(deps, fresh, hints, tally);
  await absorbAll(deps, newest, hints, tally);
  const changes = merged.map(({ event, result: { impact } }) => ({ cause: event, impact }));
  await holdRuns(deps, changes, hints, tally);
  await repairOwed(deps, checked, hints);
  await hints.send();
  await unparkTaken(deps, merged);
  await concurrently(merged, limits.tableConcurrencyMax, async ({ sighted, result }) => {
    const { digest, version } = result;
    if (digest === undefined || version === undefined) return;
    const { revision } = result.xref;
    // Of a sighting older than a write of ours it is the older version that was shown.
    const shownVersion = sighted.record.version;
    await deps.xrefs.markSeen(refOf(sighted), { digest, version, shownVersion, revision });
  });
  await tally.save(deps.runs);
  countDoors(deps, merged);
}

/** Who was taken in leaves the list, but for an order that is held for its invoice's sake. */
async function unparkTaken(deps: ApplyDependencies, merged: readonly Merged[]): Promise<void> {
  const refs = merged.map(({ sighted }) => refOf(sighted));
  const orders = refs.filter(({ recordType }) => recordType === "order");
  const held = new Set<ExternalRef>();
  await concurrently(orders, limits.tableConcurrencyMax, async (ref) => {
    const parked = await deps.parked.find(ref);
    if (parked !== undefined && heldCodes.has(parked.failure.code)) held.add(ref);
  });
  await deps.parked.unpark(refs.filter((ref) => !held.has(ref)));
}

/** Step 1: what has its record, and what must be read. */
function sortEvents(
  deps: ApplyDependencies,
  events: readonly ReceivedEvent[],
  seen: ReadonlyMap<string, ExternalRefEntry>,
  tally: Tally,
): { arrivals: Arrival[]; toRead: ReceivedEvent[] } {
  const arrivals: Arrival[] = [];
  const toRead = new Map<string, ReceivedEvent>();
  for (const event of events) {
    const key = externalRefKey(refOfEvent(event));
    const entry = seen.get(key);
    const known = entry?.seen;
    // An id that was found to lead to another record is asked for by itself: a page may be older.
    const mayBeOld = entry?.movedAt !== undefined && deps.connectors.has(event.connection);
    if (event.record !== undefined && !mayBeOld) arrivals.push({ event, record: event.record });
    else if (known !== undefined && !mayHaveBeenSaved(event) && isKnown(event, known)) {
      report(deps, event, tally, "unchanged");
    } else toRead.set(key, event);
  }
  return { arrivals, toRead: [...toRead.values()] };
}

/** Shown whole at least that late, or the very stamp of our own write: its echo. */
function isKnown(
  { occurredAt }: ReceivedEvent,
  { version, shownVersion = 0 }: SeenRecord,
): boolean {
  return occurredAt !== undefined && (occurredAt <= shownVersion || occurredAt === version);
}

/** Step 3, and the references of what is left. */
async function leaveOutUnchanged(
  deps: ApplyDependencies,
  arrivals: readonly Arrival[],
  seen: ReadonlyMap<string, ExternalRefEntry>,
  tally: Tally,
): Promise<{ fresh: Fresh[]; checked: Map<CanonicalId, ReceivedEvent> }> {
  const unseen = arrivals
    .map(({ event }) => refOfEvent(event))
    .filter((ref) => !seen.has(externalRefKey(ref)));
  const pending = arrivals.flatMap(({ record }) => pendingReferences(record.fields));
  const known = new Map([...seen, ...(await deps.xrefs.findExternalRefs([...unseen, ...pending]))]);
  const fresh: Fresh[] = [];
  const checked = new Map<CanonicalId, ReceivedEvent>();
  for (const { event, record } of arrivals) {
    const fields = resolveInward(record.fields, known);
    const entry = known.get(externalRefKey(refOfEvent(event)));
    const isLive = record.life === "live";
    // We asked because a write was refused as out of date: at least the version is news.
    const isVersionNews = event.via === "look-again";
    if (record.life === "merged") continue;
    if (record.excluded !== undefined && entry === undefined) {
      report(deps, event, tally, "excluded", record.excluded);
    } else if (!isLive && entry === undefined) {
      report(deps, event, tally, "unchanged", "never-linked");
    } else if (
      isLive &&
      !isVersionNews &&
      !mayHaveBeenSaved(event) &&
      entry?.seen !== undefined &&
      entry.seen.digest === digestOfFields(fields)
    ) {
      report(deps, event, tally, "unchanged");
      if (event.via === "check") checked.set(entry.canonicalId, event);
    } else {
      const { connection, speaksFor, capturedAt, runId } = event;
      const source = { connection, speaksFor, capturedAt, runId, isVersionNews };
      fresh.push({ event, sighted: { ...source, record: { ...record, fields } } });
    }
  }
  return { fresh, checked };
}

/** Step 4: customers before orders before payments, so that a record finds what arrived with it. */
async function mergeAll(
  deps: ApplyDependencies,
  fresh: readonly Fresh[],
  hints: HintSender,
  tally: Tally,
): Promise<Merged[]> {
  const merged: Merged[] = [];
  for (const recordType of recordTypes) {
    const ofType = fresh.filter(({ sighted }) => sighted.record.recordType === recordType);
    if (ofType.length === 0) continue;
    const flow = deps.flows[recordType];
    const resolved = await resolveLate(deps, ofType);
    const known = await readKnown(
      deps.xrefs,
      flow,
      resolved.map(({ sighted }) => sighted),
    );
    await concurrently(resolved, limits.tableConcurrencyMax, async ({ event, sighted }) => {
      try {
        const result = await mergeObservation(deps.xrefs, flow, sighted, known);
        merged.push({ event, sighted, result });
        report(deps, event, tally, result.kind);
        hints.add(result.xref, result.owed, event);
      } catch (cause) {
        const withRecord = { ...event, record: sighted.record };
        await settleFailure(deps, withRecord, failureOf(cause), tally, cause);
      }
    });
  }
  return merged;
}

/** What came in by which door: the share that only polls found tells how well webhooks do. */
function countDoors(deps: ApplyDependencies, merged: readonly Merged[]): void {
  const applied = merged.filter(({ result }) => result.kind === "applied");
  const byDoor = Map.groupBy(
    applied,
    ({ event: { connection, via = "unknown" } }) => `${connection} ${via}`,
  );
  for (const [place, events] of byDoor) {
    const [connection = "", door = ""] = place.split(" ");
    deps.log.count("ChangesApplied", events.length, { connection, door });
  }
}

/** Records that took others in, and records that were taken in. */
async function absorbAll(
  deps: ApplyDependencies,
  arrivals: readonly Arrival[],
  hints: HintSender,
  tally: Tally,
): Promise<void> {
  for (const { event, record } of arrivals) {
    const { connection, recordType, externalId, capturedAt: at } = event;
    const pairs =
      record.life === "merged"
        ? [{ survivorId: record.mergedInto ?? externalId, loserId: externalId }]
        : (record.mergedFrom ?? []).map((loserId) => ({ survivorId: externalId, loserId }));
    try {
      let result: "applied" | "unchanged" = "unchanged";
      for (const { survivorId, loserId } of pairs) {
        if (survivorId === loserId) continue;
        const merger = { connection, recordType, survivorId, loserId, at, cause: event };
        if ((await absorbMerged(deps, merger, hints)) === "done") result = "applied";
      }
      if (record.life === "merged") report(deps, event, tally, result, "merged-away");
    } catch (cause) {
      await settleFailure(deps, event, failureOf(cause), tally, cause);
    }
  }
}

async function resolveLate(
  deps: ApplyDependencies,
  fresh: readonly Fresh[],
): Promise<readonly Fresh[]> {
  const pending = fresh.flatMap(({ sighted }) => pendingReferences(sighted.record.fields));
  if (pending.length === 0) return fresh;
  const known = await deps.xrefs.findExternalRefs(pending);
  return fresh.map(({ event, sighted }) => {
    const fields = resolveInward(sighted.record.fields, known);
    return { event, sighted: { ...sighted, record: { ...sighted.record, fields } } };
  });
}

/** Of several sightings of one record, the newest; pages and webhooks overlap. */
function newestOfEach(
  deps: ApplyDependencies,
  arrivals: readonly Arrival[],
  tally: Tally,
): Arrival[] {
  const newest = new Map<string, Arrival>();
  for (const arrival of arrivals) {
    const key = externalRefKey(refOfEvent(arrival.event));
    const held = newest.get(key);
    const isNewest = held === undefined || held.record.version <= arrival.record.version;
    if (held !== undefined) {
      report(deps, isNewest ? held.event : arrival.event, tally, "unchanged", "superseded");
    }
    if (isNewest) newest.set(key, arrival);
  }
  return [...newest.values()];
}
