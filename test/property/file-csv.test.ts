import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCsvRowReader } from "#shared/connectors/file/csv-rows.ts";
import { formatCsvRow } from "#shared/domain/file-result.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import { inChunks } from "#test/support/file-inbox.ts";

const awkward = fc.constantFrom(
  '"',
  ",",
  "\n",
  "\r",
  "\r\n",
  " ",
  "\uFEFF",
  "'",
  "ß",
  "漢",
  "👩‍👧",
);
const cell = fc
  .array(fc.oneof(awkward, fc.string({ unit: "binary", maxLength: 8 })), { maxLength: 6 })
  .map((parts) => parts.join("").replaceAll("\0", ""));
const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 6 }), { maxLength: 8 });
const chunkLengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });

async function readAll(bytes: Uint8Array, lengths: readonly number[]): Promise<string[][]> {
  const read: string[][] = [];
  for await (const cells of createCsvRowReader().readRows(inChunks(bytes, lengths))) {
    read.push([...cells]);
  }
  return read;
}

describe("CSV", () => {
  it("reads back what was written, however the bytes are cut into chunks", async () => {
    await fc.assert(
      fc.asyncProperty(rows, chunkLengths, fc.boolean(), async (written, lengths, hasMark) => {
        const text = written.map(formatCsvRow).join("");
        const bytes = new TextEncoder().encode(hasMark ? `\uFEFF${text}` : text);

        expect(await readAll(bytes, lengths)).toEqual(written);
      }),
    );
  });

  it("reads the same rows from LF as from CRLF", async () => {
    const plain = fc.array(
      fc.array(fc.stringMatching(/^[a-z0-9 ]{1,6}$/), { minLength: 1, maxLength: 4 }),
    );
    await fc.assert(
      fc.asyncProperty(plain, chunkLengths, async (written, lengths) => {
        const text = written.map(formatCsvRow).join("");
        const encoder = new TextEncoder();

        const fromCrlf = await readAll(encoder.encode(text), lengths);
        const fromLf = await readAll(encoder.encode(text.replaceAll("\r\n", "\n")), lengths);

        expect(fromLf).toEqual(fromCrlf);
      }),
    );
  });

  it("answers any bytes with rows or with a refusal that says what to do", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), chunkLengths, async (bytes, lengths) => {
        const outcome = await readAll(bytes, lengths).catch((cause: unknown) => cause);

        const isRefusal =
          outcome instanceof SyncError &&
          outcome.failure.kind === "invalid-input" &&
          outcome.failure.fix !== undefined;
        expect(Array.isArray(outcome) || isRefusal).toBe(true);
      }),
    );
  });
});
