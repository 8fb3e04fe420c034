/** Dropped files: what they make in both systems, what their runs count, what their results say. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runExport } from "#infra/local/export.ts";
import { readPlace } from "#infra/local/stack-calls.ts";
import * as z from "zod";
import { limits } from "#shared/config/limits.ts";
import { createCsvRowReader } from "#shared/connectors/file/csv-rows.ts";
import { createRangeReader } from "#shared/connectors/file/split-rows.ts";
import { parseMoney, sum } from "#shared/domain/money.ts";
import { writeCalls } from "#test/support/local-calls.ts";
import { eventually } from "#test/support/local-eventually.ts";
import { type Product, startProduct } from "#test/support/local-product.ts";

const fixtures = new URL("../fixtures/northwind-small/", import.meta.url);

let product: Product;

beforeAll(async () => {
  product = await startProduct();
});

afterAll(async () => {
  const failures = product.failures();
  await product.stack.close();
  expect(failures).toEqual([]);
});

/** Drops a fixture under a key. */
async function drop(file: string, key = file): Promise<void> {
  await product.drop(key, readFileSync(new URL(file, fixtures)));
}

const runSchema = z.looseObject({
  runId: z.string(),
  subject: z.string(),
  isSettled: z.boolean(),
  counts: z.record(z.string(), z.number()),
  totals: z.record(z.string(), z.string()),
});
const runsSchema = z.object({ runs: z.array(runSchema) });

/** The newest run of a file. */
async function runOf(key: string): Promise<z.output<typeof runSchema>> {
  const { runs } = runsSchema.parse((await product.get("/runs")).body);
  const listed = runs.find(({ subject }) => subject === key);
  if (listed === undefined) throw new Error(`No run of ${key}`);
  return runSchema.parse((await product.get(`/runs/${listed.runId}`)).body);
}

/** The text of a result file. */
async function resultOf(key: string): Promise<string> {
  const { aws, buckets } = product.stack.addresses;
  const { region, endpoint, accessKeyId, secretAccessKey } = aws;
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ region, endpoint, credentials, forcePathStyle: true });
  try {
    const found = await client.send(new GetObjectCommand({ Bucket: buckets.outbox, Key: key }));
    return (await found.Body?.transformToString("utf-8")) ?? "";
  } finally {
    client.destroy();
  }
}

/** Total of the invoices in a currency, in minor units. */
function invoicedMinor(currency: string): bigint {
  const invoices = product.xero.records("invoices");
  const amounts = invoices
    .filter(({ CurrencyCode }) => CurrencyCode === currency)
    .map(({ Total }) => parseMoney(Total, currency));
  return sum(amounts, currency).minor;
}

it("three files become companies, products, deals, contacts, items and draft invoices", async () => {
  const { hubspot, xero, stack } = product;
  // Orders first: they wait for the customers and products they name.
  for (const file of ["order_lines.csv", "customers.csv", "products.csv"]) await drop(file);
  await stack.settled();

  expect(hubspot.records("companies")).toHaveLength(5);
  expect(hubspot.records("products")).toHaveLength(4);
  expect(hubspot.records("deals")).toHaveLength(6);
  expect(hubspot.records("line_items")).toHaveLength(11);
  expect(xero.records("contacts")).toHaveLength(5);
  expect(xero.records("items")).toHaveLength(4);
  const invoices = xero.records("invoices");
  expect(invoices.every(({ Status }) => Status === "DRAFT")).toBe(true);
  const totals = Object.fromEntries(
    invoices.map(({ Reference, Total, CurrencyCode }) => [Reference, `${Total} ${CurrencyCode}`]),
  );
  expect(invoices).toHaveLength(6);
  expect(totals).toEqual({
    "90001": "45.02 USD",
    "90002": "14.73 USD",
    "90003": "162.43 USD",
    "90004": "43.60 USD",
    "90005": "59.45 EUR",
    "90006": "80.16 USD",
  });
  expect([invoicedMinor("USD"), invoicedMinor("EUR")]).toEqual([34_594n, 5_945n]);
});

