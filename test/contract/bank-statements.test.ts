import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createBankRowReader } from "#shared/aws/s3-bank-statements.ts";
import type { BankRow } from "#shared/domain/bank-rows.ts";
import type { BankRowReader } from "#shared/ports/bank-rows.ts";
import { readBankFile } from "#shared/runtime/bank-statement-reading.ts";
import { aBankFile } from "#test/support/bank-statements.ts";
import { type FauxqsEmulator, startFauxqsEmulator } from "#test/support/fauxqs-emulator.ts";

const { signal } = new AbortController();
const PAGES_MAX = 20;

let emulator: FauxqsEmulator;
let bucket: string;
let count = 0;
let reader: BankRowReader;

beforeAll(async () => {
  emulator = await startFauxqsEmulator();
});
afterAll(() => emulator.stop());

beforeEach(async () => {
  count += 1;
  bucket = `inbox-${count}`;
  await emulator.createBucket(bucket);
  reader = createBankRowReader({
    client: emulator.s3,
    inboxBucket: bucket,
    readFile: readBankFile,
  });
});

/** A statement of one payment that came in. */
function aPayment(statementId: string, invoice: string, amount: string, closing: string): string {
  const transactions = [{ unstructured: [`payment of ${invoice}`] }];
  return aBankFile({ statementId, closing, entries: [{ amount, transactions }] });
}

async function readAll(): Promise<{ rows: BankRow[]; unreadable: string[] }> {
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

const summary = ({ record_key, gross_minor, currency }: BankRow): string =>
  `${record_key} ${gross_minor} ${currency}`;

describe("bank statements in the inbox", () => {
  it("are none where nothing was dropped", async () => {
    expect(await readAll()).toEqual({ rows: [], unreadable: [] });
  });

  it("are read file by file, and other files of the inbox are let be", async () => {
    await emulator.putObject(bucket, "bank/1.xml", aPayment("1", "INV-0001", "40.00", "140.00"));
    await emulator.putObject(bucket, "bank/2.xml", aPayment("2", "INV-0002", "60.00", "160.00"));
    await emulator.putObject(bucket, "customers.csv", "id,name");

    const { rows, unreadable } = await readAll();

    expect(rows.map(summary)).toEqual(["INV-0001 4000 EUR", "INV-0002 6000 EUR"]);
    expect(unreadable).toEqual([]);
  });

  it("count once, under however many names they were dropped", async () => {
    const content = aPayment("1", "INV-0001", "40.00", "140.00");
    for (const name of ["a", "b", "c"])
      await emulator.putObject(bucket, `bank/${name}.xml`, content);

    expect((await readAll()).rows.map(summary)).toEqual(["INV-0001 4000 EUR"]);
  });

  it("that do not add up, or are no statements, are told by their key, and hold up no other", async () => {
    await emulator.putObject(bucket, "bank/1.xml", aPayment("1", "INV-0001", "40.00", "999.00"));
    await emulator.putObject(bucket, "bank/2.xml", "no XML at all");
    await emulator.putObject(bucket, "bank/3.xml", aPayment("3", "INV-0003", "10.00", "110.00"));

    const { rows, unreadable } = await readAll();

    expect(unreadable).toEqual(["bank/1.xml", "bank/2.xml"]);
    expect(rows.map(summary)).toEqual(["INV-0003 1000 EUR"]);
  });
});
