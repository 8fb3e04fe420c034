import { describe, expect, it } from "vitest";
import {
  formatCount,
  formatDollars,
  formatMsPerRecord,
  formatPerRecord,
  formatRatio,
  formatScaled,
  formatSeconds,
} from "#test/bench/numbers.ts";
import { readOptions } from "#test/bench/options.ts";
import { renderMarkdown, renderText } from "#test/bench/text-table.ts";

describe("numbers as text", () => {
  it("are rounded once, half up, to the places asked for", () => {
    expect(formatScaled(1_234_567n, 6, 3)).toBe("1.235");
    expect(formatScaled(5n, 3, 2)).toBe("0.01");
    expect(formatScaled(4n, 3, 2)).toBe("0.00");
    expect(formatScaled(25n, 1, 0)).toBe("3");
    expect(formatScaled(7n, 0, 2)).toBe("7.00");
  });

  it("are dollars, ratios, counts and times", () => {
    expect(formatDollars(4_999_500n)).toBe("$5.000");
    expect(formatDollars(300_000n, 2)).toBe("$0.30");
    expect(formatRatio(33, 30)).toBe("1.10");
    expect(formatRatio(1, 3)).toBe("0.33");
    expect(formatRatio(4, 0)).toBe("-");
    expect(formatPerRecord(7_135_000n, 1_000)).toBe("7.135");
    expect(formatMsPerRecord(2_034.5, 1_000)).toBe("2.035");
    expect(formatSeconds(12_345)).toBe("12.3");
    expect(formatCount(10_000)).toBe("10,000");
  });
});

describe("a table", () => {
  const table = {
    title: "Calls",
    head: ["route", "calls"],
    rows: [
      ["GET /a|b", "7"],
      ["PUT /c", "1,250"],
    ],
  };

  it("has numbers to the right in plain text", () => {
    expect(renderText(table)).toBe(
      ["Calls", "route     calls", "--------  -----", "GET /a|b      7", "PUT /c    1,250"].join(
        "\n",
      ),
    );
  });

  it("has its bars escaped in Markdown", () => {
    expect(renderMarkdown(table)).toBe(
      [
        "**Calls**",
        "",
        "| route | calls |",
        "| --- | --: |",
        "| GET /a\\|b | 7 |",
        "| PUT /c | 1,250 |",
      ].join("\n"),
    );
  });
});

describe("the command line", () => {
  it("runs everything for 1,000 and 10,000 customers when nothing is said", () => {
    expect(readOptions([])).toEqual({
      sizes: [1_000, 10_000],
      scenarios: ["first-load", "change", "first-full-check", "full-check", "incremental-check"],
      hasTieOut: true,
      hasFiles: true,
      write: false,
    });
  });

  it("takes sizes once and fewest first, and scenarios in the order they run", () => {
    const args = ["--sizes", "500,200,500", "--scenario", "full-check,change", "--write"];
    expect(readOptions(args)).toEqual({
      sizes: [200, 500],
      scenarios: ["change", "full-check"],
      hasTieOut: false,
      hasFiles: false,
      write: true,
    });
  });

  it.each([
    ["--sizes", "0"],
    ["--sizes", "1e3"],
    ["--sizes", "2000000"],
    ["--scenario", "all"],
  ])("refuses %s %s", (option, value) => {
    expect(() => readOptions([option, value])).toThrow(value);
  });
});
