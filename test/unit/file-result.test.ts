import { describe, expect, it } from "vitest";
import { formatRefusal, formatResultFile } from "#shared/domain/file-result.ts";

function cellOf(value: string): string {
  const fault = { column: "c", value, code: "number-unreadable", fix: "f" };
  const text = formatResultFile("run", [{ row: 2, key: "k", faults: [fault] }]);
  const start = "row,key,status,column,value,code,fix,run\r\n2,k,rejected,c,".length;
  return text.slice(start, -",number-unreadable,f,run\r\n".length);
}

describe("formatResultFile", () => {
  it("has one line for an accepted row and one for each fault of a rejected row", () => {
    const faults = [
      { column: "orderDate", value: "soon", code: "date-unreadable", fix: "Write a date." },
      { column: "discount", value: "5%", code: "number-unreadable", fix: "Use a point, no signs." },
    ];

    const text = formatResultFile("import-1", [
      { row: 2, key: "A1", faults: [] },
      { row: 4, key: "A2", faults },
    ]);

    expect(text).toBe(
      [
        "row,key,status,column,value,code,fix,run",
        "2,A1,accepted,,,,,import-1",
        "4,A2,rejected,orderDate,soon,date-unreadable,Write a date.,import-1",
        '4,A2,rejected,discount,5%,number-unreadable,"Use a point, no signs.",import-1',
        "",
      ].join("\r\n"),
    );
  });

  it.each([
    ["=1+1", "'=1+1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["+cmd", "'+cmd"],
    ["-2+3", "'-2+3"],
    ["-1.50", "-1.50"],
    ["+46 19 555", "'+46 19 555"],
    ["\ttab", "'\ttab"],
    ["\rreturn", `"'\rreturn"`],
    ["＝1+1", "'＝1+1"],
    ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
    ["plain", "plain"],
  ])("writes %j so that no spreadsheet runs it", (value, expected) => {
    expect(cellOf(value)).toBe(expected);
  });

  it("disarms keys as well", () => {
    const text = formatResultFile("run", [{ row: 2, key: "=A1", faults: [] }]);

    expect(text).toContain("2,'=A1,accepted");
  });

  it("shortens long values", () => {
    expect(cellOf("x".repeat(900))).toBe(`${"x".repeat(500)}…`);
  });
});

describe("formatRefusal", () => {
  it("is one line about row 1", () => {
    const problem = { code: "header-unknown", fix: "Use others.", detail: "unknown columns: a" };

    expect(formatRefusal("import-1", problem)).toBe(
      "row,key,status,column,value,code,fix,run\r\n" +
        "1,,rejected,,unknown columns: a,header-unknown,Use others.,import-1\r\n",
    );
  });
});
