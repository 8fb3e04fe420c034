/** What a result says of each row: the real engine applies what the file said, in memory. */
import { beforeEach, describe, expect, it } from "vitest";
import { createRangeReader } from "#shared/connectors/file/split-rows.ts";
import { createTableScanner } from "#shared/connectors/file/scan-table.ts";
import { limits } from "#shared/config/limits.ts";
import type { FileProfile } from "#shared/domain/file-profile.ts";
import { formatCsvRow } from "#shared/domain/file-result.ts";
import { exportedProfiles } from "#shared/flows/files/exported.ts";
import { fileProfiles } from "#shared/flows/files/profiles.ts";
import { tieoutCustomers } from "#shared/flows/files/tieout-customers.ts";
import { flows } from "#shared/flows/flows.ts";
import { readBankFile } from "#shared/runtime/bank-statement-reading.ts";
import { eInvoiceReading } from "#shared/runtime/e-invoice-reading.ts";
import { askForResult } from "#shared/sync/ask-for-result.ts";
import type { ImportDependencies } from "#shared/sync/import-dependencies.ts";
import { importFile } from "#shared/sync/import-file.ts";
import { importPart } from "#shared/sync/import-part.ts";
import { writeImportResult } from "#shared/sync/import-result.ts";
import { exportFrom, rowsOfFile } from "#test/support/exported-files.ts";
import { createMemoryBankRows } from "#test/support/memory-bank-rows.ts";
import { createMemoryWorld, type MemoryWorld } from "#test/support/memory-world.ts";
import { plainOpener } from "#test/support/plain-files.ts";

const { signal } = new AbortController();
let world: MemoryWorld;
let deps: ImportDependencies;

function start(over: Partial<ImportDependencies> = {}): void {
  world = createMemoryWorld();
  deps = {
    ...world.ports,
    flows,
    opener: plainOpener,
    scanner: createTableScanner(),
    rangeReader: createRangeReader(),
    profiles: async () => [...fileProfiles, ...exportedProfiles],
    bankRows: createMemoryBankRows(),
    readStatements: readBankFile,
    readEInvoice: eInvoiceReading.read,
    customerFlow: flows.customer,
    ...over,
  };
}

beforeEach(() => start());

/** Does what imports ask of themselves, and lets the engine settle, until nothing is left to do. */
async function settle(remainingMs = 900_000): Promise<number> {
  const { imports, clock } = world.ports;
  let requests = 0;
  for (;;) {
    await world.settle();
    const nextMs = imports.nextAtMs();
    if (nextMs === undefined) return requests;
    clock.advance(Math.max(0, nextMs - clock()));
    for (const request of imports.take()) {
      requests += 1;
      if (request.kind === "import-document" || request.kind === "import-file") {
        throw new Error(`no ${request.kind} is asked for here`);
      }
      await importPart(deps, request, { signal, remainingMs: () => remainingMs });
    }
  }
}

async function drop(key: string, lines: readonly string[]): Promise<string> {
  world.ports.clock.advance(1_000);
  world.ports.files.drop(key, `${lines.join("\n")}\n`, world.ports.clock());
  const outcome = await importFile(deps, { key }, { signal, remainingMs: () => 900_000 });
  return outcome.kind === "imported" ? outcome.runId : outcome.kind;
}

/** Cells of each row of a result by the names of their columns. */
async function resultOf(key: string): Promise<Readonly<Record<string, string>>[]> {
  const text = world.ports.files.published.get(key)?.content ?? "";
  const [header = [], ...rows] = deps.rangeReader.readRange(new TextEncoder().encode(text), ",");
  return rows.map((cells) => Object.fromEntries(header.map((name, at) => [name, cells[at] ?? ""])));
}

async function statusesOf(key: string): Promise<readonly string[]> {
  return (await resultOf(key)).map((row) =>
    [row["tieout_status"], row["tieout_code"]].join(" ").trim(),
  );
}