it("their runs tell what was made and what it adds up to", async () => {
  const [customers, products, orders] = [
    await runOf("customers.csv"),
    await runOf("products.csv"),
    await runOf("order_lines.csv"),
  ];

  for (const run of [customers, products, orders]) expect(run.isSettled).toBe(true);
  for (const { counts } of [customers, products, orders]) expect(counts["parked"]).toBeUndefined();
  expect(customers.counts).toMatchObject({
    records: 5,
    applied: 5,
    "created.crm.customer": 5,
    "created.books.customer": 5,
  });
  expect(products.counts).toMatchObject({
    records: 4,
    "created.crm.product": 4,
    "created.books.product": 4,
  });
  expect(orders.counts).toMatchObject({
    rows: 11,
    records: 6,
    "created.crm.order": 6,
    "created.books.invoice": 6,
  });
  expect(orders.totals).toEqual({
    "crm.order.EUR": "59.45",
    "crm.order.USD": "345.94",
    "books.invoice.EUR": "59.45",
    "books.invoice.USD": "345.94",
  });
  expect((await product.get("/parked")).body).toEqual({ records: [] });
});

it("the same files once more write nothing", async () => {
  const { hubspot, xero, stack } = product;
  const first = await runOf("order_lines.csv");
  hubspot.resetCalls();
  xero.resetCalls();

  for (const file of ["customers.csv", "products.csv", "order_lines.csv"]) await drop(file);
  await stack.settled();

  expect(writeCalls(hubspot.calls())).toEqual({});
  expect(writeCalls(xero.calls())).toEqual({});
  const again = await runOf("order_lines.csv");
  expect(again.runId).not.toBe(first.runId);
  expect(again).toMatchObject({ isSettled: true, counts: { records: 6, unchanged: 6 } });
});

it("an export that comes back writes nothing", async () => {
  const { hubspot, xero, stack } = product;
  const { file } = await runExport(stack.addresses, { of: "customer", format: "csv" });
  const content = await readPlace(stack.addresses, file);
  hubspot.resetCalls();
  xero.resetCalls();

  await product.drop("customers-back.csv", Buffer.from(content));
  await stack.settled();

  expect(writeCalls(hubspot.calls())).toEqual({});
  expect(writeCalls(xero.calls())).toEqual({});
  const back = await runOf("customers-back.csv");
  expect(back).toMatchObject({ isSettled: true, counts: { records: 5, unchanged: 5 } });
});

it("of a file with a bad row the good ones land, and the result names the bad one", async () => {
  const { hubspot, xero, stack } = product;
  await drop("order_lines-bad-row.csv");
  await stack.settled();

  const references = xero.records("invoices").map(({ Reference }) => Reference);
  expect(references).toEqual(expect.arrayContaining(["90011", "90013"]));
  expect(references).not.toContain("90012");
  expect(hubspot.records("deals")).toHaveLength(8);
  const rows = await eventually(async () => {
    const text = (await resultOf("order_lines-bad-row.result.csv")).replace(/^\uFEFF/, "");
    return Array.fromAsync(
      createCsvRowReader().readRows(ReadableStream.from([new TextEncoder().encode(text)])),
    );
  });
  const [header = [], ...told] = rows;
  const cellOf = (row: readonly string[], name: string) => row[header.indexOf(name)];
  const [first, , bad] = told;
  expect(told.map((row) => cellOf(row, "tieout_status"))).toEqual([
    "applied",
    // The order lands whole or not at all: its two good rows are rejected with the bad one.
    ...["rejected", "rejected", "rejected"],
    "applied",
  ]);
  expect(cellOf(bad ?? [], "tieout_code")).toBe("date-unreadable; number-unreadable");
  expect(cellOf(bad ?? [], "tieout_column")).toBe("orderDate; unitPrice");
  // The ids by which both systems know the order.
  const deal = hubspot
    .records("deals")
    .find(({ id }) => id === cellOf(first ?? [], "tieout_crm_id"));
  expect(deal).toBeDefined();
  expect(await runOf("order_lines-bad-row.csv")).toMatchObject({
    isSettled: true,
    counts: { rows: 5, rejectedRows: 3, records: 2 },
  });
});

it("a file of an unknown shape is refused whole, with what is unknown and what is missing", async () => {
  const { hubspot, stack } = product;
  const countBefore = hubspot.records("companies").length;
  await drop("customers-unknown-header.csv");
  await stack.settled();

  expect(hubspot.records("companies")).toHaveLength(countBefore);
  const run = await runOf("customers-unknown-header.csv");
  expect(run).toMatchObject({ isSettled: true, problem: { code: "header-unknown" } });
  const result = await resultOf("customers-unknown-header.result.csv");
  expect(result).toContain("header-unknown");
  for (const column of ["companyNam", "shoeSize", "companyName"]) expect(result).toContain(column);
});

