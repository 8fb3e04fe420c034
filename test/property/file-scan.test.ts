import { isUtf8 } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCsvRowReader } from "#shared/connectors/file/csv-rows.ts";
import { createRangeReader } from "#shared/connectors/file/split-rows.ts";
import { createTableScanner } from "#shared/connectors/file/scan-table.ts";
import { FilePlanner, type PlannedRow } from "#shared/domain/file-plan.ts";
import { isBlankRow } from "#shared/domain/file-rows.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import { hashAscii, hashText } from "#shared/domain/text-hash.ts";
import type { ScanOrder, TablePlace } from "#shared/ports/files.ts";
import { inChunks } from "#test/support/file-inbox.ts";

const KEY = 0;
const order: ScanOrder = {
  delimiter: ",",
  headerRow: 0,
  columns: [
    { isKey: true, isContent: true },
    { isKey: false, isContent: true },
  ],
  keyOf: (text) => (text.trim() === "" ? undefined : text.trim()),
  isPlainTextKey: true,
  isPresumedUtf8: false,
};

const piece = fc.constantFrom(
  '"',
  '""',
  ",",
  "\n",
  "\r\n",
  "\r",
  "a",
  "b7",
  "K1",
  " ",
  "ß",
  "漢",
  "\uFEFF",
);
const anyText = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));
const cell = fc.constantFrom(
  "",
  "a",
  "K1",
  "K2",
  " K1 ",
  "Ünder",
  '"x,""y"',
  '"two\nlines"',
  "漢字",
);
const wellFormed = fc
  .array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 12 })
  .map((rows) => rows.map((cells) => cells.join(",")).join("\n"));
const lengths = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 });

/** What the scanner, or the parser, makes of a text: rows that are not blank, or the code of a refusal. */
async function scanned(text: string, cut: readonly number[]) {
  return scannedBytes(new TextEncoder().encode(text), cut, order);
}

async function scannedBytes(bytes: Uint8Array, cut: readonly number[], by: ScanOrder) {
  const rows: PlannedRow[] = [];
  try {
    const take = (row: PlannedRow): boolean => rows.push(row) > 0;
    const { signal } = new AbortController();
    const scan = await createTableScanner().scan(inChunks(bytes, cut), by, take, signal);
    return { bytes, rows, scan, code: undefined };
  } catch (cause) {
    return { bytes, rows, scan: undefined, code: codeOf(cause) };
  }
}

/** As {@link scanned}, from a place on, for so many chunks. */
async function scannedFrom(
  start: TablePlace,
  rest: Uint8Array,
  cut: readonly number[],
  chunksMax = Number.POSITIVE_INFINITY,
) {
  const rows: PlannedRow[] = [];
  let last = start;
  let chunks = 0;
  const onPlace = async (place: TablePlace): Promise<boolean> => {
    last = place;
    chunks += 1;
    return chunks <= chunksMax;
  };
  const { signal } = new AbortController();
  const take = (row: PlannedRow): boolean => rows.push(row) > 0;
  const steps = { start, onPlace };
  try {
    const text = inChunks(rest, cut);
    const scan = await createTableScanner().scan(text, order, take, signal, steps);
    return { rows, scan, last, code: undefined };
  } catch (cause) {
    return { rows, scan: undefined, last, code: codeOf(cause) };
  }
}

/** Rows of cells, or the code of a refusal. */
async function rowsOf(
  reading:
    | AsyncIterable<readonly string[]>
    | Iterable<readonly string[]>
    | Promise<readonly (readonly string[])[]>,
) {
  try {
    return { rows: await Array.fromAsync(await reading), code: undefined };
  } catch (cause) {
    return { rows: [], code: codeOf(cause) };
  }
}

/** What csv-parse makes of a text. */
function parsed(bytes: Uint8Array) {
  return rowsOf(createCsvRowReader().readRows(ReadableStream.from([bytes])));
}

/** With their numbers, and without blank ones. */
async function parsedRows(bytes: Uint8Array) {
  const { rows, code } = await parsed(bytes);
  const numbered = rows.map((cells, index) => ({ row: index + 1, cells }));
  return { rows: numbered.filter(({ cells }) => !isBlankRow(cells)), code };
}

