import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { encodeParquetFile } from "#shared/aws/parquet-file.ts";
import { openTable, readRows, refusalOf } from "#test/support/opened-files.ts";

type WriterOptions = Parameters<typeof parquetWriteBuffer>[0];
const write = (columnData: WriterOptions["columnData"], rest: Partial<WriterOptions> = {}) =>
  new Uint8Array(parquetWriteBuffer({ columnData, ...rest }));

describe("Parquet", () => {
  it("of our own encoder is read, blanks and large numbers included", async () => {
    const content = encodeParquetFile(
      [
        { name: "name", type: "string", isNullable: true, values: ["Müller, Söhne", null, "株"] },
        { name: "minor", type: "bigint", isNullable: false, values: [9007199254740993n, -1n, 0n] },
      ],
      3,
    );

    expect((await openTable("a.parquet", content)).format).toBe("parquet");
    expect(await readRows("a.parquet", content)).toEqual([
      ["name", "minor"],
      ["Müller, Söhne", "9007199254740993"],
      ["", "-1"],
      ["株", "0"],
    ]);
  });

  it("of another writer is read: numbers, truths, days, moments, several row groups", async () => {
    const content = write(
      [
        { name: "n", data: [0.1, 1e21, -5], type: "DOUBLE" },
        { name: "i", data: [1, 2, 3], type: "INT32" },
        { name: "b", data: [true, false, true], type: "BOOLEAN" },
        {
          name: "t",
          data: [
            new Date("2026-11-27T10:30:00Z"),
            new Date("1969-12-31T23:59:59.500Z"),
            new Date(0),
          ],
          type: "TIMESTAMP",
        },
        { name: "s", data: ["a", "a", "b"], type: "STRING" },
      ],
      { rowGroupSize: 2 },
    );

    expect(await readRows("a.parquet", content)).toEqual([
      ["n", "i", "b", "t", "s"],
      ["0.1", "1", "true", "2026-11-27T10:30:00", "a"],
      ["1E+21", "2", "false", "1969-12-31T23:59:59.5", "a"],
      ["-5", "3", "true", "1970-01-01T00:00:00", "b"],
    ]);
  });

  it("keeps decimals exact that no float holds", async () => {
    const element = { name: "d", converted_type: "DECIMAL", precision: 18, scale: 2 } as const;
    const content = write([{ name: "d", data: [900719925474099312n, -5n, 30n] }], {
      schema: [
        { name: "root", num_children: 1 },
        { ...element, type: "INT64", repetition_type: "REQUIRED" },
      ],
    });

    expect(await readRows("a.parquet", content)).toEqual([
      ["d"],
      ["9007199254740993.12"],
      ["-0.05"],
      ["0.3"],
    ]);
  });

  it("that is nested, too large or cut off is refused", async () => {
    const flat = write([
      { name: "a", data: Array.from({ length: 50 }, (_, index) => `v${index}`) },
    ]);
    const nested = write([{ name: "a", data: [{ b: 1 }, { b: 2 }] }], {
      schema: [
        { name: "root", num_children: 1 },
        { name: "a", num_children: 1, repetition_type: "REQUIRED" },
        { name: "b", type: "INT32", repetition_type: "REQUIRED" },
      ],
    });

    expect(await refusalOf("a.parquet", nested)).toBe("parquet-column-unsupported");
    expect(await refusalOf("a.parquet", flat, { rowGroupRowsMax: 49 })).toBe("parquet-too-large");
    expect(await refusalOf("a.parquet", flat, { rowGroupBytesMax: 60 })).toBe("parquet-too-large");
    for (let length = 4; length < flat.length; length += 1) {
      expect(await refusalOf("a.parquet", flat.subarray(0, length))).toBe("parquet-damaged");
    }
  });

  it("of bytes that are no UTF-8 is refused, not mended", async () => {
    const content = Buffer.from(
      write([{ name: "a", data: ["Mueller"] }], { codec: "UNCOMPRESSED", statistics: false }),
    );
    const at = content.indexOf("Mueller");

    expect(at).toBeGreaterThan(0);
    content[at] = 0xff;
    expect(await refusalOf("a.parquet", content)).toBe("parquet-damaged");
  });
});
