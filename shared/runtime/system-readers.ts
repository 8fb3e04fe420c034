import { withReadPriority } from "#shared/connectors/call-priority.ts";
import { hubspotCalls, hubspotQuotaOf } from "#shared/connectors/hubspot/quota.ts";
import { createHubspotReader } from "#shared/connectors/hubspot/reader.ts";
import { xeroCalls, xeroQuotaOf } from "#shared/connectors/xero/quota.ts";
import { createXeroReader } from "#shared/connectors/xero/reader.ts";
import type { ConnectionSettings } from "#shared/contracts/connections.ts";
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import { assertNever } from "#shared/domain/sync-error.ts";
import type { SystemReader } from "#shared/ports/connector.ts";
import { type ConnectorOptions, createSource, placesOf, transportOf } from "./connector-source.ts";

/** The connections document for who looks and never writes; apart, so that it carries no writer. */
export function createReaderSource(
  readConnections: () => Promise<readonly ConnectionSettings[]>,
  options: ConnectorOptions,
): () => Promise<ReadonlyMap<ConnectionId, SystemReader>> {
  return createSource(readConnections, (settings) => createReader(settings, options));
}

function createReader(settings: ConnectionSettings, options: ConnectorOptions): SystemReader {
  const { now } = options;
  const places = placesOf(settings.id);
  switch (settings.system) {
    case "hubspot": {
      const transport = transportOf(settings, hubspotQuotaOf(settings), hubspotCalls, options);
      return withReadPriority(createHubspotReader(settings, { transport, now, places }));
    }
    case "xero": {
      const transport = transportOf(settings, xeroQuotaOf(settings), xeroCalls, options);
      return withReadPriority(createXeroReader(settings, { transport, now, places }));
    }
    default:
      return assertNever(settings);
  }
}
