import { withCallPriority } from "#shared/connectors/call-priority.ts";
import { createHubspotConnector } from "#shared/connectors/hubspot/index.ts";
import { hubspotCalls, hubspotQuotaOf } from "#shared/connectors/hubspot/quota.ts";
import { createXeroConnector } from "#shared/connectors/xero/index.ts";
import { xeroCalls, xeroQuotaOf } from "#shared/connectors/xero/quota.ts";
import type { ConnectionSettings } from "#shared/contracts/connections.ts";
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import { assertNever } from "#shared/domain/sync-error.ts";
import type { Connector } from "#shared/ports/connector.ts";
import { type ConnectorOptions, createSource, placesOf, transportOf } from "./connector-source.ts";

/** The connectors of the connections document. */
export function createConnectorSource(
  readConnections: () => Promise<readonly ConnectionSettings[]>,
  options: ConnectorOptions,
): () => Promise<ReadonlyMap<ConnectionId, Connector>> {
  return createSource(readConnections, (settings) => createConnector(settings, options));
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
