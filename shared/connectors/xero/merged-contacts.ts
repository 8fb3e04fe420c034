/**
 * Contacts that were merged away, and the ones that took them in. Xero merges in its web application
 * only: the loser is archived and points to the winner, and a winner may be a loser by now.
 */
import type { ExternalId } from "#shared/domain/identifiers.ts";
import type { ObservedRecord } from "#shared/domain/records.ts";
import type { ReadElements } from "./resources.ts";

/** Merges upon merges that are followed; more than any book has. */
const HOPS_MAX = 8;

/**
 * What was read with the winners of all merged records beside it. Each loser points to the last of its
 * chain, as far as that is there, and each winner names the losers that are here.
 */
export async function followMerged(
  read: ReadElements,
  readByIds: (ids: readonly ExternalId[]) => Promise<ReadElements>,
): Promise<ReadElements> {
  const records = new Map(read.records.map((record) => [keyOf(record.externalId), record]));
  const unreadable = [...read.unreadable];
  const asked = new Set([...records.keys(), ...unreadable.map((one) => keyOf(one.externalId))]);
  for (let hops = 0; hops < HOPS_MAX; hops += 1) {
    const next = [...records.values()].flatMap(({ mergedInto }) => mergedInto ?? []);
    const open = [...new Set(next.map(keyOf))].filter((id) => !asked.has(id));
    if (open.length === 0) break;
    for (const id of open) asked.add(id);
    const more = await readByIds(open);
    for (const record of more.records) records.set(keyOf(record.externalId), record);
    unreadable.push(...more.unreadable);
  }
  return { records: withChains(records), unreadable };
}

function withChains(records: ReadonlyMap<string, ObservedRecord>): ObservedRecord[] {
  const losers = new Map<string, ExternalId[]>();
  const followed = [...records.values()].map((record) => {
    if (record.mergedInto === undefined) return record;
    const mergedInto = lastOf(records, record.mergedInto);
    const known = losers.get(keyOf(mergedInto)) ?? [];
    losers.set(keyOf(mergedInto), [...known, record.externalId]);
    return { ...record, mergedInto };
  });
  return followed.map((record) => {
    const mergedFrom = losers.get(keyOf(record.externalId));
    return mergedFrom === undefined ? record : { ...record, mergedFrom };
  });
}

function lastOf(records: ReadonlyMap<string, ObservedRecord>, first: ExternalId): ExternalId {
  let last = first;
  for (let hops = 0; hops < HOPS_MAX; hops += 1) {
    const next = records.get(keyOf(last))?.mergedInto;
    if (next === undefined) break;
    last = next;
  }
  return last;
}

function keyOf(externalId: ExternalId): string {
  return externalId.toLowerCase();
}
