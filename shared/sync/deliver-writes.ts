/**
 * Writes to one connection what it is owed.
 *
 * 1. load the hinted cross-references and what they refer to;
 * 2. sort: nothing owed · waits for another record · a former create must be looked up · to be written;
 * 3. look up what an uncertain create may have made, and adopt it;
 * 4. look before overwriting a field that others may set, where the remote has no lock of its own;
 * 5. leave out what the books would refuse: closed periods, settled documents, see `ledger-lock.ts`;
 * 6. commit the intent of each create and archive of a call, make the call, save each result; then the
 *    next call.
 *
 * Intent before call, look-up before a second call: however a worker dies between two lines, one
 * record exists in the remote at the end. Hints may come twice and in any order.
 */
import { limits } from "#shared/config/limits.ts";
import { type ConnectionId, type RecordType, recordTypes } from "#shared/domain/identifiers.ts";
import type { Failure } from "#shared/domain/sync-error.ts";
import type { Connector, WriteResult } from "#shared/ports/connector.ts";
import { concurrently } from "./concurrently.ts";
import { commitIntents } from "./deliver-intents.ts";
import { checkLocks, type LedgerReader, ledgerReaderOf } from "./deliver-locks.ts";
import { lookBeforeOverwrite } from "./deliver-look-first.ts";
import { settleLookUps } from "./deliver-look-ups.ts";
import { Deliveries, type Delivery, type ReceivedHint } from "./deliver-outcomes.ts";
import { loadHinted, sortHinted } from "./deliver-sorting.ts";
import type { DeliverDependencies } from "./dependencies.ts";

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
  const readLedger = ledgerReaderOf(connector, signal);
  // Customers before orders: what was just linked holds nobody up.
  for (const recordType of recordTypes) {
    const ofType = hints.filter((hint) => hint.recordType === recordType);
    if (ofType.length > 0) {
      const target = { connector, recordType, readLedger };
      await deliverType(deps, target, ofType, deliveries, signal);
    }
  }
  await deliveries.close();
}

interface Target {
  readonly connector: Connector;
  readonly recordType: RecordType;
  readonly readLedger: LedgerReader | undefined;
}

async function deliverType(
  deps: DeliverDependencies,
  { connector, recordType, readLedger }: Target,
  hints: readonly ReceivedHint[],
  deliveries: Deliveries,
  signal: AbortSignal,
): Promise<void> {
  const { connection } = connector;
  const loaded = await loadHinted(deps, hints);
  const sorted = await sortHinted(deps, connection, hints, loaded, deliveries);
  const { uncertain, writable, lives } = sorted;
  const absent = await settleLookUps(deps, connector, recordType, uncertain, deliveries, signal);
  const safe = await lookBeforeOverwrite(deps, connector, recordType, writable, deliveries, signal);
  const looked = [...safe, ...absent.map((delivery) => ({ delivery }))];
  const open = await checkLocks(deps, connector, recordType, looked, readLedger, deliveries);
  await writeAll(deps, connector, recordType, [...open, ...lives], deliveries, signal);
}

/**
 * One call's worth at a time: each call's results are saved before the next is made, so that the
 * webhooks of a call find its records linked and seen, and end as echoes; and a create's intent is
 * as old as its own call, not as the first of many.
 */
async function writeAll(
  deps: DeliverDependencies,
  connector: Connector,
  recordType: RecordType,
  ready: readonly Delivery[],
  deliveries: Deliveries,
  signal: AbortSignal,
): Promise<void> {
  const flow = deps.flows[recordType];
  const callMax = connector.definition.limits.writeBatchMax[recordType] ?? ready.length;
  for (let from = 0; from < ready.length; from += callMax) {
    const next = ready.slice(from, from + callMax);
    const slice = await commitIntents(deps, connector.connection, next, deliveries);
    if (slice.length === 0) continue;
    const writes = slice.map((delivery) => delivery.write);
    const results = await connector.write(recordType, writes, signal);
    const spent = spentQuota(results);
    await concurrently(
      slice.map((delivery, index) => ({ delivery, result: results[index] ?? unanswered })),
      limits.tableConcurrencyMax,
      ({ delivery, result }) => deliveries.saveResult(delivery, result, flow),
    );
    if (spent !== undefined) {
      // No call will be granted now: what is left keeps its intents for when one is.
      for (const { hint } of ready.slice(from + callMax)) deliveries.postpone(hint, spent);
      return;
    }
  }
}

/** Why no write of a call was let through, where it was for a quota. */
function spentQuota(results: readonly WriteResult[]): Failure | undefined {
  const failures = results.flatMap((result) => (result.kind === "failed" ? [result.failure] : []));
  const isSpent =
    failures.length === results.length && failures.every(({ kind }) => kind === "rate-limited");
  return isSpent ? failures[0] : undefined;
}

const unanswered: WriteResult = {
  kind: "failed",
  failure: { kind: "uncertain", code: "write-unanswered" },
};
