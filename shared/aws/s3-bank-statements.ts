/**
 * Bank statements from the inbox, folder `bank/`, one file a page. A file that cannot be trusted is told
 * by its key and its rows are none: the tie-out shows it as left out, and goes on.
 */
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import { limits } from "#shared/config/limits.ts";
import { bankStatementPrefix } from "#shared/config/names.ts";
import type { BankRow } from "#shared/domain/bank-rows.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { BankRowPage, BankRowReader } from "#shared/ports/bank-rows.ts";
import { asSyncError, errorName } from "./aws-errors.ts";

export interface BankStatementOptions {
  readonly client: S3Client;
  readonly inboxBucket: string;
  /** The statements of a file; throws SyncError `invalid-input` for one that cannot be trusted. */
  readonly readFile: (content: Uint8Array) => readonly ReadStatement[];
}

interface ReadStatement {
  readonly statement: { readonly account: string; readonly statementId: string };
  readonly rows: readonly BankRow[];
}

/** Where a walk is: the last file, and the statements so far, each of which counts once. */
interface Place {
  readonly after: string | undefined;
  readonly seen: readonly string[];
}

export function createBankRowReader(options: BankStatementOptions): BankRowReader {
  return {
    async readPage(cursor, signal) {
      const place = placeOf(cursor);
      const key = await nextKey(options, place.after, signal);
      if (key === undefined) return { rows: [], unreadable: [] };
      const content = await contentOf(options, key, signal);
      const read = content === undefined ? nothing : readRows(options, key, content, place.seen);
      const seen = [...place.seen, ...read.ids].slice(-limits.bankStatementsKnownMax);
      const { rows, unreadable } = read;
      return { rows, unreadable, nextCursor: JSON.stringify({ after: key, seen }) };
    },
  };
}

type ReadFile = Pick<BankRowPage, "rows" | "unreadable"> & { readonly ids: readonly string[] };

const nothing: ReadFile = { rows: [], unreadable: [], ids: [] };

/** The same statement is often sent twice, under another name: it counts once. */
function readRows(
  { readFile }: BankStatementOptions,
  key: string,
  content: Uint8Array,
  seen: readonly string[],
): ReadFile {
  try {
    const known = new Set(seen);
    const fresh = readFile(content).filter(({ statement }) => {
      const id = idOf(statement);
      if (known.has(id)) return false;
      known.add(id);
      return true;
    });
    const ids = fresh.map(({ statement }) => idOf(statement));
    return { rows: fresh.flatMap(({ rows }) => rows), unreadable: [], ids };
  } catch (cause) {
    if (!(cause instanceof SyncError) || cause.failure.kind !== "invalid-input") throw cause;
    return { rows: [], unreadable: [key], ids: [] };
  }
}

function idOf({ account, statementId }: ReadStatement["statement"]): string {
  return `${account} ${statementId}`;
}

function placeOf(cursor: string | undefined): Place {
  if (cursor === undefined) return { after: undefined, seen: [] };
  const { after, seen }: { after?: unknown; seen?: unknown } = JSON.parse(cursor);
  const isPlace = typeof after === "string" && Array.isArray(seen);
  if (!isPlace) throw new SyncError({ kind: "bug", code: "cursor-unreadable" });
  return { after, seen: seen.map(String) };
}

async function nextKey(
  { client, inboxBucket }: BankStatementOptions,
  after: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const listing = {
    Bucket: inboxBucket,
    Prefix: bankStatementPrefix,
    StartAfter: after,
    MaxKeys: 1,
  };
  const page = await client
    .send(new ListObjectsV2Command(listing), { abortSignal: signal })
    .catch((error: unknown) => {
      throw asSyncError("files", error);
    });
  return page.Contents?.[0]?.Key;
}

/** Undefined where the file went meanwhile. One beyond the bound is not loaded, only begun. */
async function contentOf(
  { client, inboxBucket }: BankStatementOptions,
  key: string,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  try {
    const object = { Bucket: inboxBucket, Key: key, Range: `bytes=0-${limits.xmlBytesMax}` };
    const answer = await client.send(new GetObjectCommand(object), { abortSignal: signal });
    return await answer.Body?.transformToByteArray();
  } catch (error) {
    if (errorName(error) === "NoSuchKey") return undefined;
    // An empty file has no range at all.
    if (errorName(error) === "InvalidRange") return new Uint8Array();
    throw asSyncError("files", error);
  }
}
