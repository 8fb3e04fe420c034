/** Reads from their systems the records that were only hinted at. */
import { externalRefKey } from "#shared/domain/identifiers.ts";
import type { ObservedRecord } from "#shared/domain/records.ts";
import type { Failure } from "#shared/domain/sync-error.ts";
import type { Connector } from "#shared/ports/connector.ts";
import type { ExternalRefEntry } from "#shared/ports/mapping-table.ts";
import { failureOf, type ReceivedEvent, refOfEvent, settleFailure } from "./apply-outcomes.ts";
import type { ApplyDependencies } from "./dependencies.ts";
import { nowText } from "./now-text.ts";
import type { Tally } from "./tally.ts";

/** A record on its way, with the event that brought it. */
export interface Arrival {
  readonly event: ReceivedEvent;
  readonly record: ObservedRecord;
}

/** Step 2. A call that fails sends its events back; it is never taken for a deletion. */
export async function readRecords(
  deps: ApplyDependencies,
  toRead: readonly ReceivedEvent[],
  seen: ReadonlyMap<string, ExternalRefEntry>,
  tally: Tally,
  signal: AbortSignal,
): Promise<Arrival[]> {
  const arrivals: Arrival[] = [];
  for (const events of groupBy(toRead, (event) => `${event.connection} ${event.recordType}`)) {
    const first = events[0];
    const connector = first === undefined ? undefined : deps.connectors.get(first.connection);
    if (first === undefined) continue;
    if (connector === undefined) {
      // A door that cannot be asked again sends its records along, unless one is too large to.
      const failure: Failure = {
        kind: "rejected",
        code: "record-not-readable",
        fix: "Split the document or shorten its texts, then drop the file again.",
      };
      for (const event of events) await settleFailure(deps, event, failure, tally);
      continue;
    }
    // A call at a time: where a quota ends, what was read before is kept.
    const { readBatchMax } = connector.definition.limits;
    for (let from = 0; from < events.length; from += readBatchMax) {
      const batch = events.slice(from, from + readBatchMax);
      arrivals.push(...(await readBatch(deps, connector, batch, seen, tally, signal)));
    }
  }
  return arrivals;
}

async function readBatch(
  deps: ApplyDependencies,
  connector: Connector,
  events: readonly ReceivedEvent[],
  seen: ReadonlyMap<string, ExternalRefEntry>,
  tally: Tally,
  signal: AbortSignal,
): Promise<Arrival[]> {
  // What is read is as old as the asking, not as the hint.
  const capturedAt = nowText(deps);
  const byId = new Map(events.map((event) => [event.externalId, { ...event, capturedAt }]));
  const [first] = byId.values();
  if (first === undefined) return [];
  const arrivals: Arrival[] = [];
  try {
    const read = await connector.readByIds(first.recordType, [...byId.keys()], signal);
    for (const record of read.records) {
      const event = byId.get(record.externalId) ?? first;
      arrivals.push({ event: eventFor(event, record), record });
    }
    for (const { recordType, externalId, failure } of read.unreadable) {
      const event = { ...(byId.get(externalId) ?? first), recordType, externalId };
      await settleFailure(deps, event, failure, tally);
    }
    for (const externalId of read.missing) {
      const event = byId.get(externalId);
      if (event !== undefined) arrivals.push({ event, record: goneRecord(event, seen) });
    }
    return arrivals;
  } catch (cause) {
    const failure = failureOf(cause);
    for (const event of events) await settleFailure(deps, event, failure, tally, cause);
    return [];
  }
}

/** A related record that came along, such as an invoice's payment, has an event of its own. */
function eventFor(event: ReceivedEvent, record: ObservedRecord): ReceivedEvent {
  const { recordType, externalId } = record;
  return { ...event, recordType, externalId };
}

/** Asked for by id and not there: deleted for good. */
function goneRecord(
  event: ReceivedEvent,
  seen: ReadonlyMap<string, ExternalRefEntry>,
): ObservedRecord {
  const known = seen.get(externalRefKey(refOfEvent(event)))?.seen?.version ?? 0;
  return {
    recordType: event.recordType,
    externalId: event.externalId,
    version: Math.max(known, event.occurredAt ?? 0),
    life: "deleted",
    fields: {},
  };
}

function groupBy<Element>(
  elements: readonly Element[],
  keyOf: (element: Element) => string,
): Element[][] {
  return [...Map.groupBy(elements, keyOf).values()];
}
