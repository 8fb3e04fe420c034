import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCsvRowReader } from "#shared/connectors/file/csv-rows.ts";
import { createUtf8Check } from "#shared/connectors/file/utf8-check.ts";
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

describe("the check of UTF-8", () => {
  const anyByte = fc.integer({ min: 0, max: 255 }).map((byte) => [byte]);
  const sign = fc.string({ unit: "binary", minLength: 1, maxLength: 1 });
  const signBytes = sign.map((text) => [...new TextEncoder().encode(text)]);
  const anyBytes = fc
    .array(fc.oneof({ weight: 20, arbitrary: signBytes }, { weight: 1, arbitrary: anyByte }))
    .chain((parts) => fc.nat(3).map((lost) => parts.flat().slice(0, -1 - lost)));

  it("says what a decoder says, however the bytes are cut into chunks", async () => {
    await fc.assert(
      fc.asyncProperty(anyBytes, chunkLengths, async (numbers, lengths) => {
        const bytes = Uint8Array.from(numbers);
        const isStillUtf8 = createUtf8Check();

        const said: boolean[] = [];
        for await (const chunk of inChunks(bytes, lengths)) said.push(isStillUtf8(chunk));
        said.push(isStillUtf8(undefined));

        expect(said.every(Boolean)).toBe(isDecoded(bytes));
      }),
      { numRuns: 500 },
    );
  });
});

function isDecoded(bytes: Uint8Array): boolean {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  return Buffer.from(text, "utf8").equals(bytes);
}
