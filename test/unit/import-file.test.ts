import { describe, expect, it } from "vitest";
import { limits } from "#shared/config/limits.ts";
import { importFile } from "#shared/sync/import-file.ts";
import { createFileInbox, type FileInbox } from "#test/support/file-inbox.ts";

const context = { signal: new AbortController().signal, remainingMs: () => 900_000 };
const CUSTOMERS = "id,name\nK1,Åkesson\nK2,Berg\n";

async function importText(key: string, content: string | Uint8Array) {
  const inbox = createFileInbox();
  inbox.drop(key, content);
  const outcome = await inbox.deliver(key);
  return { inbox, outcome };
}

async function onlyRunOf(inbox: FileInbox) {
  const [run, ...others] = await inbox.runs();
  if (run === undefined || others.length > 0) throw new Error("there is not exactly one run");
  return run;
}

describe("importFile", () => {
  it("queues one event for each record, with the time of the drop as its version", async () => {
    const { inbox, outcome } = await importText("2026/customers.csv", CUSTOMERS);

    const { runId } = await onlyRunOf(inbox);
    expect(outcome).toEqual({ kind: "imported", runId, rangeCount: 1 });
    expect(inbox.events()[0]).toEqual({
      connection: "files",
      speaksFor: "crm",
      recordType: "customer",
      externalId: "K1",
      capturedAt: "2026-03-02T10:00:00.000Z",
      via: "file",
      tries: 0,
      record: {
        recordType: "customer",
        externalId: "K1",
        version: Date.UTC(2026, 2, 2, 9, 0, 1),
        life: "live",
        fields: { name: "Åkesson" },
      },
    });
    expect(inbox.messages().map((message) => message.runId)).toEqual([runId]);
  });

  it("plans before the run starts, counts before it queues, and asks for the result at the end", async () => {
    const { inbox } = await importText("customers.csv", CUSTOMERS);

    expect(inbox.steps).toEqual(
      ["plan", "start", "add", "ask", ["add", "send"], "add", "ask", "finish"].flat(),
    );
  });

  it("counts rows, rejected rows and records in the run", async () => {
    const { inbox } = await importText("customers.csv", `${CUSTOMERS},no key\nK1,Åkesson\n`);

    expect(await onlyRunOf(inbox)).toMatchObject({
      kind: "import",
      subject: "customers.csv",
      connection: "files",
      capturedAt: "2026-03-02T10:00:00.000Z",
      counts: { ranges: 1n, bytes: 40n, rows: 4n, rejectedRows: 1n, records: 2n },
    });
  });

  it("answers beside the file's own name, row by row", async () => {
    const { inbox } = await importText("2026/customers.csv", "id,name\n\nK1,\nK2,Berg\n");
    await inbox.settle();

    const { runId, counts } = await onlyRunOf(inbox);
    expect(inbox.resultKeys()).toEqual(["2026/customers.result.csv"]);
    expect(inbox.result("2026/customers.result.csv")).toBe(
      [
        "\uFEFFid,name,tieout_row,tieout_status,tieout_code,tieout_column,tieout_value,tieout_fix,tieout_crm_id,tieout_books_id,tieout_run",
        `K1,,3,rejected,cell-required,name,,Fill in the cell.,,,${runId}`,
        `K2,Berg,4,waiting,on-its-way,,,"Nothing; ask for the result again in a while.",,,${runId}`,
        "",
      ].join("\r\n"),
    );
    expect(counts).toMatchObject({ "rows.rejected": 1n, "rows.waiting": 1n });
  });

  it("leaves out rows of nothing but commas", async () => {
    const { inbox } = await importText("customers.csv", "id,name\nK1,A\n,\n , \n");

    expect((await onlyRunOf(inbox)).counts).toMatchObject({ rows: 1n, records: 1n });
  });

  it("takes a header without rows for an import of nothing", async () => {
    const { inbox, outcome } = await importText("customers.csv", "id,name\n");

    expect(outcome).toMatchObject({ kind: "imported", rangeCount: 0 });
    expect((await onlyRunOf(inbox)).capturedAt).toBeDefined();
    expect(inbox.events()).toEqual([]);
  });

  it("sends a large file in parts", async () => {
    const count = 5 * limits.changeEventsPerMessageMax + 1;
    const rows = Array.from({ length: count }, (_, index) => `K${index},Name ${index}\n`);

    const { inbox } = await importText("customers.csv", `id,name\n${rows.join("")}`);

    expect(inbox.steps.filter((step) => step === "send").length).toBe(2);
    expect(new Set(inbox.events().map((event) => event.externalId)).size).toBe(count);
  });

  it("rejects rows of one key that say different things, however far apart they stand", async () => {
    const count = 5 * limits.changeEventsPerMessageMax + 1;
    const rows = Array.from({ length: count }, (_, index) => `K${index},Name ${index}\n`);

    const { inbox } = await importText("customers.csv", `id,name\n${rows.join("")}K0,Other\n`);

    expect((await onlyRunOf(inbox)).counts).toMatchObject({
      rows: BigInt(count + 1),
      rejectedRows: 2n,
      records: BigInt(count - 1),
    });
    expect(inbox.events().some(({ externalId }) => externalId === "K0")).toBe(false);
  });

  it("lists one fault a row once the faults are many, and still every row", async () => {
    const rowCount = limits.fileProblemsMax / 2 + 3;
    const rows = Array.from({ length: rowCount }, (_, index) => `K${index},,soon\n`);

    const header = "id,name,payment_terms_days\n";
    const { inbox } = await importText("customers.csv", `${header}${rows.join("")}`);
    await inbox.settle();

    const lines = inbox.result("customers.result.csv").split("\r\n").slice(1, -1);
    const both = lines.filter((line) => line.includes("cell-required; number-unreadable"));
    expect(lines.length).toBe(rowCount);
    expect(both.length).toBe(limits.fileProblemsMax / 2);
  });
});

