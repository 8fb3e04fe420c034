import { describe, expect, it } from "vitest";
import { createCsvRowReader } from "#shared/connectors/file/csv-rows.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import { inChunks } from "#test/support/file-inbox.ts";

const bounds = { rowBytesMax: 40, columnsMax: 5, rowsMax: 4 };

async function read(content: string | Uint8Array): Promise<string[][]> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const rows: string[][] = [];
  for await (const cells of createCsvRowReader(bounds).readRows(inChunks(bytes, [3]))) {
    rows.push([...cells]);
  }
  return rows;
}

async function refusalOf(content: string | Uint8Array): Promise<string> {
  const outcome = await read(content).catch((cause: unknown) => cause);
  if (!(outcome instanceof SyncError)) throw new Error("the content was not refused");
  return `${outcome.failure.kind} ${outcome.failure.code} ${outcome.failure.field ?? ""}`.trim();
}

describe("createCsvRowReader", () => {
  it("reads quoted commas, quotes and line breaks, LF beside CRLF", async () => {
    const rows = await read('a,b\r\n"x, ""y""\nz",1\n2,\r\n');

    expect(rows).toEqual([
      ["a", "b"],
      ['x, "y"\nz', "1"],
      ["2", ""],
    ]);
  });

  it("reads the last row without a line end", async () => {
    expect(await read("a,b\n1,2")).toEqual([
      ["a", "b"],
      ["1", "2"],
    ]);
  });

  it("keeps blank rows, so that rows are counted as a spreadsheet counts them", async () => {
    expect(await read("a\n\n1\n")).toEqual([["a"], [""], ["1"]]);
  });

  it("leaves out a byte order mark", async () => {
    expect(await read("\uFEFFa\n")).toEqual([["a"]]);
  });

  it("reads rows of differing widths as they are", async () => {
    expect(await read("a,b\n1\n1,2,3\n")).toEqual([["a", "b"], ["1"], ["1", "2", "3"]]);
  });

  it.each([
    ["Windows-1252", Uint8Array.of(0x61, 0xe9, 0x0a)],
    ["UTF-16 with a mark", Uint8Array.of(0xff, 0xfe, 0x61, 0x00)],
    ["UTF-16 without one", Uint8Array.of(0x61, 0x00, 0x0a, 0x00)],
    ["a character cut in half by the end", Uint8Array.of(0x61, 0x0a, 0xc3)],
  ])("refuses %s", async (_name, bytes) => {
    expect(await refusalOf(bytes)).toBe("invalid-input encoding-not-utf8");
  });

  it("reads a character whose bytes come in two chunks", async () => {
    expect(await read("ab漢\n")).toEqual([["ab漢"]]);
  });

  it.each([
    ["a quote that is never closed", 'a,b\n1,"2\n3,4\n', "quote-unterminated row 2"],
    ["a quote inside a bare cell", 'a,b\n1,2"\n', "quote-misplaced row 2"],
    ["text behind a closing quote", 'a,b\n1,2\n"1"x,2\n', "quote-misplaced row 3"],
    ["a row too long", `a\n"x\n${"y\n".repeat(40)}`, "row-too-large row 2"],
    ["a line of nothing but commas", `a\n${",".repeat(50)}\n`, "row-too-large"],
    ["too many columns", "a,b,c,d,e,f\n", "columns-too-many"],
    ["too many rows", "a\n1\n2\n3\n4\n", "rows-too-many"],
  ])("refuses %s", async (_name, content, refusal) => {
    expect(await refusalOf(content)).toBe(`invalid-input ${refusal}`);
  });

  it("passes on a failure of the content as it is", async () => {
    const cause = new Error("connection lost");
    const content = async function* (): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode("a,b\n1,2\n");
      throw cause;
    };

    const reading = (async () => {
      for await (const cells of createCsvRowReader().readRows(content())) void cells;
    })();

    await expect(reading).rejects.toBe(cause);
  });

  it("ends the transfer of a file that is left early", async () => {
    let isEnded = false;
    const content = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (let row = 0; row < 100_000; row += 1) yield new TextEncoder().encode(`${row}\n`);
      } finally {
        isEnded = true;
      }
    };

    for await (const cells of createCsvRowReader().readRows(content())) {
      if (cells[0] === "3") break;
    }

    await expect.poll(() => isEnded).toBe(true);
  });
});
