import { describe, expect, it } from "vitest";
import { aBankFile } from "#test/support/bank-statements.ts";
import { createFileInbox, type FileInbox } from "#test/support/file-inbox.ts";

const { signal } = new AbortController();

const statement = aBankFile({
  closing: "214.50",
  entries: [
    { amount: "119.00", transactions: [{ unstructured: ["Invoice INV-0042"] }] },
    { amount: "4.50", sign: "DBIT", reference: "B-2" },
  ],
});

async function keptRows(inbox: FileInbox): Promise<string[]> {
  const { rows, nextCursor } = await inbox.bankRows.readPage(undefined, signal);
  expect(nextCursor).toBeUndefined();
  return rows.map((row) => `${row.record_key} ${row.gross_minor}`);
}

describe("a bank statement in the inbox", () => {
  it("is taken wherever it lies, with a run and a result line for each payment", async () => {
    const inbox = createFileInbox();
    inbox.drop("2026/november.xml", statement);

    const outcome = await inbox.deliver("2026/november.xml");

    const [run] = await inbox.runs();
    const runId = run?.runId;
    expect(outcome).toEqual({ kind: "imported", runId, rangeCount: 1 });
    expect(run).toMatchObject({ subject: "2026/november.xml", counts: { rows: 2n, records: 0n } });
    expect(inbox.result("2026/november.xml.result.csv").split("\r\n")).toEqual([
      "key,tieout_row,tieout_status,tieout_code,tieout_column,tieout_value,tieout_fix,tieout_crm_id,tieout_books_id,tieout_run",
      `INV-0042,1,applied,,,,,,,${runId}`,
      `bank:B-2,2,applied,,,,,,,${runId}`,
      "",
    ]);
    expect(await keptRows(inbox)).toEqual(["INV-0042 11900", "bank:B-2 -450"]);
    expect(inbox.events()).toEqual([]);
  });

  it("counts once, under however many names it was dropped", async () => {
    const inbox = createFileInbox();
    for (const key of ["a.xml", "b.xml"]) {
      inbox.drop(key, statement);
      await inbox.deliver(key);
    }

    expect(await keptRows(inbox)).toEqual(["INV-0042 11900", "bank:B-2 -450"]);
    expect((await inbox.runs()).length).toBe(2);
  });

  it("that does not add up is refused with a code and a fix, and none of it is kept", async () => {
    const inbox = createFileInbox();
    inbox.drop("a.xml", statement.replace("214.50", "214.51"));

    await inbox.deliver("a.xml");

    const [run] = await inbox.runs();
    expect(run?.problem?.code).toBe("bank-statement-does-not-add-up");
    expect(inbox.result("a.xml.result.csv")).toContain("Get the statement again: its entries lead");
    expect(await keptRows(inbox)).toEqual([]);
  });

  it.each(["start", "add", "save", "publish", "finish"] as const)(
    "is taken once after a crash at %s",
    async (step) => {
      const inbox = createFileInbox();
      inbox.drop("a.xml", statement);
      inbox.failNext(step);
      await expect(inbox.deliver("a.xml")).rejects.toThrow(`${step} fails once`);

      const outcome = await inbox.deliver("a.xml");

      const [run, ...others] = await inbox.runs();
      expect(outcome.kind).toMatch(/imported|repeated/);
      expect(others).toEqual([]);
      expect(run?.counts).toMatchObject({ rows: 2n });
      expect(await keptRows(inbox)).toEqual(["INV-0042 11900", "bank:B-2 -450"]);
    },
  );
});
