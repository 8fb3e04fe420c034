import type { CrossReference } from "#shared/domain/cross-reference.ts";
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import type { Waiter } from "#shared/ports/mapping-table.ts";
import type { DeliveryHint, DeliveryQueue } from "#shared/ports/queues.ts";
import type { Counted, Tally } from "./tally.ts";

/** Collects the hints of a batch, one per record and connection, and sends them together. */
export class HintSender {
  readonly #deliveries: DeliveryQueue;
  readonly #tally: Tally;
  readonly #hints = new Map<ConnectionId, Map<string, DeliveryHint>>();

  constructor(deliveries: DeliveryQueue, tally: Tally) {
    this.#deliveries = deliveries;
    this.#tally = tally;
  }

  /** The connections that are newly owed a write; counted as owed in the run. */
  add(xref: CrossReference, owed: readonly ConnectionId[], cause: Counted): void {
    const { canonicalId, recordType } = xref;
    const { runId } = cause;
    for (const connection of owed) {
      if (this.#put(connection, { canonicalId, recordType, runId, tries: 0 })) {
        this.#tally.count(cause, `owed.${connection}.${recordType}`);
      }
    }
  }

  /** A write that was owed before and can go on now. */
  wake(waiter: Waiter): void {
    const { connection, canonicalId, recordType, runId } = waiter;
    this.#put(connection, { canonicalId, recordType, runId, tries: 0 });
  }

  async send(): Promise<void> {
    for (const [connection, hints] of this.#hints) {
      await this.#deliveries.send(connection, [...hints.values()]);
    }
  }

  #put(connection: ConnectionId, hint: DeliveryHint): boolean {
    const hints = this.#hints.get(connection) ?? new Map<string, DeliveryHint>();
    this.#hints.set(connection, hints);
    const isNew = !hints.has(hint.canonicalId);
    hints.set(hint.canonicalId, hint);
    return isNew;
  }
}
