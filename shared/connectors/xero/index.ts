import type { XeroSettings } from "#shared/contracts/connections.ts";
import type { CustomPlace } from "#shared/domain/custom-field.ts";
import type { Connector } from "#shared/ports/connector.ts";
import type { Transport } from "../transport.ts";
import { booksOf } from "./books.ts";
import { createXeroClient } from "./client.ts";
import { xeroDefinition } from "./definition.ts";
import { createLedgerReader } from "./ledger-facts.ts";
import { lookUpRecords } from "./look-up-records.ts";
import { readChangePage, readRecordsById } from "./read-records.ts";
import { receiveXeroWebhook } from "./webhook.ts";
import { writeRecords } from "./write-records.ts";

/**
 * Xero as a connection: customers are its contacts, products its items, invoices its documents of
 * type ACCREC, credit notes those of type ACCRECCREDIT, payments those made on both and what came in
 * ahead or on top. Keeps nothing but an access token and, for minutes, what holds for all documents;
 * README.md has the scopes, units and gaps.
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
  const { places = [], now } = deps;
  const source = { client, books: booksOf(settings), now, places };
  const ledger = createLedgerReader(source, settings.filedThrough);
  return {
    connection: settings.id,
    definition: xeroDefinition,
    readChanges: (recordType, request) => readChangePage(source, recordType, request),
    readByIds: (recordType, externalIds, signal) =>
      readRecordsById(source, recordType, externalIds, signal),
    write: (recordType, writes, signal) => writeRecords(source, recordType, writes, signal),
    lookUp: (recordType, requests, signal) => lookUpRecords(source, recordType, requests, signal),
    receiveWebhook: (request) => receiveXeroWebhook(settings, request),
    readLedger: (signal) => ledger.current(signal),
    // Xero holds all we rely on: ContactNumber, Code and Reference are its own fields.
    prepare: async () => undefined,
  };
}
