import { deflateRawSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { fixture, readRows, refusalOf } from "#test/support/opened-files.ts";
import { textRows, workbookFile } from "#test/support/workbook.ts";
import { type ArchivedFile, zipArchive } from "#test/support/zip-archive.ts";

const csv = "a,b\n1,2\n";
const rows = [
  ["a", "b"],
  ["1", "2"],
];
const join = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);
const zipped = (file: Partial<ArchivedFile>): Uint8Array =>
  zipArchive([{ name: "a.csv", content: csv, ...file }]);

describe("a gzip", () => {
  it("of several members is one file, however the chunks fall", async () => {
    const members = join(gzipSync("a,b\n1"), gzipSync(""), gzipSync(",2\n"));
    for (const chunkBytes of [1, 7, 19, 1_000]) {
      expect(await readRows("a.gz", members, {}, chunkBytes)).toEqual(rows);
    }
  });

  it("may have every optional part of its header", async () => {
    const [head, body] = [gzipSync(csv).subarray(0, 10), gzipSync(csv).subarray(10)];
    const flagged = Uint8Array.from(head, (byte, index) => (index === 3 ? 0x1e : byte));
    const optional = Buffer.from("\u0003\0xyzname.csv\0a comment\0\u0001\u0002", "latin1");

    for (const chunkBytes of [1, 1_000]) {
      expect(await readRows("a.gz", join(flagged, optional, body), {}, chunkBytes)).toEqual(rows);
    }
  });

  it.each([
    ["with something behind it", join(gzipSync(csv), Buffer.from("x"))],
    ["with zeros behind it", join(gzipSync(csv), new Uint8Array(20))],
    [
      "with a wrong sum",
      join(gzipSync(csv).subarray(0, -8), new Uint8Array(4), gzipSync(csv).subarray(-4)),
    ],
    ["with a wrong length", join(gzipSync(csv).subarray(0, -4), Uint8Array.of(9, 0, 0, 0))],
    [
      "of another method",
      Uint8Array.from(gzipSync(csv), (byte, index) => (index === 2 ? 7 : byte)),
    ],
    [
      "with flags that nobody knows",
      Uint8Array.from(gzipSync(csv), (byte, index) => (index === 3 ? 0x80 : byte)),
    ],
    ["of what is not deflated", join(gzipSync(csv).subarray(0, 10), new Uint8Array(40).fill(0xff))],
  ])("%s is refused", async (_, content) => {
    for (const chunkBytes of [1, 1_000]) {
      expect(await refusalOf("a.gz", content, {}, chunkBytes)).toBe("archive-damaged");
    }
  });

  it("that is a bomb is refused before it is out", async () => {
    const bomb = gzipSync(`a\n${"0".repeat(3_000_000)}`);

    expect(bomb.length).toBeLessThan(4_000);
    expect(await refusalOf("a.gz", bomb, { inflatedBytesFree: 100_000 })).toBe(
      "archive-inflates-too-far",
    );
    const members = join(...Array.from({ length: 40 }, () => gzipSync("0".repeat(500))));
    expect(await refusalOf("a.gz", members, { inflatedBytesMax: 10_000 })).toBe(
      "archive-inflates-too-far",
    );
  });

  it("of an archive is refused, but of a spreadsheet is read", async () => {
    const workbook = workbookFile({ sheets: [{ name: "S", rows: textRows(rows) }] });

    expect(await readRows("a.xlsx.gz", gzipSync(workbook))).toEqual(rows);
    expect(await refusalOf("a.gz", gzipSync(gzipSync(csv)))).toBe("archive-nested");
    expect(await refusalOf("a.gz", gzipSync(zipped({})))).toBe("archive-nested");
    expect(await refusalOf("a.gz", gzipSync("BZh91AY&SY"))).toBe("archive-nested");
    expect(await refusalOf("a.gz", gzipSync(workbook), { nestedBytesMax: 100 })).toBe(
      "archive-inflates-too-far",
    );
    expect(await refusalOf("a.gz", gzipSync(fixture("excel-97.xls")))).toBe(
      "spreadsheet-format-unsupported XLS",
    );
  });
});

