import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createCsvWriter } from "#shared/connectors/file/csv-write.ts";
import { createJsonLinesWriter } from "#shared/connectors/file/json-lines-write.ts";
import { createParquetWriter } from "#shared/connectors/file/parquet-write.ts";
import { createXlsxTableWriter } from "#shared/connectors/file/xlsx-sheets.ts";
import { type CrossReference, newCrossReference } from "#shared/domain/cross-reference.ts";
import type { ExportChoices } from "#shared/domain/export/choices.ts";
import { money } from "#shared/domain/money.ts";
import type { Fields } from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import { noClaims } from "#shared/ports/mapping-table.ts";
import type { StoredReport } from "#shared/ports/tie-out-reports.ts";
import { exportRecords } from "#shared/sync/export-records.ts";
import { startExport, viewExport } from "#shared/sync/start-export.ts";
import {
  createMemoryExportQueue,
  createMemoryExports,
  createMemoryWalk,
} from "#test/support/memory-exports.ts";
import { createMemoryPorts } from "#test/support/stack-of-ports.ts";

const { signal } = new AbortController();
const idOf = (type: string, number: number) => `${type}-${String(number).padStart(24, "0")}`;

function stage() {
  const ports = createMemoryPorts();
  const exports = createMemoryExports();
  const exportQueue = createMemoryExportQueue();
  const reports = new Map<string, StoredReport>();
  const deps = {
    ...ports,
    walk: createMemoryWalk(ports.all),
    exports,
    exportQueue,
    manifests: exports,
    reports: { read: async (runId: string) => reports.get(runId) ?? missing },
    tableWriters: {
      csv: createCsvWriter(),
      jsonl: createJsonLinesWriter(),
      xlsx: createXlsxTableWriter(),
      parquet: createParquetWriter(),
    },
    customFields: [],
  };
  const save = async (type: CrossReference["recordType"], number: number, fields: Fields) => {
    const at = "2026-01-02T00:00:00.000Z";
    const xref = { ...newCrossReference(idOf(type, number), type, at), fields };
    expect(await ports.xrefs.save(xref, noClaims, [])).toBe("saved");
  };
  /** Hands each message to an invocation with so much time. */
  const drain = async (remainingMs = 900_000) => {
    for (let next = exportQueue.requests.shift(); next; next = exportQueue.requests.shift()) {
      await exportRecords(deps, next, { signal, remainingMs: () => remainingMs });
    }
  };
  const run = async (choices: ExportChoices, remainingMs?: number) => {
    const { runId } = await startExport(deps, choices);
    await drain(remainingMs);
    return runId;
  };
  return { deps, exports, exportQueue, ports, reports, save, drain, run };
}

const missing = { kind: "missing" } as const;

/** The one file there is, with its manifest. */
function finished({ exports }: ReturnType<typeof stage>) {
  const [manifest] = exports.manifests.values();
  expect(exports.manifests.size).toBe(1);
  const bytes = exports.files.get(manifest?.file ?? "");
  if (manifest === undefined || bytes === undefined) throw new Error("no finished export");
  return { manifest, text: Buffer.from(bytes).toString("utf8"), bytes };
}

const cells = (line: string | undefined, ...names: readonly string[]) => {
  const row = JSON.parse(line ?? "null") as Record<string, unknown>;
  return names.map((name) => row[name]);
};

async function withCustomers() {
  const here = stage();
  await here.save("customer", 3, {
    name: "=1+1",
    openBalance: money(5n, "JPY"),
    balanceCurrency: "JPY",
  });
  await here.save("order", 1, { number: "O-1" });
  await here.save("customer", 1, {
    name: 'Acme, "the" one',
    openBalance: money(1050n, "EUR"),
    balanceCurrency: "EUR",
  });
  await here.save("customer", 2, {
    name: "北京",
    openBalance: money(-50n, "EUR"),
    balanceCurrency: "EUR",
  });
  return here;
}

