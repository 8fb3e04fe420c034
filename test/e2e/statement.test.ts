/** The command that reads a bank statement, as an operator runs it. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aBankFile } from "#test/support/bank-statements.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tieout-statement-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function run(...args: readonly string[]) {
  return new Promise<{ code: unknown; out: string; told: string }>((resolve) => {
    execFile(process.execPath, ["infra/local/statement.ts", ...args], (error, out, told) => {
      resolve({ code: error?.code ?? 0, out, told });
    });
  });
}

function file(closing: string): string {
  const path = join(folder, `${closing}.xml`);
  const entries = [
    { amount: "119.00", transactions: [{ unstructured: ["Invoice INV-0042"] }] },
    { amount: "4.50", sign: "DBIT" as const, reference: "B-2" },
    { amount: "7.00", status: "PDNG", reference: "B-3" },
  ];
  writeFileSync(path, aBankFile({ closing, entries }));
  return path;
}

describe("npm run statement", () => {
  it("tells what a statement says, and which documents its payments name", async () => {
    const { code, out } = await run(file("214.50"));

    expect(code).toBe(0);
    expect(out.trim().split("\n")).toEqual([
      "statement 2026-331 of DE89370400440532013000, EUR",
      "  100.00 at the beginning, 214.50 at the end: it adds up",
      "  2026-11-26          119.00  INV-0042",
      "  2026-11-26           -4.50  bank:B-2",
      "  2026-11-26            7.00  bank:B-3  (bank-entry-not-booked)",
      "  3 payments, 1 of them name a document",
    ]);
  });

  it("refuses one that does not add up, with a code and what to do", async () => {
    expect(await run(file("214.51"))).toEqual({
      code: 1,
      out: "",
      told: [
        "refused: bank-statement-does-not-add-up (line 5: Stmt)",
        "Get the statement again: its entries lead to 214.50, its closing balance is 214.51.",
        "",
      ].join("\n"),
    });
  });

  it("says how it is used", async () => {
    const { code, told } = await run();

    expect(code).toBe(2);
    expect(told).toContain("Usage: npm run statement");
  });
});
