/** The half of Xero that is read: pages of what changed, and what holds for all documents. */
import type { XeroSettings } from "#shared/contracts/connections.ts";
import type { CustomPlace } from "#shared/domain/custom-field.ts";
import type { SystemReader } from "#shared/ports/connector.ts";
import type { Transport } from "../transport.ts";
import { booksOf } from "./books.ts";
import { createXeroClient } from "./client.ts";
import { xeroDefinition } from "./definition.ts";
import { createLedgerReader } from "./ledger-facts.ts";
import { readChangePage, type Source } from "./read-records.ts";
import { createWriteOffReader } from "./write-offs.ts";

export interface XeroDependencies {
  readonly transport: Transport;
  readonly now: () => number;
  /** The company's custom fields, judged by `judgeXeroPlace`. */
  readonly places?: readonly CustomPlace[];
}

export function createXeroReader(settings: XeroSettings, deps: XeroDependencies): SystemReader {
  return createReading(settings, sourceOf(settings, deps));
}

export function sourceOf(settings: XeroSettings, deps: XeroDependencies): Source {
  const { places = [], now } = deps;
  const [client, books] = [createXeroClient(settings, deps), booksOf(settings)];
  const writeOffs = createWriteOffReader({ client, books, now });
  return { client, books, writeOffs, now, places };
}

export function createReading(settings: XeroSettings, source: Source): SystemReader {
  const ledger = createLedgerReader(source, settings.filedThrough);
  return {
    connection: settings.id,
    definition: xeroDefinition,
    readChanges: (recordType, request) => readChangePage(source, recordType, request),
    readLedger: (signal) => ledger.current(signal),
  };
}