describe("a zip", () => {
  it.each([
    ["deflated", zipped({})],
    ["stored", zipped({ method: 0 })],
    ["with its sizes behind the data", zipped({ hasDescriptor: true })],
    [
      "with a comment",
      zipArchive([{ name: "a.csv", content: csv }], {
        comment: "PK\u0005\u0006 made by hand, twenty-two bytes",
      }),
    ],
    [
      "with folders, dot files and what macOS adds",
      zipArchive([
        { name: "data/", content: "", method: 0 },
        { name: "data/a.csv", content: csv },
        { name: "data/.DS_Store", content: "x" },
        { name: "__MACOSX/data/._a.csv", content: "x" },
      ]),
    ],
  ])("%s is read", async (_, content) => {
    for (const chunkBytes of [1, 50_000]) {
      expect(await readRows("a.zip", content, {}, chunkBytes)).toEqual(rows);
    }
  });

  it.each([
    [
      "of two files",
      zipArchive([
        { name: "a.csv", content: csv },
        { name: "b/c.csv", content: csv },
      ]),
      "archive-several-files 2 files, a.csv, b/c.csv",
    ],
    ["of no file", zipArchive([{ name: "a/", content: "", method: 0 }]), "archive-empty"],
    ["without entries", zipArchive([]), "archive-empty"],
    ["with a password", zipped({ flags: 1 }), "archive-encrypted"],
    ["of another method", zipped({ method: 12 }), "archive-unsupported"],
    ["in parts", zipArchive([{ name: "a.csv", content: csv }], { disk: 1 }), "archive-unsupported"],
    [
      "as ZIP64",
      zipArchive([{ name: "a.csv", content: csv }], { isZip64: true }),
      "archive-unsupported",
    ],
    ["with sizes of ZIP64", zipped({ declaredBytes: 0xffffffff }), "archive-unsupported"],
    [
      "that leads up",
      zipped({ name: "../../etc/passwd" }),
      "archive-path-refused ../../etc/passwd",
    ],
    ["that leads to the root", zipped({ name: "/etc/passwd" }), "archive-path-refused /etc/passwd"],
    ["that leads to a drive", zipped({ name: "C:a.csv" }), "archive-path-refused C:a.csv"],
    ["with backslashes", zipped({ name: "..\\a.csv" }), "archive-path-refused ..\\a.csv"],
    ["with control characters", zipped({ name: "a\u0001.csv" }), "archive-path-refused a_.csv"],
    [
      "with one name twice",
      zipArchive([
        { name: "a.csv", content: csv },
        { name: "a.csv", content: "x" },
      ]),
      "archive-damaged",
    ],
    ["that is larger than it says", zipped({ declaredBytes: 4 }), "archive-damaged"],
    ["that is smaller than it says", zipped({ declaredBytes: 400 }), "archive-damaged"],
    ["whose data end early", zipped({ declaredPackedBytes: 3 }), "archive-damaged"],
    [
      "whose data reach into the directory",
      zipped({ declaredPackedBytes: 300 }),
      "archive-damaged",
    ],
    [
      "with something behind the data",
      zipped({ packed: join(deflateRawSync(csv), Buffer.from("more")) }),
      "archive-damaged",
    ],
    ["with a wrong sum", zipped({ declaredCrc: 1 }), "archive-damaged"],
    ["that points nowhere", zipped({ localOffset: 9_999 }), "archive-damaged"],
    ["that points into itself", zipped({ localOffset: 3 }), "archive-damaged"],
    [
      "that counts wrongly",
      zipArchive([{ name: "a.csv", content: csv }], { count: 2 }),
      "archive-damaged",
    ],
    ["with something behind it", join(zipped({}), Buffer.from("x")), "archive-damaged"],
    ["of a zip", zipped({ content: zipped({}) }), "archive-nested"],
  ])("%s is refused", async (_, content, refusal) => {
    expect(await refusalOf("a.zip", content)).toBe(refusal);
  });

  it("with more entries or a longer directory than is looked through is refused", async () => {
    const many = zipArchive(
      Array.from({ length: 5 }, (_, index) => ({ name: `${index}/`, content: "", method: 0 })),
    );

    expect(await refusalOf("a.zip", many, { zipEntriesMax: 4 })).toBe("archive-too-many-files");
    expect(await refusalOf("a.zip", many, { zipDirectoryBytesMax: 99 })).toBe(
      "archive-too-many-files",
    );
  });

  it("that is a bomb is refused before it is out, whatever it says of its size", async () => {
    const content = `a\n${"0".repeat(3_000_000)}`;
    for (const declaredBytes of [content.length, 10]) {
      const bomb = zipped({ content, declaredBytes });
      const refusal = await refusalOf("a.zip", bomb, { inflatedBytesFree: 100_000 });

      expect(["archive-inflates-too-far", "archive-damaged"]).toContain(refusal);
    }
    const sheet = workbookFile({
      sheets: [{ name: "S", rows: `<row><c t="str"><v>${"0".repeat(3_000_000)}</v></c></row>` }],
    });
    expect(await refusalOf("a.xlsx", sheet, { inflatedBytesFree: 100_000 })).toBe(
      "archive-inflates-too-far",
    );
  });
});