describe("a result", () => {
  it("says what landed, with the ids in both systems, and what was rejected", async () => {
    const runId = await drop("customers.csv", ["id,name,phone", "K1,Berg,1", "K2,,2"]);
    await settle();

    const [landed, rejected] = await resultOf("customers.result.csv");
    const crmId = world.crm.all("customer")[0]?.externalId;
    const booksId = world.books.all("customer")[0]?.externalId;
    expect(landed).toMatchObject({
      id: "K1",
      name: "Berg",
      tieout_row: "2",
      tieout_status: "applied",
      tieout_crm_id: crmId,
      tieout_books_id: booksId,
      tieout_run: runId,
    });
    expect(rejected).toMatchObject({
      id: "K2",
      tieout_status: "rejected",
      tieout_code: "cell-required",
      tieout_column: "name",
    });
    expect((await world.ports.runs.get(runId))?.counts).toMatchObject({
      rows: 2n,
      "rows.applied": 1n,
      "rows.unchanged": 0n,
      "rows.waiting": 0n,
      "rows.rejected": 1n,
    });
  });

  it("of the same file again is all unchanged, and nothing is written anywhere", async () => {
    const lines = ["id,name", "K1,Berg", "K2,Dahl"];
    await drop("customers.csv", lines);
    await settle();
    const writes = world.crm.calls.write + world.books.calls.write;

    await drop("customers.csv", lines);
    await settle();

    expect(await statusesOf("customers.result.csv")).toEqual(["unchanged", "unchanged"]);
    expect(world.crm.calls.write + world.books.calls.write).toBe(writes);
  });

  it("corrected and dropped again touches only what was corrected", async () => {
    await drop("customers.csv", ["id,name,payment_terms_days", "K1,Berg,30", "K2,Dahl,soon"]);
    await settle();
    const result = world.ports.files.published.get("customers.result.csv")?.content ?? "";

    await drop("customers.result.csv", result.replace("soon", "14").trimEnd().split("\r\n"));
    await settle();

    expect(await statusesOf("customers.result.csv")).toEqual(["unchanged", "applied"]);
    expect(world.crm.all("customer").map(({ fields }) => fields["name"])).toEqual(["Berg", "Dahl"]);
  });

  it("says of a row that waits for another record what it waits for", async () => {
    await drop("orders.csv", [
      "order_number,customer_id,order_date,currency,unit_price,quantity",
      "A1,K9,2026-03-02,EUR,1.50,2",
    ]);
    await settle();

    const [row] = await resultOf("orders.result.csv");
    expect(row).toMatchObject({ tieout_status: "waiting", tieout_crm_id: "", tieout_books_id: "" });
    expect(row?.["tieout_code"]).toMatch(/^waits-for-/);
    expect(row?.["tieout_fix"]).not.toBe("");
  });

  it("is written again when a person asks, as things stand then", async () => {
    const runId = await drop("orders.csv", [
      "order_number,customer_id,order_date,currency,unit_price,quantity",
      "A1,K9,2026-03-02,EUR,1.50,2",
    ]);
    await settle();
    await drop("customers.csv", ["id,name", "K9,Late"]);
    await settle();

    expect(await askForResult(world.ports, runId)).toEqual({ kind: "asked", runId });
    await settle();

    expect(await statusesOf("orders.result.csv")).toEqual(["applied"]);
    expect(await askForResult(world.ports, "poll-1")).toMatchObject({ code: "run-unknown" });
  });

  it("is not promised again where there is none that could change", async () => {
    await drop("unknown.csv", ["a,b", "1,2"]);
    const refused = (await world.ports.runs.list(1)).runs[0]?.runId ?? "";
    const runId = await drop("customers.csv", ["id,name", "K1,Berg"]);

    expect(await askForResult(world.ports, refused)).toMatchObject({
      status: 409,
      code: "result-final",
    });
    expect(await askForResult(world.ports, runId)).toMatchObject({ code: "import-under-way" });
    await settle();
    expect(await askForResult(world.ports, runId)).toEqual({ kind: "asked", runId });
    world.ports.imports.take();
    world.ports.clock.advance((limits.importStagingDays + 1) * 24 * 3_600_000);
    expect(await askForResult(world.ports, runId)).toMatchObject({
      status: 409,
      code: "import-forgotten",
    });
    expect(world.ports.imports.messages).toEqual([]);
  });

  it("stays as it is, and its run with it, where the file was replaced before it was asked for again", async () => {
    const runId = await drop("customers.csv", ["id,name", "K1,Berg"]);
    await settle();
    const result = world.ports.files.published.get("customers.result.csv");
    const { counts: told, ...run } = (await world.ports.runs.get(runId)) ?? {};
    world.ports.files.drop("customers.csv", "id,name\n", 1);

    await askForResult(world.ports, runId);
    await settle();

    expect(world.ports.files.published.get("customers.result.csv")).toEqual(result);
    expect(told).toMatchObject({ results: 1n });
    expect(await world.ports.runs.get(runId)).toEqual({
      ...run,
      counts: { ...told, resultsNotRewritten: 1n },
    });
  });

  it("waits until the run has settled, and for no longer than it looks", async () => {
    await drop("customers.csv", ["id,name", "K1,Berg"]);
    const context = { signal, remainingMs: () => 900_000 };
    for (const part of world.ports.imports.take()) {
      if (part.kind === "import-range") await importPart(deps, part, context);
    }
    const [request] = world.ports.imports.messages.map(({ body }) => body);
    if (request?.kind !== "import-result") throw new Error("no request for the result");

    await writeImportResult(deps, request, context);
    expect(world.ports.files.published.size).toBe(0);

    await writeImportResult(deps, { ...request, looks: limits.importResultLooksMax }, context);
    expect(await statusesOf("customers.result.csv")).toEqual(["waiting on-its-way"]);
  });
});

