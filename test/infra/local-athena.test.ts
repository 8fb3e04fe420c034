import { describe, expect, it } from "vitest";
import { formatRow, parseRows, type ResultRow } from "#infra/local/host/athena-results.ts";
import { injectedValues, prepareSql, tablesOf } from "#infra/local/host/athena-sql.ts";
import { objectPattern, prefixesOf } from "#infra/local/host/athena-tables.ts";
import type { CatalogTablePlan } from "#infra/local/host/plan.ts";

const sales: CatalogTablePlan = {
  database: "shop",
  name: "sales",
  columns: [{ name: "id", type: "string" }],
  partitions: [
    { name: "day", values: undefined },
    { name: "side", values: ["crm", "books"] },
  ],
  bucket: "files",
  key: `sales/day=\${day}/side=\${side}/`,
};

describe("the text of a query", () => {
  it("loses its comments and gets its parameters, but not within literals", () => {
    const sql = "SELECT '?--no', \"a?b\" -- why?\nFROM sales /* ' */ WHERE day = ? AND n = ?";

    expect(prepareSql(sql, ["'it''s ?'", "5"])).toBe(
      "SELECT '?--no', \"a?b\" \nFROM sales  WHERE day = 'it''s ?' AND n = 5",
    );
  });

  it.each([
    ["SELECT 1 WHERE x = ?", [], "Expected 1 parameters but found 0"],
    ["SELECT 1", ["1"], "Expected 0 parameters but found 1"],
    ["DROP TABLE sales", [], "nothing that writes"],
    ["SELECT 1; SELECT 2", [], "nothing that writes"],
    ["SELECT n::bigint FROM sales", [], "a cast by ::"],
    ["SELECT * FROM 'sales.parquet'", [], "a file in place of a table"],
    ["SELECT id FROM sales GROUP BY ALL", [], "BY ALL"],
  ])("%s is refused", (sql, parameters, message) => {
    expect(() => prepareSql(sql, parameters)).toThrow(message);
  });

  it("may speak of what it may not do", () => {
    const sql = "SELECT 'a::b; FROM ''x''' AS text FROM sales";

    expect(prepareSql(sql, [])).toBe(sql);
  });

  it.each([
    ["SELECT 1 FROM sales", 1],
    ['SELECT 1 FROM "shop"."sales" s JOIN other ON true', 1],
    ["WITH a AS (SELECT 1) SELECT 1 FROM a, shop.sales", 1],
    ["SELECT sales FROM sales_of_today", 0],
    ["SELECT 1 FROM other.sales", 0],
  ])("%s names so many tables: %s", (sql, count) => {
    expect(tablesOf(sql, [sales])).toHaveLength(count);
  });

  it("names the values of an injected partition, once for each time that it names the table", () => {
    const one = "SELECT 1 FROM sales WHERE day = 'a''b'";
    const two = `${one} UNION ALL SELECT 2 FROM sales WHERE "day" IN ('c', 'd')`;

    expect([...injectedValues(one, sales, "day")]).toEqual(["a'b"]);
    expect([...injectedValues(two, sales, "day")]).toEqual(["a'b", "c", "d"]);
    expect(() => injectedValues(`${one} UNION ALL SELECT 2 FROM sales`, sales, "day")).toThrow(
      "CONSTRAINT_VIOLATION",
    );
    expect(() => injectedValues("SELECT 1 FROM sales WHERE today = 'a'", sales, "day")).toThrow(
      "CONSTRAINT_VIOLATION",
    );
  });
});

describe("the objects of a table", () => {
  const injected = new Map([["day", new Set(["1", "2"])]]);

  it("are looked for below each injected value", () => {
    expect(prefixesOf(sales, injected)).toEqual(["sales/day=1/side=", "sales/day=2/side="]);
  });

  it.each([
    ["sales/day=1/side=crm/part-0.parquet", { day: "1", side: "crm" }],
    ["sales/day=2/side=books/more/part-0.parquet", { day: "2", side: "books" }],
    ["sales/day=3/side=crm/part-0.parquet", undefined],
    ["sales/day=1/side=bank/part-0.parquet", undefined],
    ["sales/day=1/side=crm/_manifest", undefined],
    ["sales/day=1/side=crm/", undefined],
    ["other/day=1/side=crm/part-0.parquet", undefined],
  ])("%s is in the partition %o", (key, values) => {
    const found = objectPattern(sales, injected)(key);

    expect(found === undefined ? undefined : { ...found }).toEqual(values);
  });
});

describe("a result", () => {
  it("is read as it was written: null, nothing, quotes and line ends", () => {
    const rows: ResultRow[] = [
      ["a", "b"],
      [null, ""],
      ['say "so"', "x,\ny"],
      ['""', null],
      ["", '"'],
    ];

    expect([...parseRows(rows.map(formatRow).join(""))]).toEqual(rows);
  });
});
