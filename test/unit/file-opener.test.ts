import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { OpenedTable } from "#shared/ports/files.ts";
import {
  fixture,
  openBytes,
  openTable,
  readRows,
  refusalOf,
  rowsOf,
  sourceOf,
  textOf,
} from "#test/support/opened-files.ts";
import { textRows, workbookFile } from "#test/support/workbook.ts";
import { zipArchive } from "#test/support/zip-archive.ts";

const shapeOf = ({ format, compression, encoding, delimiter, isInPlace }: OpenedTable) =>
  [format, compression ?? "plain", encoding, delimiter, isInPlace ? "in place" : "anew"].join(" ");

const found = [
  ["excel-semicolon-windows-1252.csv", "delimited plain windows-1252 ; anew"],
  ["excel-unicode-text.txt", "delimited plain utf-16le \t anew"],
  ["excel-unicode-big-endian.txt", "delimited plain utf-16be \t anew"],
  ["utf-16-no-mark.txt", "delimited plain utf-16le \t anew"],
  ["excel-sep-line.csv", "delimited plain windows-1252 ; anew"],
  ["excel-utf-8-mark.csv", "delimited plain utf-8 , in place"],
  ["libreoffice-quoted.csv", "delimited plain utf-8 , in place"],
  ["libreoffice-tabs.tsv", "delimited plain utf-8 \t in place"],
  ["pipes.txt", "delimited plain utf-8 | in place"],
  ["quickbooks-title-rows.csv", "delimited plain utf-8 , in place"],
  ["quickbooks-invoice-list.csv", "delimited plain utf-8 , in place"],
  ["xero-contacts.csv", "delimited plain utf-8 , in place"],
  ["xero-sales-invoices.csv", "delimited plain utf-8 , in place"],
  ["kingdee-sales-orders-gbk.csv", "delimited plain gb18030 , anew"],
  ["yonyou-customers-gb18030.txt", "delimited plain gb18030 \t anew"],
  ["encoding-named.windows-1252.csv", "delimited plain windows-1252 , anew"],
  ["numbers-decimal-comma.csv", "delimited plain utf-8 ; in place"],
  ["numbers-negative-trailing.csv", "delimited plain utf-8 ; in place"],
  ["customers.json", "json plain utf-8 , anew"],
  ["orders-in-value.json", "json plain utf-8 , anew"],
  ["products.jsonl", "json-lines plain utf-8 , anew"],
  ["libreoffice-orders.xlsx", "xlsx plain utf-8 , anew"],
] as const;

const refused = [
  ["encoding-ambiguous.csv", "encoding-ambiguous gb18030 or windows-1252"],
  ["delimiter-ambiguous.csv", "delimiter-ambiguous comma or semicolon"],
  ["two-sheets.xlsx", "sheets-several sheets Customers, Notes"],
  ["password-protected.xlsx", "spreadsheet-protected"],
  ["excel-97.xls", "spreadsheet-format-unsupported XLS"],
  ["open-document.ods", "spreadsheet-format-unsupported ODS"],
  ["apple.numbers", "spreadsheet-format-unsupported Numbers"],
] as const;