it("of an export that comes back tells its rows by the records that they name", async () => {
  await drop("customers.csv", ["id,name", "K1,Berg", "K2,Dahl"]);
  await settle();
  const [first, second] = world.ports.all();
  const rows = [first, second].map((xref) => `${xref?.canonicalId},${xref?.changedAt}`);

  await drop("customer-1.csv", [
    "record_id,changed_at,name",
    `${rows[0]},Berg`,
    `${rows[1]},Dahl & Co`,
    "01900000-0000-7000-8000-000000000000,2026-01-05T09:00:00.000Z,Nobody",
  ]);
  await settle();

  expect(await statusesOf("customer-1.result.csv")).toEqual([
    "unchanged",
    "applied",
    "rejected exported-record-unknown",
  ]);
});

describe("of an export that was edited in columns that are shown only, a result", () => {
  beforeEach(async () => {
    await drop("customers.csv", ["id,name,phone", "K1,Berg,1"]);
    await drop("orders.csv", [
      "order_number,customer_id,order_date,currency,description,unit_price,quantity",
      "A1,K1,2026-03-02,EUR,Syrup,1.50,2",
      "A1,K1,2026-03-02,EUR,Trout,3.00,1",
    ]);
    await settle();
    world.ports.clock.advance(3_600_000);
  });

  /** Exports, edits cells by row and column, and drops the file; of each row what it was told. */
  async function dropEdited(
    of: "order" | "customer",
    edits: readonly (readonly [row: number, column: string, cell: string])[],
    meanwhile = async () => {},
  ) {
    const [header = [], ...rows] = await rowsOfFile(await exportFrom(world, { of, format: "csv" }));
    await meanwhile();
    for (const [row, column, cell] of edits) {
      rows[row]?.splice(header.indexOf(column), 1, cell);
    }
    world.ports.clock.advance(3_600_000);
    await drop(
      `${of}-1.csv`,
      [header, ...rows].map((cells) => formatCsvRow(cells).trimEnd()),
    );
    await settle();
    return (await resultOf(`${of}-1.result.csv`)).map((row) =>
      ["status", "code", "column", "value"]
        .map((name) => row[`tieout_${name}`])
        .join(" ")
        .trim(),
    );
  }

  it("has nothing to tell where nothing was edited", async () => {
    expect(await dropEdited("order", [])).toEqual(["unchanged", "unchanged"]);
    expect(await dropEdited("customer", [])).toEqual(["unchanged"]);
  });

  it("names the column and the value, line by line", async () => {
    const told = await dropEdited("order", [
      [0, "line_description", "Maple"],
      [1, "line_quantity", "2"],
      [1, "customer_name", "Dahl"],
    ]);

    expect(told).toEqual([
      "unchanged column-not-taken line_description Maple",
      "unchanged column-not-taken; column-not-taken customer_name; line_quantity Dahl; 2",
    ]);
    expect((await resultOf("order-1.result.csv"))[0]?.["tieout_fix"]).not.toBe("");
  });

  it("tells it beside what was taken", async () => {
    const told = await dropEdited("customer", [
      [0, "phone", "2"],
      [0, "revenue", "99.00"],
      [0, "crm_id", "101"],
    ]);

    expect(told).toEqual(["applied column-not-taken; column-not-taken crm_id; revenue 101; 99.00"]);
    expect(world.crm.all("customer")[0]?.fields["phone"]).toBe("2");
  });

  it("has nothing to tell of what was set after the row was written", async () => {
    const later = { name: "Dahl" };
    const told = await dropEdited("order", [], async () => {
      world.ports.clock.advance(3_600_000);
      world.crm.edit("customer", world.crm.all("customer")[0]?.externalId, later);
      await world.hint("crm", "customer", world.crm.all("customer")[0]?.externalId ?? "");
      await world.settle();
    });

    expect(world.ports.all().map(({ fields }) => fields["name"])).toContain("Dahl");
    expect(told).toEqual(["unchanged", "unchanged"]);
  });
});

