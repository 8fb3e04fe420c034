/**
 * The mapping table in memory, for tests and simulations: the same answers as the DynamoDB stores,
 * held to them by the contract suite. Cross-references go through the stored form, so what that
 * cannot hold is missed here as it would be there.
 */
import { crossReferenceItem, crossReferenceOfItem } from "#shared/aws/cross-reference-items.ts";
import { historyHeadOf } from "#shared/aws/history-images.ts";
import { parkedAtOf, parkedSidesOf, waitingSidesOf } from "#shared/aws/parked-sides.ts";
import type { StreamRecord, TableChange } from "#shared/aws/stream-images.ts";
import type { Item } from "#shared/aws/table.ts";
import { limits } from "#shared/config/limits.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { type CanonicalId, type ConnectionId, externalRefKey } from "#shared/domain/identifiers.ts";
import type { LedgerFacts } from "#shared/domain/ledger.ts";
import { matchKeyText } from "#shared/domain/match-key.ts";
import type { RelatedDocument } from "#shared/domain/related-document.ts";
import { assert, SyncError } from "#shared/domain/sync-error.ts";
import type { HistoryHeads } from "#shared/ports/history.ts";
import type { Clock } from "#shared/ports/log.ts";
import type {
  Claims,
  CrossReferenceStore,
  DedupStore,
  ExternalRefEntry,
  LedgerStore,
  ParkedRecord,
  ParkedStore,
  RelationStore,
  Waiter,
  WaitingRecord,
  WaitStore,
  WatermarkStore,
} from "#shared/ports/mapping-table.ts";

export interface MemoryMappingTable {
  readonly xrefs: CrossReferenceStore;
  readonly relations: RelationStore;
  readonly waits: WaitStore;
  readonly watermarks: WatermarkStore;
  readonly dedup: DedupStore;
  readonly ledgers: LedgerStore;
  readonly parked: ParkedStore;
  readonly heads: HistoryHeads;
  /** Called with what the table's stream would tell, in order; answers the way to stop it. */
  onChange(listener: (change: TableChange) => void): () => void;
  /** Called with the images of each saved cross-reference, as the stream carries them. */
  onImage(listener: (record: StreamRecord) => void): void;
  /** Changes a stored cross-reference past the store, as somebody with the right to could. */
  tamper(id: CanonicalId, change: (item: Item) => Item | undefined): void;
  /** Every cross-reference, in the order of first saving. */
  all(): CrossReference[];
}

/** `clock` dates the history of what is saved. */
export function createMemoryMappingTable(clock: Clock): MemoryMappingTable {
  const stored = new Map<CanonicalId, Item>();
  const listeners = new Set<(change: TableChange) => void>();
  const imageListeners = new Set<(record: StreamRecord) => void>();
  const emit = (change: TableChange): void => {
    for (const listener of listeners) listener(change);
  };
  const emitImages = (OldImage: Item | undefined, NewImage: Item | undefined): void => {
    const dynamodb = { OldImage, NewImage } as StreamRecord["dynamodb"];
    for (const listener of imageListeners) listener({ dynamodb });
  };
  const all = (): CrossReference[] => [...stored.values()].map(crossReferenceOfItem);
  return {
    xrefs: createCrossReferences(stored, clock, emit, emitImages),
    relations: createRelations(),
    waits: createWaits(),
    watermarks: createWatermarks(),
    dedup: createDedup(),
    ledgers: createLedgers(),
    parked: createParked(all),
    heads: {
      async load(ids) {
        return new Map([...pick(stored, ids)].map(([id, item]) => [id, historyHeadOf(item)]));
      },
      async *all() {
        for (const item of stored.values()) yield historyHeadOf(item);
      },
    },
    all,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onImage: (listener) => void imageListeners.add(listener),
    tamper(id, change) {
      const before = stored.get(id) ?? {};
      const after = change(before);
      if (after === undefined) stored.delete(id);
      else stored.set(id, after);
      emitImages(before, after);
    },
  };
}

