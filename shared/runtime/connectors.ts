import { withCallPriority } from "#shared/connectors/call-priority.ts";
import { createHubspotConnector } from "#shared/connectors/hubspot/index.ts";
import { hubspotCalls, hubspotQuotaOf } from "#shared/connectors/hubspot/quota.ts";
import { type CallTable, paceTransport } from "#shared/connectors/paced-transport.ts";
import { createTransport, type Fetch, type Transport } from "#shared/connectors/transport.ts";
import { createXeroConnector } from "#shared/connectors/xero/index.ts";
import { xeroCalls, xeroQuotaOf } from "#shared/connectors/xero/quota.ts";
import type { ConnectionSettings } from "#shared/contracts/connections.ts";
import type { QuotaLimits } from "#shared/domain/call-budget.ts";
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import { assertNever } from "#shared/domain/sync-error.ts";
import { customFields } from "#shared/flows/custom-fields.ts";
import type { CallBudget } from "#shared/ports/call-budget.ts";
import type { Connector } from "#shared/ports/connector.ts";
import type { Clock, Log } from "#shared/ports/log.ts";
import { judgedPlaces } from "./custom-places.ts";

/** Judged once, as the function starts. */
const placesOf = judgedPlaces(customFields);

type Connectors = ReadonlyMap<ConnectionId, Connector>;

interface ConnectorOptions {
  readonly now: Clock;
  readonly log: Log;
  /** What all workers share; absent where no call to a remote is made. */
  readonly budget?: CallBudget | undefined;
  /** In place of the platform's own, for simulations. */
  readonly fetch?: Fetch | undefined;
}

/**
 * The connectors of the connections document, made anew only when the document was read anew, so
 * that what they keep (tokens, pipelines) lasts as long as the settings it was made with.
 */
export function createConnectorSource(
  readConnections: () => Promise<readonly ConnectionSettings[]>,
  options: ConnectorOptions,
): () => Promise<Connectors> {
  let made: { settings: readonly ConnectionSettings[]; connectors: Connectors } | undefined;
  return async () => {
    const settings = await readConnections();
    if (made?.settings !== settings) {
      const connectors = settings.map((one) => createConnector(one, options));
      made = { settings, connectors: new Map(connectors.map((one) => [one.connection, one])) };
    }
    return made.connectors;
  };
}

function createConnector(settings: ConnectionSettings, options: ConnectorOptions): Connector {
  const { now } = options;
  const places = placesOf(settings.id);
  switch (settings.system) {
    case "hubspot": {
      const transport = transportOf(settings, hubspotQuotaOf(settings), hubspotCalls, options);
      return withCallPriority(createHubspotConnector(settings, { transport, now, places }));
    }
    case "xero": {
      const transport = transportOf(settings, xeroQuotaOf(settings), xeroCalls, options);
      return withCallPriority(createXeroConnector(settings, { transport, now, places }));
    }
    default:
      return assertNever(settings);
  }
}

function transportOf(
  { id: connection, system }: ConnectionSettings,
  quota: QuotaLimits,
  calls: CallTable,
  { budget, now, log, fetch }: ConnectorOptions,
): Transport {
  const transport = createTransport(fetch);
  if (budget === undefined) return transport;
  return paceTransport(transport, { connection, system, quota }, calls, { budget, now, log });
}