describe("importFile refuses", () => {
  const tooLarge = new Uint8Array(8);
  it.each([
    ["an unknown header", "a.csv", "Kundennummer,Firma\n1,A\n", "header-unknown"],
    ["an empty file", "a.csv", "", "file-empty"],
    ["a byte order mark and nothing else", "a.csv", "\uFEFF", "file-empty"],
    ["a picture", "a.csv", Buffer.from("89504e470d0a1a0a0000000d", "hex"), "file-format-unknown"],
    ["an open quote at the end", "a.csv", `${CUSTOMERS}K3,"Cut`, "quote-unterminated"],
    ["a name of the prototype", "a.csv", "id,name,__proto__\nK1,A,B\n", "header-refused"],
  ])("%s, and queues nothing", async (_name, key, content, code) => {
    const { inbox, outcome } = await importText(key, content);

    const run = await onlyRunOf(inbox);
    expect(outcome).toMatchObject({ kind: "refused", runId: run.runId, problem: { code } });
    expect(inbox.events()).toEqual([]);
    expect(run.problem?.code).toBe(code);
    expect(run.capturedAt).toBeDefined();
    expect(inbox.result("a.result.csv").split("\r\n")[1]).toMatch(
      new RegExp(`^1,rejected,${code},,.*,,,${run.runId}$`),
    );
    expect(inbox.resultKeys()[0]).toBe(`quarantine/${run.runId}/a.csv`);
  });

  it("a file over the limit without reading it", async () => {
    const inbox = createFileInbox();
    let isRead = false;
    const content = async function* (): AsyncGenerator<Uint8Array> {
      isRead = true;
      yield tooLarge;
    };
    const open = async (key: string) => ({
      key,
      bytes: limits.fileBytesMax + 1,
      droppedAtMs: 1,
      contentTag: "t",
      read: content,
    });

    const outcome = await importFile(
      { ...inbox.deps, files: { ...inbox.deps.files, open } },
      { key: "a.csv" },
      context,
    );

    expect(outcome).toMatchObject({ kind: "refused", problem: { code: "file-too-large" } });
    expect(isRead).toBe(false);
  });

  it("a key that leads out of its folder, and answers in a folder of its own", async () => {
    const { inbox, outcome } = await importText("../a\n.csv", CUSTOMERS);

    const run = await onlyRunOf(inbox);
    expect(outcome).toMatchObject({ kind: "refused", problem: { code: "file-key-refused" } });
    expect(inbox.resultKeys()).toEqual([
      `quarantine/${run.runId}/file`,
      `refused/${run.runId}.result.csv`,
    ]);
    expect(run.subject).toBe("../a_.csv");
  });
});

