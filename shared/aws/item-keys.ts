/**
 * The keys of every item of the mapping table, and the way back from a key to what it names. No
 * other file puts a key together.
 *
 * | item | pk | sk |
 * |---|---|---|
 * | cross-reference | canonical id | `xref` |
 * | due marker | canonical id of the customer or contract | `due` |
 * | related document | canonical id of the parent | `rel#<kind>#<canonical id>` |
 * | wait | what is waited for | `wait#<connection>#<canonical id>` |
 * | external reference | `ext#<connection>#<record type>#<external id>` | `ref` |
 * | match key | `match#<record type>#<kind>#<key>` | `match` |
 * | watermark | `watermark#<connection>` | record type |
 * | seen delivery | `seen#<connection>#<delivery id>` | `seen` |
 * | run | `run#<run id>` | `run` |
 * | receipt of a run | `run#<run id>` | `receipt#<receipt>` |
 * | parked newcomer | `parked#<connection>#<record type>#<external id>` | `parked` |
 * | ledger | `ledger#<connection>` | `ledger` |
 * | call budget | `budget` | `connection#<connection>` |
 * | file profile | `file-profile` | `name#<name>` |
 */
import { createHash } from "node:crypto";
import {
  type CanonicalId,
  type ConnectionId,
  type ExternalRef,
  externalRefKey,
  isRecordType,
  type RecordType,
} from "#shared/domain/identifiers.ts";
import { type MatchKey, matchKeyText } from "#shared/domain/match-key.ts";
import type { Waiter } from "#shared/ports/mapping-table.ts";

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** DynamoDB takes 2,048 bytes of partition key and 1,024 of sort key; prefixes need some of them. */
const FREE_TEXT_BYTES_MAX = 768;

export const sortKeys = { crossReference: "xref", externalRef: "ref", run: "run" } as const;

export function crossReferenceItemKey(id: CanonicalId): ItemKey {
  return { pk: id, sk: sortKeys.crossReference };
}

export function externalRefItemKey(ref: ExternalRef): ItemKey {
  return { pk: `ext#${externalRefKey(ref)}`, sk: sortKeys.externalRef };
}

/** The inverse of {@link externalRefItemKey}; undefined for any other item's key. */
export function externalRefOfKey(pk: string): ExternalRef | undefined {
  const [prefix, connection, recordType, ...rest] = pk.split("#");
  if (prefix !== "ext" || connection === undefined || recordType === undefined) return undefined;
  if (!isRecordType(recordType) || rest.length === 0) return undefined;
  return { connection, recordType, externalId: rest.join("#") };
}

export function matchKeyItemKey(key: MatchKey): ItemKey {
  const bounded = { ...key, key: boundedText(key.key) };
  return { pk: `match#${matchKeyText(bounded)}`, sk: "match" };
}

export function watermarkItemKey(connection: ConnectionId, recordType: RecordType): ItemKey {
  return { pk: `watermark#${connection}`, sk: recordType };
}

export function seenDeliveryItemKey(connection: ConnectionId, deliveryId: string): ItemKey {
  return { pk: `seen#${connection}#${boundedText(deliveryId)}`, sk: "seen" };
}

export function dueItemKey(id: CanonicalId): ItemKey {
  return { pk: id, sk: "due" };
}

export const relationSortKeyPrefix = "rel#";

export function relationItemKey(
  parent: CanonicalId,
  child: { readonly kind: string; readonly canonicalId: CanonicalId },
): ItemKey {
  return { pk: parent, sk: `${relationSortKeyPrefix}${child.kind}#${child.canonicalId}` };
}

export function waitSortKeyPrefix(connection?: ConnectionId): string {
  return connection === undefined ? "wait#" : `wait#${connection}#`;
}

export function waitItemKey(
  waitKey: string,
  waiter: Pick<Waiter, "connection" | "canonicalId">,
): ItemKey {
  return { pk: waitKey, sk: `${waitSortKeyPrefix(waiter.connection)}${waiter.canonicalId}` };
}

export function runItemKey(runId: string): ItemKey {
  return { pk: `run#${runId}`, sk: sortKeys.run };
}

export function runReceiptItemKey(runId: string, receipt: string): ItemKey {
  return { pk: `run#${runId}`, sk: `receipt#${boundedText(receipt)}` };
}

export function parkedItemKey(ref: ExternalRef): ItemKey {
  return { pk: `parked#${externalRefKey(ref)}`, sk: "parked" };
}

export function ledgerItemKey(connection: ConnectionId): ItemKey {
  return { pk: `ledger#${connection}`, sk: "ledger" };
}

/** All budgets are one partition: there are few, and they are listed together. */
export const budgetPartition = { pk: "budget", sortKeyPrefix: "connection#" } as const;

export function budgetItemKey(connection: ConnectionId): ItemKey {
  const { pk, sortKeyPrefix } = budgetPartition;
  return { pk, sk: `${sortKeyPrefix}${connection}` };
}

/** All confirmed profiles are one partition: there are few, and an import reads them all. */
export const fileProfilePartition = { pk: "file-profile", sortKeyPrefix: "name#" } as const;

export function fileProfileItemKey(name: string): ItemKey {
  const { pk, sortKeyPrefix } = fileProfilePartition;
  return { pk, sk: `${sortKeyPrefix}${name}` };
}

/** The text itself, or its SHA-256 where it is too long for a key; never cut, so never ambiguous. */
function boundedText(text: string): string {
  if (Buffer.byteLength(text) <= FREE_TEXT_BYTES_MAX) return text;
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
