import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBankRowReader, createBankRowStore } from "#shared/aws/s3-bank-rows.ts";
import type { BankRow } from "#shared/domain/bank-rows.ts";
import type { BankRowReader, BankRowStore, StatementRows } from "#shared/ports/bank-rows.ts";
import { type FauxqsEmulator, startFauxqsEmulator } from "#test/support/fauxqs-emulator.ts";
import { createMemoryBankRows } from "#test/support/memory-bank-rows.ts";

const { signal } = new AbortController();
const PAGES_MAX = 20;

let emulator: FauxqsEmulator;
let count = 0;

beforeAll(async () => {
  emulator = await startFauxqsEmulator();
});
afterAll(() => emulator.stop());

async function newBucket(): Promise<string> {
  count += 1;
  await emulator.createBucket(`snapshots-${count}`);
  return `snapshots-${count}`;
}

function onS3(bucket: string): BankRowStore & BankRowReader {
  const options = { client: emulator.s3, bucket };
  return { ...createBankRowStore(options), ...createBankRowReader(options) };
}

/** A statement of one payment that came in. */
function aStatement(
  statementId: string,
  minor: bigint,
  over: Partial<StatementRows> = {},
): StatementRows {
  const row: BankRow = {
    record_key: `INV-${statementId}`,
    external_id: `B-${statementId}`,
    document_date: "2026-11-26",
    currency: "EUR",
    gross_minor: minor,
    status: "settled",
    changed_at_ms: 1_764_000_000_000n,
    excluded_by: null,
  };
  return { account: "DE1", statementId, createdAtMs: 1_764_000_000_000, rows: [row], ...over };
}

async function readAll(reader: BankRowReader) {
  const rows: BankRow[] = [];
  const unreadable: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const read = await reader.readPage(cursor, signal);
    rows.push(...read.rows);
    unreadable.push(...read.unreadable);
    cursor = read.nextCursor;
    if (cursor === undefined) return { rows, unreadable };
  }
  throw new Error("the walk does not end");
}

async function summaryOf(reader: BankRowReader): Promise<string[]> {
  const { rows } = await readAll(reader);
  return rows.map((row) => `${row.record_key} ${row.gross_minor} ${row.currency}`).sort();
}

describe.each([
  ["on S3", async () => onS3(await newBucket())],
  ["in memory", async () => createMemoryBankRows()],
])("rows of bank statements %s", (_name, create) => {
  it("are none where nothing was imported", async () => {
    expect(await readAll(await create())).toEqual({ rows: [], unreadable: [] });
  });

  it("are read as they were kept, statement by statement", async () => {
    const store = await create();
    const statements = [aStatement("1", 4_000n), aStatement("2", -(10n ** 20n))];
    for (const statement of statements) await store.save(statement);

    const { rows } = await readAll(store);

    expect(rows.length).toBe(2);
    expect(rows).toEqual(
      expect.arrayContaining(statements.flatMap((statement) => [...statement.rows])),
    );
  });

  it("count once, however often the statement came, and apart for each account", async () => {
    const store = await create();
    for (const account of ["DE1", "DE1", "DE2", "DE1"]) {
      await store.save(aStatement("1", 4_000n, { account }));
    }

    expect(await summaryOf(store)).toEqual(["INV-1 4000 EUR", "INV-1 4000 EUR"]);
  });

  it.each([
    ["first", [1, 2]],
    ["last", [2, 1]],
  ])("are those of the later of two with one name that came %s", async (_place, times) => {
    const store = await create();
    for (const createdAtMs of times) {
      await store.save(aStatement("1", BigInt(createdAtMs), { createdAtMs }));
    }

    expect(await summaryOf(store)).toEqual(["INV-1 2 EUR"]);
  });
});

describe("an object on S3 that is no statement of ours", () => {
  it("is told by its key, and holds up no other", async () => {
    const bucket = await newBucket();
    const store = onS3(bucket);
    await emulator.putObject(bucket, "bank/0/1.json", '{"version":2}');
    await emulator.putObject(bucket, "bank/1/1.json", "{");
    await emulator.putObject(bucket, "snapshots/part-0.parquet", "PAR1");
    await store.save(aStatement("3", 1_000n));

    const { rows, unreadable } = await readAll(store);

    expect(unreadable).toEqual(["bank/0/1.json", "bank/1/1.json"]);
    expect(rows.map((row) => row.record_key)).toEqual(["INV-3"]);
  });
});
