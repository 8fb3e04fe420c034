/**
 * What banks say was paid, as objects of JSON in the bucket of the snapshots: one for each statement, so
 * that one that is sent twice counts once, under however many names it came in.
 *
 * Throws SyncError `retryable` (`files-busy`, `files-unavailable`).
 */
import { ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import { bankRowPrefix } from "#shared/config/snapshot-schema.ts";
import { readBankRows, writeBankRows } from "#shared/contracts/bank-rows.ts";
import { digestText } from "#shared/domain/fingerprint.ts";
import type { BankRowReader, BankRowStore, StatementRows } from "#shared/ports/bank-rows.ts";
import { fromFiles, putObject, readText } from "./s3-objects.ts";

export interface BankRowOptions {
  readonly client: S3Client;
  readonly bucket: string;
}

/** Digits of a time in a key, so that the order of the keys is that of the times. */
const TIME_DIGITS = 15;

export function createBankRowStore({ client, bucket }: BankRowOptions): BankRowStore {
  return {
    async save(statement) {
      const body = writeBankRows(statement.rows);
      const key = `${folderOf(statement)}${timeOf(statement)}-${digestText(body)}.json`;
      await putObject(client, { Bucket: bucket, Key: key, ContentType: "application/json" }, body);
    },
  };
}

/** One statement a page; of several objects of one statement, the last that the bank made. */
export function createBankRowReader(options: BankRowOptions): BankRowReader {
  return {
    async readPage(cursor, signal) {
      const [key, following] = await nextKeys(options, cursor, signal);
      if (key === undefined) return { rows: [], unreadable: [] };
      const nextCursor = following === undefined ? undefined : key;
      const isReplaced = following !== undefined && folderIn(following) === folderIn(key);
      // Undefined as well where the object went meanwhile.
      const text = isReplaced
        ? undefined
        : await readText(options.client, { Bucket: options.bucket, Key: key }, signal);
      if (text === undefined) return { rows: [], unreadable: [], nextCursor };
      const rows = readBankRows(text);
      return rows === undefined
        ? { rows: [], unreadable: [key], nextCursor }
        : { rows, unreadable: [], nextCursor };
    },
  };
}

/** Named after the account and the statement, without telling them. */
function folderOf({ account, statementId }: StatementRows): string {
  return `${bankRowPrefix}${digestText(`${account}\n${statementId}`)}/`;
}

function folderIn(key: string): string {
  return key.slice(0, key.lastIndexOf("/"));
}

function timeOf({ createdAtMs }: StatementRows): string {
  return String(Math.max(0, createdAtMs)).padStart(TIME_DIGITS, "0");
}

/** The next object and the one behind it. */
async function nextKeys(
  { client, bucket }: BankRowOptions,
  after: string | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const listing = { Bucket: bucket, Prefix: bankRowPrefix, StartAfter: after, MaxKeys: 2 };
  const command = new ListObjectsV2Command(listing);
  const page = await fromFiles(client.send(command, { abortSignal: signal }));
  return (page.Contents ?? []).flatMap(({ Key }) => Key ?? []);
}
