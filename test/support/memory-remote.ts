/**
 * A remote system in memory behind the connector port, for tests of the use cases: it keeps records,
 * numbers versions, and fails as it is told to. The vendors' own habits are the simulators' business.
 */
import type { CanonicalId, ConnectionId, RecordType } from "#shared/domain/identifiers.ts";
import { recordTypes } from "#shared/domain/identifiers.ts";
import type { LedgerFacts } from "#shared/domain/ledger.ts";
import type { Fields, FieldValue, ObservedRecord, RecordLife } from "#shared/domain/records.ts";
import { type Failure, SyncError } from "#shared/domain/sync-error.ts";
import type { Connector, RemoteWrite, WriteResult } from "#shared/ports/connector.ts";

interface Stored {
  readonly recordType: RecordType;
  readonly externalId: string;
  version: number;
  life: RecordLife;
  registeredId: CanonicalId | undefined;
  mergedInto: string | undefined;
  mergedFrom: readonly string[];
  fields: Record<string, FieldValue | undefined>;
}

/** What happens to the next write of a record: refused, or lost before or after it took effect. */
type PlannedFailure = { readonly failure: Failure; readonly hasEffect: boolean };

export interface MemoryRemote extends Connector {
  /** A user's own doing in the remote. */
  edit(recordType: RecordType, externalId: string | undefined, fields: Fields): string;
  /** Archived, deleted for good, or, with `live`, brought back. */
  end(recordType: RecordType, externalId: string, life: RecordLife): void;
  /** The loser's id leads to the survivor from now on. */
  merge(recordType: RecordType, loserId: string, survivorId: string): void;
  /** The loser of a merge stands for itself again. */
  unmerge(recordType: RecordType, loserId: string): void;
  get(recordType: RecordType, externalId: string): ObservedRecord | undefined;
  all(recordType: RecordType): ObservedRecord[];
  failNextWrites(...failures: readonly PlannedFailure[]): void;
  failNextReads(...failures: readonly Failure[]): void;
  /** Calls by name, batches counted once. */
  readonly calls: Record<"read" | "readByIds" | "write" | "lookUp" | "readLedger", number>;
  /** What it says of its ledger, where it was made as one. */
  ledger: LedgerFacts | undefined;
  /** Fills in what the remote computes by itself, such as an invoice's total. */
  complete: (recordType: RecordType, fields: Record<string, FieldValue | undefined>) => void;
}

/** What is gone, or leads to another record, is found by its id alone. */
function isListed({ life }: ObservedRecord): boolean {
  return life === "live" || life === "archived";
}