it("a file is read for what it is, whatever its name; what is none of what is read is refused", async () => {
  const { hubspot, xero, stack } = product;
  hubspot.resetCalls();
  xero.resetCalls();
  await product.drop("notes.txt", "hello");
  await product.drop("later/customers", gzipSync(readFileSync(new URL("customers.csv", fixtures))));
  await stack.settled();

  await eventually(async () => expect((await runOf("later/customers")).isSettled).toBe(true));
  expect((await runOf("later/customers")).counts).toMatchObject({ records: 5, unchanged: 5 });
  expect(writeCalls(hubspot.calls())).toEqual({});
  expect(writeCalls(xero.calls())).toEqual({});
  expect((await runOf("notes.txt"))["problem"]).toMatchObject({ code: "header-unknown" });
  expect(await resultOf("notes.txt.result.csv")).toContain("header-unknown");
});

it("a file whose planning goes on by a message of its own is the file that was dropped", async () => {
  const { hubspot, stack } = product;
  const { aws, queues } = stack.addresses;
  const runBefore = await runOf("customers.csv");
  hubspot.resetCalls();
  const { region, endpoint, accessKeyId, secretAccessKey } = aws;
  const credentials = { accessKeyId, secretAccessKey };
  const client = new SQSClient({ region, endpoint, credentials });
  const MessageBody = JSON.stringify({ version: 1, kind: "import-file", key: "customers.csv" });
  await client.send(new SendMessageCommand({ QueueUrl: queues["imports"], MessageBody }));
  client.destroy();
  await stack.settled();

  // It was imported by then.
  expect(await runOf("customers.csv")).toEqual(runBefore);
  expect(writeCalls(hubspot.calls())).toEqual({});
});

it("a file of many ranges is read by as many invocations, and each of its rows is told in its place", async () => {
  const { hubspot, xero, stack, log } = product;
  const file = readFileSync(new URL("products.csv", fixtures), "utf8");
  const [header = "", ...known] = file.trimEnd().split(/\r?\n/);
  // What is known already, now and then, among rows without a price: nothing is to be written.
  const rows = Array.from({ length: 56_000 }, (_, at) => {
    const isKnown = at % 2_000 < known.length;
    const text = isKnown ? known[at % 2_000] : undefined;
    return text ?? `N${at},"Goods, of ${"many kinds ".repeat(6)}",1,1,a box,soon,1,0,0,0`;
  });
  const content = `${[header, ...rows].join("\n")}\n`;
  const linesBefore = log.length;
  hubspot.resetCalls();
  xero.resetCalls();

  await product.drop("products-large.csv", content);
  const run = await eventually(async () => {
    const found = await runOf("products-large.csv");
    expect(found.counts["results"]).toBe(1);
    return found;
  });
  await stack.settled();

  const { ranges = 0, records } = run.counts;
  const unchanged = rows.filter((row) => known.includes(row)).length;
  const rejected = rows.length - unchanged;
  expect(content.length).toBeGreaterThan(5 * limits.fileRangeBytes);
  expect(ranges).toBeGreaterThan(3);
  expect(run.counts).toMatchObject({
    rows: rows.length,
    rowsTotal: rows.length,
    bytes: run.counts["bytesTotal"],
    rejectedRows: rejected,
    "rows.rejected": rejected,
    "rows.unchanged": unchanged,
    // Each of the known in each range.
    records: known.length * ranges,
    unchanged: records,
  });
  expect(writeCalls(hubspot.calls())).toEqual({});
  expect(writeCalls(xero.calls())).toEqual({});
  // One message each: a range, and the result.
  const invocations = log
    .slice(linesBefore)
    .filter(
      (line) => line.kind === "invocation" && line.functionName.endsWith("ImportPartsFunction"),
    );
  expect(invocations.length).toBeGreaterThan(ranges);
  for (const line of invocations) expect(line).toMatchObject({ ok: true, records: 1 });

  const result = Buffer.from(await resultOf("products-large.result.csv"));
  const [head = [], ...told] = createRangeReader().readRange(result, ",");
  const columns = ["productID", "tieout_row", "tieout_status", "tieout_code"];
  const places = columns.map((name) => head.indexOf(name));
  expect(
    told.map((cells) =>
      places
        .map((at) => cells[at])
        .join(" ")
        .trim(),
    ),
  ).toEqual(
    rows.map((row, at) => {
      const outcome = known.includes(row) ? "unchanged" : "rejected number-unreadable";
      return `${row.slice(0, row.indexOf(","))} ${at + 2} ${outcome}`;
    }),
  );
});
