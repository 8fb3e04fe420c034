import type { XeroSettings } from "#shared/contracts/connections.ts";
import type { Connector } from "#shared/ports/connector.ts";
import { lookUpRecords } from "./look-up-records.ts";
import { readRecordsById } from "./read-records.ts";
import { createReading, sourceOf, type XeroDependencies } from "./reader.ts";
import { receiveXeroWebhook } from "./webhook.ts";
import { writeRecords } from "./write-records.ts";

/**
 * Xero as a connection: customers are its contacts, products its items, invoices its documents of
 * type ACCREC, credit notes those of type ACCRECCREDIT, payments those made on both and what came in
 * ahead or on top. Keeps nothing but an access token and, for minutes, what holds for all documents;
 * README.md has the scopes, units and gaps.
 */
export function createXeroConnector(settings: XeroSettings, deps: XeroDependencies): Connector {
  const source = sourceOf(settings, deps);
  return {
    ...createReading(settings, source),
    readByIds: (recordType, externalIds, signal) =>
      readRecordsById(source, recordType, externalIds, signal),
    write: (recordType, writes, signal) => writeRecords(source, recordType, writes, signal),
    lookUp: (recordType, requests, signal) => lookUpRecords(source, recordType, requests, signal),
    receiveWebhook: (request) => receiveXeroWebhook(settings, request),
    // Xero holds all we rely on: ContactNumber, Code and Reference are its own fields.
    prepare: async () => undefined,
  };
}
