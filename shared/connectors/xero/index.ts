import type { XeroSettings } from "#shared/contracts/connections.ts";
import type { CustomPlace } from "#shared/domain/custom-field.ts";
import type { Connector } from "#shared/ports/connector.ts";
import type { Transport } from "../transport.ts";
import { createXeroClient } from "./client.ts";
import { xeroDefinition } from "./definition.ts";
import { lookUpRecords } from "./look-up-records.ts";
import { readChangePage, readRecordsById } from "./read-records.ts";
import { receiveXeroWebhook } from "./webhook.ts";
import { writeRecords } from "./write-records.ts";

/**
 * Xero as a connection: customers are its contacts, products its items, invoices its documents of
 * type ACCREC, payments those made on them. Keeps nothing but an access token; README.md has the
 * scopes, units and gaps.
 */
export function createXeroConnector(
  settings: XeroSettings,
  deps: {
    readonly transport: Transport;
    readonly now: () => number;
    /** The company's custom fields, judged by `judgeXeroPlace`. */
    readonly places?: readonly CustomPlace[];
  },
): Connector {
  const client = createXeroClient(settings, deps);
  const connection = settings.id;
  const { salesAccountCode } = settings;
  const { places = [] } = deps;
  return {
    connection,
    definition: xeroDefinition,
    readChanges: (recordType, request) =>
      readChangePage({ client, connection, places }, recordType, request),
    readByIds: (recordType, externalIds, signal) =>
      readRecordsById({ client, connection, places }, recordType, externalIds, signal),
    write: (recordType, writes, signal) =>
      writeRecords({ client, connection, places, salesAccountCode }, recordType, writes, signal),
    lookUp: (recordType, requests, signal) =>
      lookUpRecords({ client, connection, places }, recordType, requests, signal),
    receiveWebhook: (request) => receiveXeroWebhook(settings, request),
    // Xero holds all we rely on: ContactNumber, Code and Reference are its own fields.
    prepare: async () => undefined,
  };
}
