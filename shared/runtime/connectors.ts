import { createHubspotConnector } from "#shared/connectors/hubspot/index.ts";
import { createTransport } from "#shared/connectors/transport.ts";
import { createXeroConnector } from "#shared/connectors/xero/index.ts";
import type { ConnectionSettings } from "#shared/contracts/connections.ts";
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import { assertNever } from "#shared/domain/sync-error.ts";
import type { Connector } from "#shared/ports/connector.ts";
import type { Clock } from "#shared/ports/log.ts";

type Connectors = ReadonlyMap<ConnectionId, Connector>;

/**
 * The connectors of the connections document, made anew only when the document was read anew, so
 * that what they keep (tokens, pipelines) lasts as long as the settings it was made with.
 */
export function createConnectorSource(
  readConnections: () => Promise<readonly ConnectionSettings[]>,
  now: Clock,
): () => Promise<Connectors> {
  let made: { settings: readonly ConnectionSettings[]; connectors: Connectors } | undefined;
  return async () => {
    const settings = await readConnections();
    if (made?.settings !== settings) {
      const connectors = settings.map((one) => createConnector(one, now));
      made = { settings, connectors: new Map(connectors.map((one) => [one.connection, one])) };
    }
    return made.connectors;
  };
}

function createConnector(settings: ConnectionSettings, now: Clock): Connector {
  const deps = { transport: createTransport(), now };
  switch (settings.system) {
    case "hubspot":
      return createHubspotConnector(settings, deps);
    case "xero":
      return createXeroConnector(settings, deps);
    default:
      return assertNever(settings);
  }
}