export function createMemoryRemote(
  connection: ConnectionId,
  writes: readonly RecordType[],
  ledger?: LedgerFacts,
): MemoryRemote {
  const records = new Map<string, Stored>();
  const writeFailures: PlannedFailure[] = [];
  const readFailures: Failure[] = [];
  const calls = { read: 0, readByIds: 0, write: 0, lookUp: 0, readLedger: 0 };
  let nextId = 1;
  let version = 1_000;

  const keyOf = (recordType: RecordType, externalId: string): string =>
    `${recordType} ${externalId}`;
  const show = ({ registeredId, mergedInto, mergedFrom, ...stored }: Stored): ObservedRecord => ({
    ...stored,
    fields: { ...stored.fields },
    ...(registeredId === undefined ? {} : { registeredId }),
    ...(mergedInto === undefined ? {} : { mergedInto }),
    ...(mergedFrom.length === 0 ? {} : { mergedFrom }),
  });

  function put(recordType: RecordType, externalId: string | undefined, fields: Fields): Stored {
    const id = externalId ?? `${connection}-${nextId++}`;
    const stored: Stored = records.get(keyOf(recordType, id)) ?? {
      recordType,
      externalId: id,
      version: 0,
      life: "live",
      registeredId: undefined,
      mergedInto: undefined,
      mergedFrom: [],
      fields: {},
    };
    version += 1;
    stored.version = version;
    for (const [name, value] of Object.entries(fields)) {
      if (value !== undefined) stored.fields[name] = value;
    }
    remote.complete(recordType, stored.fields);
    records.set(keyOf(recordType, id), stored);
    return stored;
  }

  /** A remote with a lock refuses an update of what moved on since it was read. */
  function isOutdated(recordType: RecordType, write: RemoteWrite): boolean {
    const { externalId, expectedVersion } = write;
    if (externalId === undefined || expectedVersion === undefined) return false;
    const stored = records.get(keyOf(recordType, externalId));
    return stored !== undefined && stored.version !== expectedVersion;
  }

  function writeOne(recordType: RecordType, write: RemoteWrite): WriteResult {
    const planned = writeFailures.shift();
    if (planned !== undefined && !planned.hasEffect)
      return { kind: "failed", failure: planned.failure };
    if (isOutdated(recordType, write)) {
      return { kind: "failed", failure: { kind: "conflict", code: "version-outdated" } };
    }
    const stored = put(recordType, write.externalId, write.fields);
    stored.registeredId = write.canonicalId;
    if (write.life !== undefined) stored.life = write.life;
    if (planned !== undefined) return { kind: "failed", failure: planned.failure };
    const { externalId } = stored;
    return { kind: "written", externalId, version: stored.version, observed: { ...stored.fields } };
  }

  function failReadIfPlanned(): void {
    const failure = readFailures.shift();
    if (failure !== undefined) throw new SyncError(failure);
  }

  const remote: MemoryRemote = {
    connection,
    definition: {
      system: "memory",
      reads: recordTypes,
      writes,
      limits: { writeBatchMax: {}, readBatchMax: 100, concurrentCallsMax: 1 },
      changes: { lookbackMs: 100, isOrdered: true },
      archives: ["customer"],
      locks: "version",
      money: { unit: "major-decimal", lineRounding: "per-line" },
    },
    calls,
    ledger,
    complete: () => undefined,
    edit: (recordType, externalId, fields) => put(recordType, externalId, fields).externalId,
    end: (recordType, externalId, life) => {
      put(recordType, externalId, {}).life = life;
    },
    merge: (recordType, loserId, survivorId) => {
      Object.assign(put(recordType, loserId, {}), { life: "merged", mergedInto: survivorId });
      const survivor = put(recordType, survivorId, {});
      survivor.mergedFrom = [...survivor.mergedFrom, loserId];
    },
    unmerge: (recordType, loserId) => {
      const loser = put(recordType, loserId, {});
      const survivor = put(recordType, loser.mergedInto, {});
      survivor.mergedFrom = survivor.mergedFrom.filter((id) => id !== loserId);
      Object.assign(loser, { life: "live", mergedInto: undefined });
    },
    get: (recordType, externalId) => {
      const stored = records.get(keyOf(recordType, externalId));
      return stored === undefined ? undefined : show(stored);
    },
    all: (recordType) =>
      [...records.values()].filter((stored) => stored.recordType === recordType).map(show),
    failNextWrites: (...failures) => void writeFailures.push(...failures),
    failNextReads: (...failures) => void readFailures.push(...failures),
    readChanges: async (recordType, { since }) => {
      calls.read += 1;
      failReadIfPlanned();
      const listed = remote.all(recordType).filter(isListed);
      const changed = listed.filter((record) => record.version >= (since ?? 0));
      return { records: changed, unreadable: [] };
    },
    readByIds: async (recordType, externalIds) => {
      calls.readByIds += 1;
      failReadIfPlanned();
      const found = externalIds
        .map((id) => remote.get(recordType, id))
        .filter((record) => record !== undefined && record.life !== "deleted");
      const ids = new Set(found.map((record) => record?.externalId));
      const led = found.flatMap((record) => record?.mergedInto ?? []);
      const survivors = led.filter((id) => !ids.has(id)).map((id) => remote.get(recordType, id));
      const records = [...found, ...survivors].filter((record) => record !== undefined);
      const missing = externalIds.filter((id) => !ids.has(id));
      return { records, unreadable: [], missing };
    },
    write: async (recordType, given) => {
      calls.write += 1;
      return given.map((write) => writeOne(recordType, write));
    },
    lookUp: async (recordType, requests) => {
      calls.lookUp += 1;
      return requests.map(({ write }) => {
        const record = remote
          .all(recordType)
          .find(({ registeredId }) => registeredId === write.canonicalId);
        return record === undefined ? { kind: "not-found" } : { kind: "found", record };
      });
    },
    receiveWebhook: (request) => {
      const [recordType, externalId = "", occurredAt] = Buffer.from(request.rawBody)
        .toString("utf8")
        .split(" ");
      const isKnown = recordTypes.find((known) => known === recordType);
      if (isKnown === undefined) return { kind: "refused", status: 401, code: "signature-wrong" };
      const hint = { recordType: isKnown, externalId, occurredAt: Number(occurredAt) };
      return {
        kind: "accepted",
        deliveryId: `${recordType} ${externalId} ${occurredAt}`,
        hints: [hint],
      };
    },
    prepare: async () => undefined,
  };
  if (ledger !== undefined) {
    remote.readLedger = async () => {
      calls.readLedger += 1;
      failReadIfPlanned();
      return remote.ledger ?? ledger;
    };
  }
  return remote;
}