describe("an export", () => {
  it("has all records of its type in the order of their ids, and says what is in it", async () => {
    const here = await withCustomers();

    const runId = await here.run({ of: "customer", format: "csv" });

    const { manifest, text, bytes } = finished(here);
    const rows = text.split("\r\n");
    expect(rows[0]).toMatch(/^record_id,crm_id,books_id,changed_at,name,email,/);
    expect(rows.slice(1, 4).map((row) => row.slice(0, row.indexOf(",2026")))).toEqual(
      [1, 2, 3].map((number) => `${idOf("customer", number)},,`),
    );
    expect(rows[1]).toContain(',"Acme, ""the"" one",');
    expect(rows[3]).toContain(",'=1+1,");
    expect(manifest).toMatchObject({
      runId,
      of: "customer",
      format: "csv",
      records: 3,
      rows: 3,
      sums: { open_balance: { EUR: "10.00", JPY: "5" } },
      leftOut: { count: 0, listed: [] },
      bytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    });
    expect((await here.deps.runs.get(runId))?.counts).toEqual({
      records: 3n,
      rows: 3n,
      leftOut: 0n,
      bytes: BigInt(bytes.length),
    });
  });

  it("is looked at as a run, and with its manifest once it is finished", async () => {
    const here = await withCustomers();
    const { runId } = await startExport(here.deps, { of: "customer", format: "jsonl" });

    expect(await viewExport(here.deps, runId)).toMatchObject({ isSettled: false });
    await here.drain();

    const { manifest } = finished(here);
    expect(await viewExport(here.deps, runId)).toMatchObject({
      isSettled: true,
      export: manifest,
      files: { file: `s3://outbox/${manifest.file}` },
    });
    expect(await viewExport(here.deps, "another")).toBeUndefined();
  });

  it("is the same to the byte when it is made again of the same records, in pieces or at once", async () => {
    const here = await withCustomers();
    const again = await withCustomers();

    await here.run({ of: "customer", format: "csv" });
    await again.run({ of: "customer", format: "csv" }, 0 + 19_000);

    expect(again.exports.partCount).toBe(2);
    expect(finished(again).text).toBe(finished(here).text);
  });

  it("has a row for each line of a document, and sums the document once", async () => {
    const here = stage();
    const line = {
      product: null,
      productCode: "A",
      description: null,
      quantity: "1",
      unitPrice: "1",
      discountRate: "0",
    };
    const lines = [1n, 2n].map((minor) => ({ ...line, amount: money(minor, "KWD") }));
    await here.save("customer", 1, { name: "Acme" });
    await here.save("invoice", 1, {
      number: "INV-1",
      customer: { canonicalId: idOf("customer", 1) },
      currency: "KWD",
      lines,
      total: money(3n, "KWD"),
    });

    await here.run({ of: "invoice", format: "jsonl" });

    const { manifest, text } = finished(here);
    const rows = text.trimEnd().split("\n");
    const asked = ["number", "customer_id", "customer_name", "total", "line", "line_amount"];
    expect(rows.map((row) => cells(row, ...asked))).toEqual([
      ["INV-1", idOf("customer", 1), "Acme", "0.003", 1, "0.001"],
      ["INV-1", idOf("customer", 1), "Acme", "0.003", 2, "0.002"],
    ]);
    expect(manifest).toMatchObject({ records: 1, rows: 2 });
    expect(manifest.sums).toEqual({ line_amount: { KWD: "0.003" }, total: { KWD: "0.003" } });
  });

  it("leaves out what would be read wrongly, and says so", async () => {
    const here = await withCustomers();
    await here.save("customer", 4, { openBalance: money(1n, "EUR"), balanceCurrency: "USD" });
    await here.save("customer", 5, { name: "a\0b" });

    await here.run({ of: "customer", format: "csv" });

    const { manifest } = finished(here);
    expect(manifest.records).toBe(3);
    expect(manifest.leftOut).toEqual({
      count: 2,
      listed: [
        { key: idOf("customer", 4), code: "export-currency-differs" },
        { key: idOf("customer", 5), code: "text-unreadable" },
      ],
    });
  });

  it("has only what changed since, where that is asked for", async () => {
    const here = await withCustomers();

    await here.run({ of: "customer", format: "csv", changedSince: "2026-01-03T00:00:00.000Z" });

    expect(finished(here).manifest.records).toBe(0);
    expect(finished(here).text.split("\r\n")).toHaveLength(2);
  });

  it("begins with a mark, in the encoding and with the sign that are asked for", async () => {
    const here = await withCustomers();

    await here.run({ of: "customer", format: "csv", encoding: "utf-16le", delimiter: ";" });

    const text = new TextDecoder("utf-16le", { ignoreBOM: true }).decode(finished(here).bytes);
    expect(text.startsWith("\ufeffrecord_id;crm_id;")).toBe(true);
    expect(text).toContain(";北京;");
  });

  it("joins what both systems know of a customer", async () => {
    const here = stage();
    await here.save("customer", 1, { name: "Acme" });

    await here.run({ of: "customer-view", format: "jsonl" });

    const [row] = finished(here).text.split("\n");
    const asked = ["name", "crm_state", "books_state", "invoice_count"];
    expect(cells(row, ...asked)).toEqual(["Acme", "absent", "absent", 0]);
  });

  it("lists what is parked", async () => {
    const here = stage();
    await here.ports.parked.park({
      connection: "crm",
      recordType: "customer",
      externalId: "101",
      failure: { kind: "rejected", code: "name-missing", fix: "Give it a name." },
      parkedAt: "2026-01-02T00:00:00.000Z",
    });

    await here.run({ of: "parked", format: "csv" });

    expect(finished(here).text.split("\r\n")[1]).toBe(
      "2026-01-02T00:00:00.000Z,crm,customer,101,,rejected,name-missing,Give it a name.,",
    );
  });

  it("of differences without a tie-out ends with what to do", async () => {
    const here = stage();

    const runId = await here.run({ of: "differences", format: "csv" });

    expect((await here.deps.runs.get(runId))?.problem).toMatchObject({ code: "report-missing" });
    expect(here.exports.files.size).toBe(0);
  });
});

