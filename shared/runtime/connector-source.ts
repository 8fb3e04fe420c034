/** What every way to make connectors has in common: when they are made, and by what they call. */
import { type CallTable, paceTransport } from "#shared/connectors/paced-transport.ts";
import { createTransport, type Fetch, type Transport } from "#shared/connectors/transport.ts";
import type { ConnectionSettings } from "#shared/contracts/connections.ts";
import type { QuotaLimits } from "#shared/domain/call-budget.ts";
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import { customFields } from "#shared/flows/custom-fields.ts";
import type { CallBudget } from "#shared/ports/call-budget.ts";
import type { Clock, Log } from "#shared/ports/log.ts";
import { judgedPlaces } from "./custom-places.ts";

/** Judged once, as the function starts. */
export const placesOf = judgedPlaces(customFields);

export interface ConnectorOptions {
  readonly now: Clock;
  readonly log: Log;
  /** What all workers share; absent where no call to a remote is made. */
  readonly budget?: CallBudget | undefined;
  /** In place of the platform's own, for simulations. */
  readonly fetch?: Fetch | undefined;
}

/**
 * What is made of the connections document, made anew only when the document was read anew, so that
 * what it keeps (tokens, pipelines) lasts as long as the settings it was made with.
 */
export function createSource<Made extends { readonly connection: ConnectionId }>(
  readConnections: () => Promise<readonly ConnectionSettings[]>,
  make: (settings: ConnectionSettings) => Made,
): () => Promise<ReadonlyMap<ConnectionId, Made>> {
  let made:
    | {
        readonly settings: readonly ConnectionSettings[];
        readonly all: ReadonlyMap<ConnectionId, Made>;
      }
    | undefined;
  return async () => {
    const settings = await readConnections();
    if (made?.settings !== settings) {
      const all = settings.map(make);
      made = { settings, all: new Map(all.map((one) => [one.connection, one])) };
    }
    return made.all;
  };
}

export function transportOf(
  { id: connection, system }: ConnectionSettings,
  quota: QuotaLimits,
  calls: CallTable,
  { budget, now, log, fetch }: ConnectorOptions,
): Transport {
  const transport = createTransport(fetch);
  if (budget === undefined) return transport;
  return paceTransport(transport, { connection, system, quota }, calls, { budget, now, log });
}
