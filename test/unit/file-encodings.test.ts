import { describe, expect, it } from "vitest";
import { decodeText } from "#shared/connectors/file/decode-text.ts";
import { findDelimiter } from "#shared/connectors/file/find-delimiter.ts";
import { encodeGb18030, encodeUtf16, encodeWindows1252 } from "#test/support/encoded-text.ts";
import { openTable, readRows, refusalOf } from "#test/support/opened-files.ts";

const german = "id,name\r\n1,Müller Möbel\r\n2,Straße 5\r\n";
const chinese = "编号,名称\r\n1,深圳华强电子\r\n2,上海茶叶\r\n";

async function encodingOf(content: Uint8Array, name = "a.csv"): Promise<string> {
  return (await openTable(name, content, {}, content.length < 1_000 ? 3 : 60_001)).encoding;
}

describe("the encoding of a file", () => {
  it.each([
    ["UTF-8", Buffer.from(german), "utf-8"],
    ["UTF-8 with signs of four bytes", Buffer.from("a,b\n𠮷,🚲\n"), "utf-8"],
    ["Windows-1252", encodeWindows1252(german), "windows-1252"],
    [
      "Portuguese and Finnish",
      encodeWindows1252("a,b\nInformação à São João,hyvää päivää\n"),
      "windows-1252",
    ],
    [
      "Windows-1252 with quotes and a currency",
      encodeWindows1252("a,b\nMüller’s,“Bär”\nTür,5 €\n"),
      "windows-1252",
    ],
    ["GBK", encodeGb18030(chinese), "gb18030"],
    [
      "GBK between ASCII letters",
      encodeGb18030("id,name\n1,A公司B\n2,C公司D\n3,E公司F\n"),
      "gb18030",
    ],
    ["GB18030 with signs of four bytes", encodeGb18030(`${chinese}3,𠮷野\r\n`), "gb18030"],
    ["UTF-16LE without a mark", encodeUtf16(german, "le", false), "utf-16le"],
    ["UTF-16BE without a mark", encodeUtf16(german, "be", false), "utf-16be"],
    [
      "UTF-16LE with 一, whose first byte is a NUL",
      encodeUtf16("一,a\r\n三一,b\r\n一,c\r\n", "le", false),
      "utf-16le",
    ],
    ["UTF-16 with a mark and no ASCII", encodeUtf16("一", "be"), "utf-16be"],
  ])("is found: %s", async (_, content, encoding) => {
    expect(await encodingOf(content)).toBe(encoding);
  });

  it("is found over the whole file, however far away the one sign is that tells", async () => {
    const plain = "1,plain\r\n".repeat(80_000);

    expect(await encodingOf(encodeWindows1252(`${plain}2,Müller\r\n`))).toBe("windows-1252");
    expect(await encodingOf(encodeGb18030(`${plain}2,深圳华强电子\r\n`))).toBe("gb18030");
    expect(await encodingOf(Buffer.from(`${plain}2,Müller\r\n`))).toBe("utf-8");
  });

  it.each([
    ["too few signs", encodeWindows1252("id,name\n1,ÄÖ\n"), "gb18030 or windows-1252"],
    [
      "Cyrillic of one byte",
      Buffer.from([0x61, 0x0a, 0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2, 0x0a, 0xcc, 0xe8, 0xf0, 0x0a]),
      "windows-1252",
    ],
    [
      "Polish of one byte",
      Buffer.from("id,miasto\n1,Bia\xb3ystok\n2,Wroc\xb3aw\n", "latin1"),
      "gb18030 or windows-1252",
    ],
    [
      "Mac Roman",
      Buffer.from("id,name\n1,caf\x8e noir\n2,th\x8e\x89tre\n3,cr\x8fme\n", "latin1"),
      "",
    ],
    ["half a sign at the end", encodeGb18030(chinese).subarray(0, -3), ""],
  ])("is refused where the evidence is weak: %s", async (_, content, choices) => {
    expect(await refusalOf("a.csv", content)).toMatch(
      new RegExp(`^encoding-ambiguous ?${choices}`),
    );
  });

  it("is what the name says, where it says one, and held to it", async () => {
    const bytes = encodeWindows1252("id,name\n1,ÄÖ\n");

    expect((await readRows("a.windows-1252.csv", bytes))[1]).toEqual(["1", "ÄÖ"]);
    expect((await readRows("a.GBK.csv", bytes))[1]).toEqual(["1", "闹"]);
    expect(await encodingOf(encodeUtf16(german, "le", false), "a.utf-16le.csv")).toBe("utf-16le");
    expect(await refusalOf("a.utf-8.csv", bytes)).toBe("encoding-contradicted utf-8");
    expect(await refusalOf("a.utf-16le.csv", encodeUtf16(german, "be"))).toBe(
      "encoding-contradicted utf-16le",
    );
    expect(await refusalOf("a.windows-1252.csv", Buffer.from("a\nx\x81y\n", "latin1"))).toBe(
      "encoding-contradicted windows-1252",
    );
    expect(await refusalOf("a.gb18030.csv", Buffer.from("a\nx\xff\n", "latin1"))).toBe(
      "encoding-contradicted gb18030",
    );
    expect((await openTable("gbk.csv", german)).encoding).toBe("utf-8");
  });

  it.each([
    [
      "a mark of UTF-8 before other bytes",
      Buffer.from("\xef\xbb\xbfa,M\xfcller\n", "latin1"),
      "encoding-contradicted utf-8",
    ],
    [
      "half a unit of UTF-16",
      encodeUtf16("a,b\n1,2\n", "le").subarray(0, -1),
      "encoding-contradicted utf-16le",
    ],
    [
      "half a pair of UTF-16",
      encodeUtf16("a,🚲", "be").subarray(0, -2),
      "encoding-contradicted utf-16be",
    ],
    ["a NUL in UTF-16", encodeUtf16("a,\0b\n", "le"), "encoding-contradicted utf-16le"],
    ["a NUL in UTF-8", Buffer.from("\uFEFFa,\0b\n"), "encoding-contradicted utf-8"],
  ])("is refused with %s", async (_, content, refusal) => {
    expect(await refusalOf("a.csv", content)).toBe(refusal);
  });

  it("leaves a replacement character where the file has one", async () => {
    expect(await readRows("a.csv", "a,\uFFFD\n")).toEqual([["a", "\uFFFD"]]);
  });
});