describe("an export that is disturbed", () => {
  it("goes on where it was when its time is up, part by part", async () => {
    const here = await withCustomers();

    await here.run({ of: "customer", format: "csv" }, 19_000);

    expect(finished(here).manifest.rows).toBe(3);
  });

  it("makes one finished file of messages that come twice, at every step", async () => {
    const here = await withCustomers();
    await startExport(here.deps, { of: "customer", format: "csv" });

    for (let next = here.exportQueue.requests.shift(); next; ) {
      await exportRecords(here.deps, next, { signal, remainingMs: () => 19_000 });
      await exportRecords(here.deps, next, { signal, remainingMs: () => 19_000 });
      next = here.exportQueue.requests.shift();
    }

    const { manifest, bytes } = finished(here);
    expect(here.exports.files.size).toBe(1);
    expect(manifest.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
  });

  it("names the right file where records changed between two deliveries of a message", async () => {
    const here = await withCustomers();
    await startExport(here.deps, { of: "customer", format: "csv" });
    const [first] = here.exportQueue.requests.splice(0);
    if (first === undefined) throw new Error("nothing queued");
    const context = { signal, remainingMs: () => 900_000 };
    await exportRecords(here.deps, first, context);
    await here.save("customer", 9, { name: "New" });
    await exportRecords(here.deps, first, context);

    const [older, newer] = here.exportQueue.requests.splice(0);
    await Promise.all([older, newer].map((one) => one && exportRecords(here.deps, one, context)));

    const { manifest, bytes } = finished(here);
    expect(here.exports.files.size).toBe(2);
    expect(manifest.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
  });

  it("leaves no manifest where the writer dies, and finishes at the next delivery", async () => {
    const here = await withCustomers();
    const { writeManifest } = here.exports;
    let isDead = true;
    const dying = {
      ...here.deps,
      exports: {
        ...here.exports,
        writeManifest: async (...given: Parameters<typeof writeManifest>) => {
          if (isDead) throw new Error("the worker died");
          await writeManifest(...given);
        },
      },
    };
    const { runId } = await startExport(here.deps, { of: "customer", format: "csv" });
    const context = { signal, remainingMs: () => 900_000 };
    const [first] = here.exportQueue.requests.splice(0);
    await exportRecords(dying, first ?? never(), context);
    const [last] = here.exportQueue.requests.splice(0);

    await expect(exportRecords(dying, last ?? never(), context)).rejects.toThrow("died");
    expect(here.exports.manifests.size).toBe(0);
    expect(await viewExport(here.deps, runId)).toMatchObject({ isSettled: false });

    isDead = false;
    await exportRecords(dying, last ?? never(), context);
    expect(finished(here).manifest.rows).toBe(3);
    expect(here.exports.files.size).toBe(1);
  });

  it("is tried again later where the store is busy, and given up with what to do", async () => {
    const here = await withCustomers();
    const busy = async () => {
      throw new SyncError({ kind: "retryable", code: "files-busy" });
    };
    const deps = { ...here.deps, exports: { ...here.exports, stage: busy } };
    const { runId } = await startExport(deps, { of: "customer", format: "csv" });

    for (let next = here.exportQueue.requests.shift(); next; ) {
      await exportRecords(deps, next, { signal, remainingMs: () => 900_000 });
      next = here.exportQueue.requests.shift();
    }

    expect(here.exportQueue.delays.slice(1, 3)).toEqual([2_000, 4_000]);
    expect((await here.deps.runs.get(runId))?.problem).toMatchObject({
      code: "export-not-written",
      detail: "files-busy",
    });
    expect(here.exports.files.size).toBe(0);
  });

  it("makes a file each of two exports at once", async () => {
    const here = await withCustomers();
    await startExport(here.deps, { of: "customer", format: "csv" });
    await startExport(here.deps, { of: "customer", format: "jsonl" });

    await here.drain();

    expect([...here.exports.files.keys()].map((key) => key.split(".").at(-1)).sort()).toEqual([
      "csv",
      "jsonl",
    ]);
    expect(here.exports.manifests.size).toBe(2);
  });

  it("ends with what to do where the file would outlast its invocation", async () => {
    const here = await withCustomers();

    const runId = await here.run({ of: "customer", format: "csv" }, 1_000);

    expect((await here.deps.runs.get(runId))?.problem).toMatchObject({ code: "export-too-large" });
    expect(here.exports.manifests.size).toBe(0);
  });
});

function never(): never {
  throw new Error("nothing queued");
}
