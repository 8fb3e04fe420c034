import { describe, expect, it } from "vitest";
import {
  formatRefusal,
  formatResultHeader,
  formatResultRow,
  type RowResult,
} from "#shared/domain/file-result.ts";

const style = { runId: "import-1", delimiter: "," };
const rejected: RowResult = {
  row: 4,
  status: "rejected",
  faults: [
    { column: "orderDate", value: "soon", code: "date-unreadable", fix: "Write a date." },
    { column: "discount", value: "5%", code: "number-unreadable", fix: "Use a point, no signs." },
  ],
};
const applied: RowResult = { row: 2, status: "applied", faults: [], crmId: "71", booksId: "b-9" };

/** How a cell of the file is written in its result. */
function cellOf(cell: string): string {
  const line = formatResultRow(["c"], [cell], applied, style);
  return line.slice(0, -",2,applied,,,,,71,b-9,import-1\r\n".length);
}

describe("the result of a file", () => {
  it("has the file's columns, then its own", () => {
    expect(formatResultHeader(["id", "name"], ";")).toBe(
      "id;name;tieout_row;tieout_status;tieout_code;tieout_column;tieout_value;tieout_fix;tieout_crm_id;tieout_books_id;tieout_run\r\n",
    );
  });

  it("says behind each row what became of it, with the ids in both systems", () => {
    expect(formatResultRow(["id", "name"], ["A1", "Berg, Ltd"], applied, style)).toBe(
      'A1,"Berg, Ltd",2,applied,,,,,71,b-9,import-1\r\n',
    );
  });

  it("names every fault of a row, in one line", () => {
    expect(formatResultRow(["id"], ["A2"], rejected, style)).toBe(
      'A2,4,rejected,"date-unreadable; number-unreadable","orderDate; discount","soon; 5%","Write a date.; Use a point, no signs.",,,import-1\r\n',
    );
  });

  it("takes the place of an earlier result's columns", () => {
    const header = ["id", "tieout_row", "Tieout_Status"];

    expect(formatResultHeader(header, ",")).toMatch(/^id,tieout_row,tieout_status,tieout_code/);
    expect(formatResultRow(header, ["A1", "7", "rejected"], applied, style)).toBe(
      "A1,2,applied,,,,,71,b-9,import-1\r\n",
    );
  });

  it("keeps the cells that were too many, behind all others", () => {
    expect(formatResultRow(["id"], ["A1", "stray"], applied, style)).toBe(
      "A1,2,applied,,,,,71,b-9,import-1,stray\r\n",
    );
  });

  it.each([
    ["=1+1", "'=1+1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["+cmd", "'+cmd"],
    ["-2+3", "'-2+3"],
    ["-1.50", "-1.50"],
    ["+46 19 555", "'+46 19 555"],
    ["'=1", "'=1"],
  ])("writes %s so that no spreadsheet takes it for a formula", (cell, written) => {
    expect(cellOf(cell)).toBe(written);
  });

  it("shortens what it tells of a cell", () => {
    const faults = [{ column: "c", value: "x".repeat(600), code: "cell-too-long", fix: "f" }];
    const line = formatResultRow(["c"], ["x"], { ...rejected, faults }, style);

    expect(line).toContain(`,${"x".repeat(500)}…,`);
  });

  it("of a file that was refused whole is one line about it", () => {
    const problem = { code: "header-unknown", fix: "Use other columns.", detail: "=x, y" };

    expect(formatRefusal("import-1", problem).split("\r\n")[1]).toBe(
      `1,rejected,header-unknown,,"'=x, y",Use other columns.,,,import-1`,
    );
  });
});