it("a mark within the text stays, however the bytes are cut", async () => {
  const text = "漢\uFEFF,\uFEFFb\n";
  for (const [encoding, mark] of [
    ["utf-8", ""],
    ["utf-8", "\uFEFF"],
    ["utf-16le", "\uFEFF"],
  ] as const) {
    const bytes = Buffer.from(mark + text, encoding === "utf-8" ? "utf8" : "utf16le");
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const chunks = [bytes.subarray(0, cut), bytes.subarray(cut)];
      const pieces = await Array.fromAsync(decodeText(ReadableStream.from(chunks), encoding));
      expect(pieces.join("")).toBe(text);
    }
  }
});

describe("the delimiter of a text", () => {
  it.each([
    ["the most rows of one width", "a;b;c\n1;2,5;3\n4;5,5;6\n", ";"],
    ["quoted cells", 'a,b\n"x;y;z",1\n"p;q;r",2\n', ","],
    ["line breaks in quotes", 'a\tb\n"x,\n,y"\t1\n', "\t"],
    ["title rows above the header", "Report, all of it\n\na|b|c\n1|2|3\n4|5|6\n", "|"],
    ["one column", "name\nA B\nC\n", ","],
    ["quotes that only one of them leaves in place", '"a;b",c\n"d;e",f\n', ","],
  ])("is found by %s", (_, text, delimiter) => {
    expect(findDelimiter(text, true).delimiter).toBe(delimiter);
  });

  it("does not count a last row that may be cut off", () => {
    expect(findDelimiter("a;b\n1;2\n3,4,5", false).delimiter).toBe(";");
    expect(findDelimiter('a;b\n1;2\n3;"4', false).delimiter).toBe(";");
  });
});