function createCrossReferences(
  stored: Map<CanonicalId, Item>,
  clock: Clock,
  emit: (change: TableChange) => void,
  emitImages: (previous: Item | undefined, next: Item) => void,
): CrossReferenceStore {
  const refs = new Map<string, ExternalRefEntry>();
  const matches = new Map<string, CanonicalId>();
  /** The revision that was seen last, by reference. */
  const seenAt = new Map<string, number>();

  const isClaimedByOther = (id: CanonicalId, claims: Claims): boolean =>
    claims.externalRefs.some((ref) => (refs.get(externalRefKey(ref))?.canonicalId ?? id) !== id) ||
    claims.matchKeys.some((key) => (matches.get(matchKeyText(key)) ?? id) !== id) ||
    (claims.moved ?? []).some(({ ref, from }) => {
      const holder = refs.get(externalRefKey(ref))?.canonicalId ?? id;
      return holder !== id && holder !== from;
    });

  const put = (id: CanonicalId, item: Item, newlyLinked: readonly ConnectionId[]): void => {
    const before = stored.get(id);
    stored.set(id, item);
    emit({
      kind: "cross-reference",
      ...(before === undefined ? {} : { previous: crossReferenceOfItem(before) }),
      next: crossReferenceOfItem(item),
      newlyLinked: [...new Set(newlyLinked)].sort(),
    });
    emitImages(before, item);
  };

  return {
    async findExternalRefs(wanted) {
      return pick(refs, wanted.map(externalRefKey));
    },
    async load(ids) {
      const found = pick(stored, ids);
      return new Map([...found].map(([id, item]) => [id, crossReferenceOfItem(item)]));
    },
    async findMatches(keys) {
      return pick(matches, keys.map(matchKeyText));
    },
    async save(next, claims, newlyLinked, other) {
      const id = next.canonicalId;
      const moved = claims.moved ?? [];
      const claimCount = claims.externalRefs.length + claims.matchKeys.length + moved.length;
      assert(claimCount + (other === undefined ? 1 : 2) <= 100, "claims-too-many");
      const isStale = (one: CrossReference): boolean => {
        const { revision, chain } = stored.get(one.canonicalId) ?? {};
        return (revision?.N ?? "0") !== String(one.revision) || chain?.S !== one.chain;
      };
      if (isStale(next) || (other !== undefined && isStale(other))) return "stale";
      if (isClaimedByOther(id, claims)) return "claimed";
      const item = crossReferenceItem(next, newlyLinked, "memory", clock());
      const otherItem = other && crossReferenceItem(other, [], "memory", clock());
      put(id, item, newlyLinked);
      if (other !== undefined && otherItem !== undefined) put(other.canonicalId, otherItem, []);
      for (const key of claims.matchKeys) matches.set(matchKeyText(key), id);
      const newRefs = [...claims.externalRefs, ...moved.map(({ ref }) => ref)].filter(
        (ref) => !refs.has(externalRefKey(ref)),
      );
      for (const ref of newRefs) refs.set(externalRefKey(ref), { canonicalId: id });
      for (const { ref, at } of moved) {
        refs.set(externalRefKey(ref), { canonicalId: id, movedAt: at });
        seenAt.delete(externalRefKey(ref));
      }
      for (const ref of newRefs) {
        emit({ kind: "external-reference", ref: { ...ref }, canonicalId: id });
      }
      return "saved";
    },
    async markSeen(ref, { revision, ...seen }) {
      const key = externalRefKey(ref);
      const entry = refs.get(key);
      if (entry === undefined || (seenAt.get(key) ?? revision) > revision) return;
      const { shownVersion = entry.seen?.shownVersion } = seen;
      const shown = shownVersion === undefined ? {} : { shownVersion };
      refs.set(key, { ...entry, seen: { digest: seen.digest, version: seen.version, ...shown } });
      seenAt.set(key, revision);
    },
  };
}

function pick<Value>(from: ReadonlyMap<string, Value>, keys: Iterable<string>): Map<string, Value> {
  const found = new Map<string, Value>();
  for (const key of keys) {
    const value = from.get(key);
    if (value !== undefined) found.set(key, value);
  }
  return found;
}

function createRelations(): RelationStore {
  const documents = new Map<CanonicalId, Map<string, RelatedDocument>>();
  const due = new Map<CanonicalId, string>();
  return {
    async put(parent, document) {
      const children = documents.get(parent) ?? new Map<string, RelatedDocument>();
      documents.set(parent, children);
      const key = `${document.kind}#${document.canonicalId}`;
      if ((children.get(key)?.revision ?? -1) < document.revision) {
        children.set(key, structuredClone(document));
      }
    },
    async list(parent) {
      return inOrderOfKeys(documents.get(parent) ?? new Map());
    },
    async *listDueBefore(today) {
      const before = [...due].filter(([, dueOn]) => dueOn < today);
      yield* before.sort((left, right) => order(left[1], right[1])).map(([id]) => id);
    },
    async setDueOn(id, dueOn) {
      if (dueOn === undefined) due.delete(id);
      else due.set(id, dueOn);
    },
  };
}

function createWaits(): WaitStore {
  const waits = new Map<string, Map<string, Waiter>>();
  const keyOf = (waiter: Waiter): string => `${waiter.connection}#${waiter.canonicalId}`;
  return {
    async register(waitKey, waiter) {
      const waiters = waits.get(waitKey) ?? new Map<string, Waiter>();
      waits.set(waitKey, waiters.set(keyOf(waiter), structuredClone(waiter)));
    },
    async list(waitKey, connection, limit) {
      return inOrderOfKeys(waits.get(waitKey) ?? new Map<string, Waiter>())
        .filter((waiter) => connection === undefined || waiter.connection === connection)
        .slice(0, limit);
    },
    async remove(waitKey, waiter) {
      waits.get(waitKey)?.delete(keyOf(waiter));
    },
  };
}