describe("a file in many ranges", () => {
  const lines = ["id,name", ...Array.from({ length: 30 }, (_, index) => `K${index},Name ${index}`)];
  const planBounds = { rangeBytes: 64 };

  it("lands as a file of one does, and each row is told once", async () => {
    await drop("customers.csv", lines);
    await settle();
    const whole = await resultOf("customers.result.csv");

    start({ planBounds });
    const runId = await drop("customers.csv", lines);
    await settle();

    const inParts = await resultOf("customers.result.csv");
    const run = await world.ports.runs.get(runId);
    expect(inParts.map((row) => [row["id"], row["tieout_row"], row["tieout_status"]])).toEqual(
      whole.map((row) => [row["id"], row["tieout_row"], row["tieout_status"]]),
    );
    expect(run?.counts["ranges"]).toBeGreaterThan(3n);
    expect(run?.counts).toMatchObject({ rows: 30n, records: 30n, "rows.applied": 30n });
  });

  it("hands its result on when time is short, and repeats no part", async () => {
    start({ planBounds });
    const runId = await drop("customers.csv", lines);
    const requests = await settle(1_000);

    const run = await world.ports.runs.get(runId);
    expect((await resultOf("customers.result.csv")).length).toBe(30);
    expect(run?.counts["rows.applied"]).toBe(30n);
    // One message for each range, and one for each part of the result.
    expect(BigInt(requests)).toBe(2n * (run?.counts["ranges"] ?? 0n));
  });

  it("rejects all rows of a key that says different things in different ranges", async () => {
    start({ planBounds });
    await drop("customers.csv", [...lines, "K0,Another"]);
    await settle();

    const statuses = await statusesOf("customers.result.csv");
    expect(statuses[0]).toBe("rejected key-duplicate");
    expect(statuses[30]).toBe("rejected key-duplicate");
    expect(statuses.filter((status) => status === "applied").length).toBe(29);
  });

  it("is ended with a problem where the file was replaced while it was read", async () => {
    start({ planBounds });
    const runId = await drop("customers.csv", lines);
    world.ports.files.drop("customers.csv", "id,name\n", 1);
    await settle();

    expect((await world.ports.runs.get(runId))?.problem?.code).toBe("file-replaced");
  });
});

describe("a file that lands whole or not at all", () => {
  const whole: FileProfile = { ...tieoutCustomers, acceptance: "whole-file" };

  it("lands where every row is good", async () => {
    start({ profiles: async () => [whole] });
    await drop("customers.csv", ["id,name", "K1,Berg"]);
    await settle();

    expect(await statusesOf("customers.result.csv")).toEqual(["applied"]);
  });

  it("lands nothing where one is bad, and says which", async () => {
    start({ profiles: async () => [whole], planBounds: { rangeBytes: 10 } });
    const runId = await drop("customers.csv", ["id,name", "K1,Berg", "K2,", "K3,Dahl"]);
    await settle();

    const run = await world.ports.runs.get(runId);
    expect(await statusesOf("customers.result.csv")).toEqual([
      "rejected file-has-bad-row",
      "rejected cell-required",
      "rejected file-has-bad-row",
    ]);
    expect(run?.problem?.code).toBe("file-has-bad-row");
    expect(run?.counts).toMatchObject({ rows: 3n, rejectedRows: 3n, records: 0n });
    expect(world.crm.all("customer")).toEqual([]);
  });
});

it("files that are numbered are ordered by their number, whatever their time", async () => {
  const numbered: FileProfile = { ...tieoutCustomers, sequence: "file-name-number" };
  start({ profiles: async () => [numbered] });
  await drop("customers-0007.csv", ["id,name", "K1,Newer"]);
  await settle();
  await drop("customers-0006.csv", ["id,name", "K1,Older"]);
  await settle();

  expect(world.crm.all("customer").map(({ fields }) => fields["name"])).toEqual(["Newer"]);
  expect(await drop("customers.csv", ["id,name", "K1,None"])).toBe("refused");
});