describe("the file opener", () => {
  it.each(found)("finds what %s is", async (name, shape) => {
    expect(shapeOf(await openTable(name, fixture(name)))).toBe(shape);
  });

  it.each(found)("finds it in %s inside of a gzip and a zip, with the same rows", async (name) => {
    const content = fixture(name);
    const plain = await openTable(name, content);
    const zipped = zipArchive([{ name, content }]);

    for (const packed of [
      await openTable(`${name}.gz`, gzipSync(content)),
      await openTable("a.zip", zipped),
    ]) {
      expect(packed.isInPlace).toBe(false);
      expect([packed.format, packed.encoding]).toEqual([plain.format, plain.encoding]);
      expect(await rowsOf(packed)).toEqual(await rowsOf(plain));
    }
  });

  it.each(refused)("refuses %s", async (name, refusal) => {
    expect(await refusalOf(name, fixture(name))).toBe(refusal);
  });

  it("reads text that was transcoded as the text that it is", async () => {
    expect((await readRows("a.csv", fixture("excel-semicolon-windows-1252.csv")))[2]).toEqual([
      ...["K-1002", "Größenwahn; Café & Bäckerei", "Am Köllnischen Park 3", "01067", "Dresden"],
      ...["Deutschland", "kueche@groessenwahn.example", "14", "1.980,00"],
    ]);
    expect((await readRows("a.txt", fixture("excel-unicode-big-endian.txt")))[2]).toEqual([
      "A-2",
      "28.11.2026",
      "東京陶器株式会社",
      'Bowl "Ame"',
      "4",
      "45,00",
      "two\nlines",
    ]);
    expect((await readRows("a.csv", fixture("yonyou-customers-gb18030.txt")))[1]?.[1]).toBe(
      "北京𠮷野商贸有限公司",
    );
  });

  it("streams the very bytes of a file that is read in place, its mark included", async () => {
    const content = fixture("excel-utf-8-mark.csv");

    expect(await textOf(await openTable("a.csv", content))).toBe(Buffer.from(content).toString());
    expect(await textOf(await openTable("a.gz", gzipSync(content)))).toBe(
      Buffer.from(content.subarray(3)).toString(),
    );
  });

  it("keeps the rows' numbers where it takes out Excel's line on the delimiter", async () => {
    expect(await readRows("a.csv", "sep=|\r\na|b\r\n1|2,5\r\n")).toEqual([
      [""],
      ["a", "b"],
      ["1", "2,5"],
    ]);
    expect(await refusalOf("a.csv", "sep=:\na:b\n")).toBe("delimiter-unsupported row 1");
  });

  it("reads rows that end in CR alone, as old programs for the Mac write them", async () => {
    expect(await readRows("a.csv", 'a,b\r1,"x\ry"\r2,z', {}, 3)).toEqual([
      ["a", "b"],
      ["1", "x\ny"],
      ["2", "z"],
    ]);
  });

  it("gives the same text each time", async () => {
    const table = await openTable("a.xlsx", fixture("texts.xlsx"));

    expect(await textOf(table)).toBe(await textOf(table));
  });

  it.each([
    ["nothing", "", "file-empty"],
    ["a mark alone", "\uFEFF", "file-empty"],
    ["blank lines alone", "\r\n \n", "file-empty"],
    ["a gzip of nothing", gzipSync(""), "file-empty"],
    ["a zip of nothing", zipArchive([{ name: "a.csv", content: "" }]), "file-empty"],
    ["a PDF", "%PDF-1.7\n", "file-format-unknown"],
    ["control characters", "\u0001\u0002ab", "file-format-unknown"],
    ["NULs that are no UTF-16", "a\0\0\0\0\0\0b,c", "encoding-unknown"],
    ["7-Zip", Uint8Array.of(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c), "archive-unsupported"],
    [
      "a text document",
      zipArchive([
        { name: "[Content_Types].xml", content: "" },
        { name: "word/document.xml", content: "" },
      ]),
      "file-format-unknown",
    ],
    [
      "a binary workbook",
      zipArchive([
        { name: "[Content_Types].xml", content: "" },
        { name: "xl/workbook.bin", content: "" },
      ]),
      "spreadsheet-format-unsupported XLSB",
    ],
    ["a web page", "<!DOCTYPE html><html><table></table></html>", "xml-root-unknown html"],
    ["a web page", "<html><table></table></html>", "xml-root-unknown html"],
    ["an entity", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "xml-doctype-refused"],
    ["other XML", '<a:Order xmlns:a="urn:x"/>', "xml-root-unknown Order"],
    ["broken XML", "<a", "xml-malformed"],
  ])("refuses %s", async (_, content, refusal) => {
    expect(await refusalOf("a.csv", content)).toBe(refusal);
  });

  it("finds e-invoices and bank statements by the namespace of their root, packed or not", async () => {
    const ubl = "urn:oasis:names:specification:ubl:schema:xsd";
    const camt = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08";
    for (const [content, document] of [
      [`<?xml version="1.0"?>\n<Invoice xmlns="${ubl}:Invoice-2"/>`, "e-invoice"],
      [`<q:CreditNote xmlns:q="${ubl}:CreditNote-2"/>`, "e-invoice"],
      [`\uFEFF<Document xmlns="${camt}"/>`, "bank-statement"],
    ] as const) {
      for (const packed of [content, gzipSync(content), zipArchive([{ name: "a", content }])]) {
        const opened = await openBytes("a.xml", packed);

        expect(opened).toMatchObject({ kind: "xml", document });
        expect(opened.kind === "xml" && Buffer.from(opened.content).toString()).toBe(content);
      }
    }
    expect(await refusalOf("a.xml", `<Invoice xmlns="${ubl}:CreditNote-2"/>`)).toBe(
      "xml-root-unknown Invoice",
    );
    const long = `<Document xmlns="${camt}">${" ".repeat(50)}</Document>`;
    expect(await refusalOf("a.xml", long, { xmlBytesMax: 60 })).toBe("xml-too-large");
    const wide = Buffer.from(`\uFEFF<Document xmlns="${camt}"/>`, "utf16le");
    expect(await refusalOf("a.xml", wide)).toBe("encoding-not-utf8 utf-16le");
  });

  it("passes on a fault of the source and the end of the work as they are", async () => {
    const fault = new Error("the source is gone");
    for (const name of ["libreoffice-orders.xlsx", "kingdee-sales-orders-gbk.csv"]) {
      const content = fixture(name);
      const good = sourceOf(content);
      for (let readsLeft = 0; readsLeft < 3; readsLeft += 1) {
        let reads = 0;
        const opener = openFaulty(name, {
          bytes: content.length,
          read: (range) => {
            reads += 1;
            if (reads > readsLeft) throw fault;
            return good.read(range);
          },
        });
        await expect(opener).rejects.toBe(fault);
      }
    }
    const stopped = new AbortController();
    stopped.abort(fault);
    await expect(openFaulty("a.csv", sourceOf("a,b\n"), stopped.signal)).rejects.toBe(fault);
  });

  it("reads an XLSX of another program's names: prefixes, backslashes, absolute targets", async () => {
    const workbook = workbookFile({ sheets: [{ name: "S", rows: textRows([["a"], ["1"]]) }] });
    expect(await readRows("a.xlsx", workbook)).toEqual([["a"], ["1"]]);

    const main = 'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
    const rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const other = zipArchive([
      { name: "[Content_Types].xml", content: "<Types/>" },
      {
        name: "_rels\\.rels",
        content: `<Relationships><Relationship Id="a" Type='${rels}/officeDocument' Target="/xl/Workbook.xml"/></Relationships>`,
      },
      {
        name: "xl\\workbook.xml",
        content: `<x:workbook ${main} xmlns:r="${rels}"><x:sheets><x:sheet name="a > b" r:id = "s"/></x:sheets></x:workbook>`,
      },
      {
        name: "xl\\_rels\\workbook.xml.rels",
        content: `<Relationships><Relationship Id="s" Type="${rels}/worksheet" Target="/xl/s.xml"/></Relationships>`,
      },
      {
        name: "xl\\s.xml",
        content: `<x:worksheet ${main}><x:sheetData><x:row><x:c t="str"><x:v>a&#x41;</x:v></x:c><x:c><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>`,
      },
    ]);
    expect(await readRows("a.xlsx", other)).toEqual([["aA", "1"]]);
  });
});

async function openFaulty(
  name: string,
  source: ReturnType<typeof sourceOf>,
  signal = new AbortController().signal,
): Promise<string[][]> {
  const { createFileOpener } = await import("#shared/connectors/file/open-file.ts");
  const opened = await createFileOpener().open(name, source, signal);
  if (opened.kind !== "table") throw new Error("no table");
  return rowsOf(opened);
}