function createWatermarks(): WatermarkStore {
  const marks = new Map<string, { reachedAt: number; movedAtMs: number; isSettled: boolean }>();
  return {
    async get(connection, recordType) {
      const mark = marks.get(`${connection}#${recordType}`);
      return mark === undefined ? undefined : { ...mark };
    },
    async advance(connection, recordType, reachedAt, nowMs) {
      const key = `${connection}#${recordType}`;
      if ((marks.get(key)?.reachedAt ?? -1) >= reachedAt) return;
      marks.set(key, { reachedAt, movedAtMs: nowMs, isSettled: false });
    },
    async settle(connection, recordType, reachedAt) {
      const mark = marks.get(`${connection}#${recordType}`);
      if (mark?.reachedAt === reachedAt) mark.isSettled = true;
    },
  };
}

function createLedgers(): LedgerStore {
  const ledgers = new Map<ConnectionId, LedgerFacts>();
  return {
    async get(connection) {
      const facts = ledgers.get(connection);
      return facts === undefined ? undefined : structuredClone(facts);
    },
    async put(connection, facts) {
      ledgers.set(connection, structuredClone(facts));
    },
  };
}

function createDedup(): DedupStore {
  const seenUntilSeconds = new Map<string, number>();
  return {
    async firstSeen(connection, deliveryId, nowMs) {
      const key = `${connection}#${deliveryId}`;
      const nowSeconds = Math.floor(nowMs / 1_000);
      if ((seenUntilSeconds.get(key) ?? nowSeconds) > nowSeconds) return false;
      seenUntilSeconds.set(key, nowSeconds + limits.dedupRetentionSeconds);
      return true;
    },
    async forget(connection, deliveryId) {
      seenUntilSeconds.delete(`${connection}#${deliveryId}`);
    },
  };
}

function createParked(all: () => CrossReference[]): ParkedStore {
  const newcomers = new Map<string, ParkedRecord & { readonly externalId: string }>();
  const parked = (): Listed<ParkedRecord>[] =>
    newestFirst([
      ...all().map((xref) => ({
        key: xref.canonicalId,
        at: parkedAtOf(xref) ?? "",
        records: parkedSidesOf(xref),
      })),
      ...[...newcomers].map(([key, record]) => ({
        key: `parked#${key}`,
        at: record.parkedAt,
        records: [record],
      })),
    ]);
  const waiting = (): Listed<WaitingRecord>[] =>
    newestFirst(
      all()
        .filter((xref) => parkedAtOf(xref) === undefined)
        .map((xref) => ({
          key: xref.canonicalId,
          at: xref.changedAt,
          records: waitingSidesOf(xref),
        })),
    );
  return {
    async park(record) {
      newcomers.set(externalRefKey(record), structuredClone(record));
    },
    async unpark(refs) {
      for (const ref of refs) newcomers.delete(externalRefKey(ref));
    },
    async find(ref) {
      const record = newcomers.get(externalRefKey(ref));
      return record === undefined ? undefined : structuredClone(record);
    },
    list: async (limit, cursor) => pageOf(parked(), limit, cursor),
    listWaiting: async (limit, cursor) => pageOf(waiting(), limit, cursor),
  };
}

/** What the index lists under one item. */
interface Listed<Shown> {
  readonly key: string;
  readonly at: string;
  readonly records: readonly Shown[];
}

function newestFirst<Shown>(entries: readonly Listed<Shown>[]): Listed<Shown>[] {
  return entries
    .filter(({ records }) => records.length > 0)
    .sort((left, right) => order(right.at, left.at) || order(left.key, right.key));
}

function pageOf<Shown>(
  entries: readonly Listed<Shown>[],
  limit: number,
  cursor: string | undefined,
): { records: readonly Shown[]; cursor?: string } {
  const rest = entriesAfter(entries, cursor);
  const page: Shown[] = [];
  for (const [index, entry] of rest.entries()) {
    page.push(...entry.records);
    if (page.length >= limit && index < rest.length - 1) {
      return { records: page, cursor: `${entry.at} ${entry.key}` };
    }
  }
  return { records: page };
}

function entriesAfter<Entry extends { readonly key: string; readonly at: string }>(
  entries: readonly Entry[],
  cursor: string | undefined,
): readonly Entry[] {
  if (cursor === undefined) return entries;
  const index = entries.findIndex((entry) => `${entry.at} ${entry.key}` === cursor);
  if (index < 0) throw new SyncError({ kind: "invalid-input", code: "cursor-unreadable" });
  return entries.slice(index + 1);
}

function inOrderOfKeys<Value>(values: ReadonlyMap<string, Value>): Value[] {
  return [...values].sort((left, right) => order(left[0], right[0])).map(([, value]) => value);
}

function order(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
