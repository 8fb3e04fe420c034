import { describe, expect, it } from "vitest";
import { snapshotMessage, tieOutMessage } from "#shared/contracts/messages.ts";
import { decodeJson } from "#shared/domain/json.ts";
import { packSnapshot, packTieOut } from "#shared/aws/message-packing.ts";
import type { ConnectionId, RecordType } from "#shared/domain/identifiers.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { SnapshotManifest, SnapshotRow } from "#shared/domain/tie-out/snapshot-row.ts";
import { flows } from "#shared/flows/flows.ts";
import type { ChangePage, Connector, ReadChangesRequest } from "#shared/ports/connector.ts";
import type { SnapshotRequest, TieOutRequest } from "#shared/ports/queues.ts";
import { takeSnapshot } from "#shared/sync/take-snapshot.ts";
import { createMemoryRuns } from "#test/support/memory-runs.ts";

const NOW_MS = Date.UTC(2026, 10, 27, 2);

/** A connection that shows pages as told; nothing else of it is asked for. */
function connectorOf(
  connection: ConnectionId,
  reads: readonly RecordType[],
  readPage: (recordType: RecordType, cursor: string | undefined) => ChangePage,
): Connector {
  const unused = (): never => {
    throw new Error("A snapshot only reads");
  };
  return {
    connection,
    definition: { reads } as unknown as Connector["definition"],
    readChanges: async (recordType: RecordType, { cursor }: ReadChangesRequest) =>
      readPage(recordType, cursor),
    readByIds: unused,
    write: unused,
    lookUp: unused,
    receiveWebhook: unused,
    prepare: unused,
  };
}

function stageOf(...connectors: readonly Connector[]) {
  const parts = new Map<string, readonly SnapshotRow[]>();
  const manifests: SnapshotManifest[] = [];
  const queued: SnapshotRequest[] = [];
  const asked: TieOutRequest[] = [];
  const delays: (number | undefined)[] = [];
  const ignored = (): void => undefined;
  const deps = {
    flows,
    runs: createMemoryRuns(),
    clock: () => NOW_MS,
    log: { moved: ignored, count: ignored, info: ignored, error: ignored },
    connectors: new Map(connectors.map((one) => [one.connection, one])),
    snapshots: {
      writePart: async (
        place: { side: string; recordType: string; part: number },
        rows: readonly SnapshotRow[],
      ) => {
        parts.set(`${place.side} ${place.recordType} ${place.part}`, rows);
      },
      writeManifest: async (manifest: SnapshotManifest) => {
        manifests.push(manifest);
      },
      readManifest: async () => undefined,
    },
    snapshotQueue: {
      send: async (request: SnapshotRequest, { delayMs }: { delayMs?: number } = {}) => {
        queued.push(snapshotMessage.parse(decodeJson(packSnapshot(request))));
        delays.push(delayMs);
      },
    },
    tieOuts: {
      send: async (request: TieOutRequest) => {
        asked.push(tieOutMessage.parse(decodeJson(packTieOut(request))));
      },
    },
  };
  /** Runs every message that is queued, with so much time for each. */
  const run = async (remainingMs = 300_000): Promise<void> => {
    const context = { signal: AbortSignal.timeout(60_000), remainingMs: () => remainingMs };
    await takeSnapshot(deps, { runId: "run-1", tries: 0 }, context);
    for (let next = queued.shift(); next !== undefined; next = queued.shift()) {
      await takeSnapshot(deps, next, context);
    }
  };
  return { deps, parts, manifests, asked, delays, run };
}

const customer = (externalId: string) => ({
  recordType: "customer" as const,
  externalId,
  version: 1,
  life: "live" as const,
  fields: { taxNumber: "GB 123-456" },
});

const twoPages = connectorOf("crm", ["customer"], (_recordType, cursor) =>
  cursor === undefined
    ? { records: [customer("1")], unreadable: [], nextCursor: "2" }
    : {
        records: [customer("2")],
        unreadable: [
          {
            recordType: "customer",
            externalId: "3",
            failure: { kind: "invalid-input", code: "record-not-readable" },
          },
        ],
      },
);

describe("a snapshot", () => {
  it("holds every record of every source, unreadable ones too, and then asks for the comparison", async () => {
    const books = connectorOf("books", ["invoice"], () => ({ records: [], unreadable: [] }));
    const stage = stageOf(twoPages, books);

    await stage.run();

    const rows = stage.parts.get("crm customer 0") ?? [];
    expect(rows.map((row) => [row.external_id, row.excluded_by])).toEqual([
      ["1", null],
      ["2", null],
      ["3", "unreadable"],
    ]);
    expect(rows[0]?.match_key).toBe("customer#tax-number#GB123456");
    expect(stage.manifests).toEqual([
      {
        snapshotId: "run-1",
        startedAtMs: NOW_MS,
        written: [{ side: "crm", recordType: "customer", parts: 1, rows: 3 }],
      },
    ]);
    expect(stage.asked).toMatchObject([{ runId: "run-1", tries: 0 }]);
    expect((await stage.deps.runs.get("run-1"))?.counts["records"]).toBe(3n);
  });

  it("hands the rest on when time runs out, and goes on in another part", async () => {
    const stage = stageOf(twoPages);

    await stage.run(0);

    expect([...stage.parts.keys()]).toEqual(["crm customer 0", "crm customer 1"]);
    expect(stage.manifests[0]?.written[0]).toMatchObject({ parts: 2, rows: 3 });
  });

  it("keeps what was read when a quota is spent, and goes on after it", async () => {
    let isSpent = true;
    const asked: (string | undefined)[] = [];
    const limited = connectorOf("crm", ["customer"], (_recordType, cursor) => {
      asked.push(cursor);
      if (cursor === undefined)
        return { records: [customer("1")], unreadable: [], nextCursor: "2" };
      if (!isSpent) return { records: [customer("2")], unreadable: [] };
      isSpent = false;
      throw new SyncError({ kind: "rate-limited", code: "rate-limited", retryAfterMs: 9_000 });
    });
    const stage = stageOf(limited);

    await stage.run();

    expect(asked).toEqual([undefined, "2", "2"]);
    expect(stage.delays).toContain(9_000);
    expect(stage.manifests[0]?.written[0]).toMatchObject({ parts: 2, rows: 2 });
  });

  it("is given up, and not compared, where a side cannot be read", async () => {
    const down = connectorOf("crm", ["customer"], () => {
      throw new SyncError({ kind: "retryable", code: "remote-unavailable" });
    });
    const stage = stageOf(down);

    await stage.run();

    const run = await stage.deps.runs.get("run-1");
    expect(run?.problem).toMatchObject({
      code: "snapshot-not-taken",
      detail: "crm: remote-unavailable",
    });
    expect(stage.manifests).toEqual([]);
    expect(stage.asked).toEqual([]);
  });

  it("says through which day the books are closed", async () => {
    const ledger = { baseCurrency: "EUR", lockedThrough: "2026-03-31" };
    const books = {
      ...connectorOf("books", [], () => ({ records: [], unreadable: [] })),
      readLedger: async () => ledger,
    };
    const stage = stageOf(books);

    await stage.run();

    expect(stage.manifests[0]?.ledger).toEqual(ledger);
  });
});