describe("importFile repeated", () => {
  it("does nothing for a second notice of a drop that was imported", async () => {
    const { inbox, outcome } = await importText("customers.csv", CUSTOMERS);
    const before = [...inbox.steps];

    const second = await inbox.deliver("customers.csv");

    expect(second).toEqual({
      kind: "repeated",
      runId: outcome.kind === "gone" ? "" : outcome.runId,
    });
    expect(inbox.steps).toEqual(before);
  });

  it("makes a new run of the same file dropped again, with newer versions", async () => {
    const { inbox } = await importText("customers.csv", CUSTOMERS);

    inbox.drop("customers.csv", CUSTOMERS);
    await inbox.deliver("customers.csv");

    const versions = inbox.events().map((event) => event.record?.version ?? 0);
    expect((await inbox.runs()).length).toBe(2);
    expect(versions[2]).toBeGreaterThan(versions[1] ?? 0);
  });

  it.each(["plan", "start", "send", "add", "ask", "finish"] as const)(
    "ends the same after a failure of %s",
    async (step) => {
      const inbox = createFileInbox();
      inbox.drop("customers.csv", `${CUSTOMERS}K3,\n`);
      inbox.failNext(step);

      await expect(inbox.deliver("customers.csv")).rejects.toThrow(`${step} fails once`);
      await inbox.deliver("customers.csv");

      const run = await onlyRunOf(inbox);
      const records = inbox.events().map((event) => event.record);
      const once = new Set(records.map((record) => JSON.stringify(record)));
      expect(run.counts).toMatchObject({ ranges: 1n, rows: 3n, rejectedRows: 1n, records: 2n });
      expect(run.capturedAt).toBeDefined();
      expect(once.size).toBe(2);
      await inbox.settle();
      expect(inbox.resultKeys()).toEqual(["customers.result.csv"]);
    },
  );

  it("passes on a failure to read, so that the delivery is tried again", async () => {
    const { deps } = createFileInbox();
    const cause = new Error("connection lost");
    const content = async function* (): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode(CUSTOMERS);
      throw cause;
    };
    const open = async (key: string) => ({
      key,
      bytes: 100,
      droppedAtMs: 1,
      contentTag: "t",
      read: content,
    });

    const importing = importFile(
      { ...deps, files: { ...deps.files, open } },
      { key: "a.csv" },
      context,
    );

    await expect(importing).rejects.toBe(cause);
    expect((await deps.runs.list(10)).runs).toEqual([]);
  });

  it("says so when the file is gone", async () => {
    const inbox = createFileInbox();

    expect(await inbox.deliver("customers.csv")).toEqual({ kind: "gone" });
    expect(await inbox.runs()).toEqual([]);
  });

  it("stops when the invocation is aborted, and queues nothing", async () => {
    const inbox = createFileInbox();
    inbox.drop("customers.csv", CUSTOMERS);
    const signal = AbortSignal.abort(new Error("out of time"));

    const importing = importFile(inbox.deps, { key: "customers.csv" }, { ...context, signal });

    await expect(importing).rejects.toThrow("out of time");
    expect(inbox.events()).toEqual([]);
  });
});
