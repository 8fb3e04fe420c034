import type { CrossReference } from "#shared/domain/cross-reference.ts";
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import type { Waiter } from "#shared/ports/mapping-table.ts";
import type { DeliveryHint, DeliveryQueue } from "#shared/ports/queues.ts";
import type { Counted, Tally } from "./tally.ts";

/** Hints at once, for a person who waits for it; of no run, so counted in none. */
export async function hintNow(
  deliveries: DeliveryQueue,
  { canonicalId, recordType }: CrossReference,
  connections: readonly ConnectionId[],
): Promise<void> {
  for (const connection of connections) {
    await deliveries.send(connection, [{ canonicalId, recordType, tries: 0 }]);
  }
}

/** A hint that was not sent yet. */
export interface PendingHint {
  readonly connection: ConnectionId;
  readonly hint: DeliveryHint;
  /** Where it counts as owed; absent of a write that was owed before. */
  readonly cause: Counted | undefined;
}

/** Collects the hints of a batch, one per record and connection, and sends them together. */
export class HintSender {
  readonly #deliveries: DeliveryQueue;
  readonly #tally: Tally;
  readonly #pending = new Map<string, PendingHint>();

  constructor(deliveries: DeliveryQueue, tally: Tally) {
    this.#deliveries = deliveries;
    this.#tally = tally;
  }

  /** The connections that are newly owed a write; counted as owed in the run. */
  add(xref: CrossReference, owed: readonly ConnectionId[], cause: Counted): void {
    const { canonicalId, recordType } = xref;
    const { runId } = cause;
    for (const connection of owed) {
      this.#put({ connection, hint: { canonicalId, recordType, runId, tries: 0 }, cause });
    }
  }

  /** A write that was owed before and can go on now. */
  wake(waiter: Waiter): void {
    const { connection, canonicalId, recordType, runId } = waiter;
    const hint = { canonicalId, recordType, runId, tries: 0 };
    this.#put({ connection, hint, cause: undefined });
  }

  /** The runs whose hints are pending. */
  runIds(): ReadonlySet<string> {
    return new Set([...this.#pending.values()].flatMap(({ hint }) => hint.runId ?? []));
  }

  /** Takes the hints of a run out: they are not sent, and not counted. */
  take(runId: string): PendingHint[] {
    const taken = [...this.#pending].filter(([, { hint }]) => hint.runId === runId);
    for (const [key] of taken) this.#pending.delete(key);
    return taken.map(([, pending]) => pending);
  }

  /** Puts back what was taken. */
  give(pending: readonly PendingHint[]): void {
    for (const one of pending) this.#put(one);
  }

  async send(): Promise<void> {
    const byConnection = Map.groupBy(this.#pending.values(), ({ connection }) => connection);
    for (const [connection, pending] of byConnection) {
      for (const { cause, hint } of pending) {
        if (cause !== undefined) this.#tally.count(cause, `owed.${connection}.${hint.recordType}`);
      }
      await this.#deliveries.send(
        connection,
        pending.map(({ hint }) => hint),
      );
    }
  }

  /** The last hint at a record counts, and the first cause. */
  #put(pending: PendingHint): void {
    const key = `${pending.connection} ${pending.hint.canonicalId}`;
    const known = this.#pending.get(key);
    this.#pending.set(key, known === undefined ? pending : { ...pending, cause: known.cause });
  }
}
