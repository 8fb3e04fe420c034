import { SyncError } from "#shared/domain/sync-error.ts";
import type { PollDependencies } from "./dependencies.ts";

/**
 * Asks every ledger what holds for its documents, for whoever cannot ask: a correction is dated by it.
 * One that cannot be asked now keeps what it said last; deliveries ask for themselves.
 */
export async function noteLedgers(
  deps: Pick<PollDependencies, "connectors" | "ledgers" | "log">,
  signal: AbortSignal,
): Promise<void> {
  for (const connector of deps.connectors.values()) {
    if (connector.readLedger === undefined) continue;
    const { connection } = connector;
    try {
      await deps.ledgers.put(connection, await connector.readLedger(signal));
    } catch (cause) {
      if (!(cause instanceof SyncError)) throw cause;
      deps.log.info("ledger-not-noted", { connection, code: cause.failure.code });
    }
  }
}
