/** The history of what was saved: read back through the API, verified by the command, and tampered with. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDB } from "@aws-sdk/client-dynamodb";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { writeAddresses } from "#infra/local/local-stack.ts";
import { only } from "#test/support/local-calls.ts";
import { type Product, startProduct } from "#test/support/local-product.ts";

const pageSchema = z.object({
  revision: z.number(),
  entries: z.array(
    z.looseObject({
      revision: z.number(),
      status: z.string(),
      trail: z.array(z.looseObject({ kind: z.string() })).optional(),
    }),
  ),
  cursor: z.string().optional(),
});

let product: Product;
let canonicalId: string;
let folder: string;
let s3: S3;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tieout-history-"));
  product = await startProduct();
  const { crm, stack } = product;
  const { endpoint, region, accessKeyId, secretAccessKey } = stack.addresses.aws;
  s3 = new S3({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  writeAddresses(join(folder, "stack.json"), stack.addresses);
  const companyId = await crm.create("companies", { name: "Königlich Essen", phone: "0555 09876" });
  await stack.settled();
  await crm.update("companies", companyId, { phone: "0555 12345" });
  await stack.settled();
  const found = await product.get(`/cross-references/crm/customer/${companyId}`);
  canonicalId = z.looseObject({ canonicalId: z.string() }).parse(found.body).canonicalId;
});

afterAll(async () => {
  s3.destroy();
  await product.stack.close();
  rmSync(folder, { recursive: true, force: true });
});

async function history(query = ""): Promise<z.infer<typeof pageSchema>> {
  const { status, body } = await product.get(`/records/${canonicalId}/history${query}`);
  expect(status).toBe(200);
  return pageSchema.parse(body);
}

/** The command as an operator runs it. */
function verify(
  ...options: readonly string[]
): Promise<{ code: unknown; told: readonly string[] }> {
  const args = ["infra/local/history.ts", "verify", "--stack", join(folder, "stack.json")];
  return new Promise((resolve) => {
    execFile(process.execPath, [...args, ...options], (error, stdout) => {
      resolve({ code: error?.code ?? 0, told: stdout.trim().split("\n") });
    });
  });
}

interface Stored {
  readonly Bucket: string;
  readonly Key: string;
  readonly content: string;
}

/** The object that holds the newest entry of the record. */
async function newestObject(): Promise<Stored> {
  const Bucket = product.stack.addresses.buckets.history;
  const { revision } = await history("?limit=1");
  const { Contents = [] } = await s3.listObjectsV2({ Bucket });
  const found: Stored[] = [];
  for (const { Key = "" } of Contents) {
    const answer = await s3.getObject({ Bucket, Key });
    const content = (await answer.Body?.transformToString()) ?? "";
    const isWanted = content
      .split("\n")
      .some((line) => line.includes(canonicalId) && line.includes(`"revision":${revision},`));
    if (isWanted) found.push({ Bucket, Key, content });
  }
  return only(found);
}

describe("the history of a record", () => {
  it("tells what was seen and written, newest first, to the beginning", async () => {
    const { entries, revision, cursor } = await history();

    expect(entries.map((entry) => entry.revision)).toEqual(
      Array.from({ length: revision }, (_, index) => revision - index),
    );
    expect(new Set(entries.map(({ status }) => status))).toEqual(new Set(["kept"]));
    expect(cursor).toBeUndefined();
    const kinds = entries.flatMap(({ trail = [] }) => trail.map(({ kind }) => kind));
    expect(kinds.at(-1)).toBe("seen");
    expect(new Set(kinds)).toContain("written");
  });

  it("is read page by page", async () => {
    const whole = await history();
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await history(`?limit=2${cursor === undefined ? "" : `&cursor=${cursor}`}`);
      seen.push(...page.entries.map(({ revision }) => revision));
      cursor = page.cursor;
    } while (cursor !== undefined);

    expect(seen).toEqual(whole.entries.map(({ revision }) => revision));
  });
});

describe("verifying", () => {
  it("finds all of it in order, without a failure anywhere", async () => {
    const { revision } = await history();

    const all = await verify();
    const one = await verify("--record", canonicalId);

    expect(all).toMatchObject({ code: 0 });
    expect(all.told.at(-1)).toBe("Nothing is broken.");
    expect(one).toEqual({
      code: 0,
      told: [`1 records, ${revision} entries in order, 0 on their way`, "Nothing is broken."],
    });
    expect(product.failures()).toEqual([]);
  });

  it("names an entry that was edited", async () => {
    const { Bucket, Key, content } = await newestObject();
    const { revision } = await history();
    const edited = content.replaceAll(/"at":"2/g, '"at":"3');
    expect(edited).not.toBe(content);
    await s3.putObject({ Bucket, Key, Body: edited });

    const { code, told } = await verify();

    expect(code).toBe(1);
    expect(told).toContain(`broken: ${canonicalId} ${revision} history-link-altered`);
    expect((await history()).entries[0]).toMatchObject({ code: "history-link-altered" });
    await s3.putObject({ Bucket, Key, Body: content });
    expect((await verify()).code).toBe(0);
  });

  it("names an entry whose object was deleted", async () => {
    const { Bucket, Key, content } = await newestObject();
    const { revision } = await history();
    await s3.deleteObject({ Bucket, Key });

    // Younger than the log may lag: it is on its way, for all that anybody can tell.
    const pending = await verify("--record", canonicalId);
    expect(pending.told[0]).toMatch(/, [1-9]\d* on their way$/);
    expect((await history()).entries[0]).toMatchObject({ revision, status: "pending" });

    await s3.putObject({ Bucket, Key, Body: content });
    expect((await verify()).code).toBe(0);
  });

  it("names a record that was changed in the table, and the log tells of it", async () => {
    const { endpoint, region, accessKeyId, secretAccessKey } = product.stack.addresses.aws;
    const credentials = { accessKeyId, secretAccessKey };
    const dynamodb = new DynamoDB({ endpoint, region, credentials });
    const TableName = product.stack.addresses.tables["mapping"];
    const key = { pk: { S: canonicalId }, sk: { S: "xref" } };
    const { Item = {} } = await dynamodb.getItem({ TableName, Key: key });
    const body = (Item["body"]?.S ?? "").replace("0555 12345", "0555 99999");
    expect(body).not.toBe(Item["body"]?.S);
    await dynamodb.putItem({ TableName, Item: { ...Item, body: { S: body } } });
    await product.stack.settled();
    const { revision } = await history();

    const { code, told } = await verify();

    expect(code).toBe(1);
    expect(told).toContain(`broken: ${canonicalId} ${revision} history-record-altered`);
    const texts = product.failures().map((line) => ("text" in line ? line.text : ""));
    expect(texts.filter((text) => text.includes('"history-record-altered"'))).toHaveLength(1);
    dynamodb.destroy();
  });
});

describe("the route", () => {
  it.each([
    ["/records/customer-000000000000000000000000/history", 404, "record-unknown"],
    ["/records/nobody/history", 404, "record-unknown"],
  ])("refuses %s with %i %s", async (path, status, code) => {
    expect(await product.get(path)).toEqual({ status, body: { code, fix: expect.any(String) } });
  });

  it("refuses a cursor it did not give", async () => {
    expect(await product.get(`/records/${canonicalId}/history?cursor=x`)).toMatchObject({
      status: 400,
      body: { code: "cursor-unreadable" },
    });
  });
});