function codeOf(cause: unknown): string {
  if (cause instanceof SyncError) return cause.failure.code;
  throw cause;
}

describe("the scanner", () => {
  it("finds the rows, widths and keys that the parser reads, however the bytes are cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(wellFormed, anyText), lengths, async (text, cut) => {
        const found = await scanned(text, cut);
        const read = await parsedRows(found.bytes);

        expect(found.code).toBe(read.code);
        if (found.code !== undefined) return;
        // A row of space beyond ASCII alone is blank to the parser only; it has no key.
        const byRow = new Map(found.rows.map((row) => [row.row, row]));
        const told = read.rows.map(({ row }) => [byRow.get(row)?.key, byRow.get(row)?.isOfWidth]);
        expect(told).toEqual(
          read.rows.map(({ cells }) => {
            const key = order.keyOf(cells[KEY] ?? "");
            return [key === undefined ? undefined : hashText(key), cells.length === 2];
          }),
        );
        const notBlank = new Set(read.rows.map(({ row }) => row));
        const others = found.rows.filter(({ row }) => !notBlank.has(row));
        expect(others.map(({ key }) => key)).toEqual(others.map(() => undefined));
      }),
      { numRuns: 500 },
    );
  });

  it("reads the first rows as the parser does, and faults in them", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(wellFormed, anyText), lengths, async (text, cut) => {
        const bytes = new TextEncoder().encode(text);
        const whole = await parsed(bytes);
        const head = await rowsOf(createTableScanner().readHead(inChunks(bytes, cut), ",", 5));

        if (whole.code === undefined)
          expect(head).toEqual({ ...whole, rows: whole.rows.slice(0, 5) });
        else if (head.code !== undefined) expect(head.code).toBe(whole.code);
        else expect(head.rows.length).toBe(5);
      }),
      { numRuns: 500 },
    );
  });

  it("says the same of a row's content only where its cells are the same", async () => {
    await fc.assert(
      fc.asyncProperty(wellFormed, async (text) => {
        const { rows, bytes } = await scanned(text, [64]);
        const { rows: read } = await parsedRows(bytes);

        const contentOf = new Map(rows.map(({ row, content }) => [row, content.join()]));
        for (const left of read) {
          for (const right of read) {
            const isSame = left.cells.slice(0, 2).join("\0") === right.cells.slice(0, 2).join("\0");
            const isOneWidth = left.cells.length === right.cells.length;
            if (!isOneWidth) continue;
            const isOneHash = contentOf.get(left.row) === contentOf.get(right.row);
            if (isSame && left.cells.length <= 2) expect(isOneHash).toBe(true);
            if (!isSame) expect(isOneHash).toBe(false);
          }
        }
      }),
    );
  });

  it("goes on from any of its places as if it had never stopped", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(wellFormed, anyText),
        lengths,
        fc.nat(40),
        async (text, cut, stopAfter) => {
          const { bytes, rows, scan, code } = await scanned(text, cut);
          const first = await scannedFrom({ row: 1, from: 0 }, bytes, cut, stopAfter);
          const { last } = first;
          const rest = await scannedFrom(last, bytes.subarray(last.from), cut);

          const resumed = first.scan?.kind === "stopped" ? rest : first;
          const before = resumed === rest ? first.rows : [];
          expect([...before, ...resumed.rows]).toEqual(rows);
          expect(resumed.scan).toEqual(scan);
          expect(resumed.code).toBe(code);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("a scan of what is presumed to be UTF-8", () => {
  const bytesOf = fc.oneof(
    wellFormed.map((text) => new TextEncoder().encode(text)),
    fc.uint8Array({ maxLength: 40 }),
    fc.tuple(wellFormed, fc.uint8Array({ maxLength: 4 })).map(([text, rest]) => {
      return Buffer.concat([new TextEncoder().encode(text), rest]);
    }),
  );

  it("finds whether it is, however the bytes are cut, and else what any scan finds", async () => {
    await fc.assert(
      fc.asyncProperty(bytesOf, lengths, async (bytes, cut) => {
        const presumed = await scannedBytes(bytes, cut, { ...order, isPresumedUtf8: true });
        const known = await scannedBytes(bytes, cut, order);

        const isText = isUtf8(bytes) && !bytes.includes(0);
        // A fault of what stands before is found first.
        if (isText || presumed.code !== undefined) expect(presumed).toEqual(known);
        else expect(presumed.scan).toEqual({ kind: "not-utf8" });
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("the reader of ranges", () => {
  it("reads the cells that the parser reads, and refuses what it refuses", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(wellFormed, anyText), async (text) => {
        const bytes = new TextEncoder().encode(text);

        const read = await rowsOf(createRangeReader().readRange(bytes, ","));

        expect(read).toEqual(await parsed(bytes));
      }),
      { numRuns: 500 },
    );
  });
});

describe("hashes of keys", () => {
  it("are the same for a text and for its bytes, where these are ASCII", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii" }), (text) => {
        const bytes = new TextEncoder().encode(text);
        expect(hashAscii(bytes, 0, bytes.length)).toEqual(hashText(text));
      }),
    );
  });
});

describe("the plan of a file", () => {
  const layouts = fc.constantFrom("row-per-record" as const, "row-per-line" as const);
  const keys = fc.array(fc.constantFrom("A", "B", "C", "D", "E", ""), { maxLength: 40 });

  function planOf(layout: "row-per-record" | "row-per-line", rowKeys: readonly string[]) {
    const text = rowKeys.map((key, index) => `${key},${index % 3}\n`);
    const planner = new FilePlanner(layout, { rangeBytes: 16 });
    let from = 0;
    for (const [index, line] of text.entries()) {
      const key = rowKeys[index] ?? "";
      planner.add({
        row: index + 2,
        from,
        key: key === "" ? undefined : hashText(key),
        content: hashText(line),
        isOfWidth: true,
      });
      from += line.length;
    }
    const plan = planner.plan(from);
    if (plan.kind === "refused") throw new Error(plan.problem.code);
    return { plan, bytes: from, rowOf: (row: number) => rowKeys[row - 2] ?? "" };
  }

  it("has every byte and every row in one range, in order", () => {
    fc.assert(
      fc.property(layouts, keys, (layout, rowKeys) => {
        const { plan, bytes } = planOf(layout, rowKeys);

        expect(plan.ranges.reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(rowKeys.length);
        expect(plan.ranges.map(({ to }) => to)).toEqual([
          ...plan.ranges.slice(1).map(({ from }) => from),
          ...(plan.ranges.length > 0 ? [bytes] : []),
        ]);
      }),
    );
  });

  it("never parts a document", () => {
    fc.assert(
      fc.property(keys, (rowKeys) => {
        const { plan, rowOf } = planOf("row-per-line", rowKeys);

        const rangesOf = new Map<string, Set<number>>();
        for (const [index, { firstRow, rowCount }] of plan.ranges.entries()) {
          let above = "";
          for (let row = firstRow; row < firstRow + rowCount; row += 1) {
            above = rowOf(row) === "" ? above : rowOf(row);
            rangesOf.set(above, (rangesOf.get(above) ?? new Set()).add(index));
          }
        }
        rangesOf.delete("");
        for (const ranges of rangesOf.values()) expect(ranges.size).toBe(1);
      }),
    );
  });

  it.each([
    [["A", "B", "C"], true],
    [["A", "", "C", ""], true],
    [["A", "B", "A"], false],
  ])("says whether a key stands twice: %o", (keys, areUnique) => {
    expect(planOf("row-per-record", keys).plan.areKeysUnique).toBe(areUnique);
  });

  it("names the keys of which rows in different ranges say different things", () => {
    const { plan } = planOf("row-per-record", ["A", "B", "C", "D", "E", "A", "B"]);

    expect(plan.ranges.length).toBeGreaterThan(1);
    // A and B come again with another content; D and E do not come again.
    expect(plan.conflictingKeys.length).toBe(2);
  });
});

it("the row reader of a file takes no more columns than a file may have", async () => {
  const wide = new TextEncoder().encode(`${",".repeat(300)}\n`);

  await expect(
    Array.fromAsync(createCsvRowReader().readRows(inChunks(wide, [64]))),
  ).rejects.toThrow("columns-too-many");
  expect(Array.from(createRangeReader().readRange(wide, ",")).length).toBe(1);
});
