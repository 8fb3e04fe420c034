/**
 * The tie-out of the whole product: both sides are read, Athena's queries compare them, and what
 * somebody damaged in either system is named, each with its class.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { behindTheBack } from "#infra/local/behind-the-back.ts";
import { damageDocuments } from "#infra/local/damage.ts";
import { runExport } from "#infra/local/export.ts";
import { readPlace } from "#infra/local/stack-calls.ts";
import { readDifferences, runTieOut } from "#infra/local/tie-out-calls.ts";
import { describeTieOut } from "#infra/local/tie-out-text.ts";
import { aBankFile } from "#test/support/bank-statements.ts";
import { type Product, startProduct } from "#test/support/local-product.ts";

let product: Product;

/** Two orders more than the fixture has, so that each act has one of its own. */
const MORE_ORDERS =
  "90010,NUNEZ,2026-03-02,2026-03-28,NULL,0.00,USD,2,Smoked Trout,8.35,2,0\n" +
  "90011,MULLE,2026-03-03,2026-03-28,NULL,0.00,USD,2,Smoked Trout,8.35,3,0\n";

const fixture = (name: string) =>
  readFileSync(new URL(`../fixtures/northwind-small/${name}`, import.meta.url), "utf8");

/** Nothing is on its way: what differs is no matter of time. */
const SETTLED = { inFlightSeconds: 0 };

beforeAll(async () => {
  product = await startProduct();
  await product.drop("customers.csv", fixture("customers.csv"));
  await product.drop("products.csv", fixture("products.csv"));
  await product.drop("order_lines.csv", fixture("order_lines.csv") + MORE_ORDERS);
  await product.stack.settled();
});

afterAll(async () => {
  const failures = product.failures();
  await product.stack.close();
  expect(failures).toEqual([]);
});

it("agrees to the minor unit after an import, and says so", async () => {
  const { http } = product.stack.host;

  const { runId, report } = await runTieOut(http, SETTLED);

  expect(await readDifferences(http, runId)).toEqual([]);
  expect(describeTieOut(report).join("\n")).toMatch(
    /document +USD +books +7 +387\.69 +0\.00 +387\.69 +0\.00 +387\.69\n/,
  );
  expect(describeTieOut(report)).toContain(
    "17 matched, 0 differences, 0 records left out by a rule.",
  );
  const { body } = await product.get("/tie-outs");
  expect(body).toMatchObject({ tieOuts: [{ runId, kind: "tie-out", isSettled: true }] });
});

it("exports what it knows, with a manifest that is true", async () => {
  const { addresses } = product.stack;

  const [orders, invoices] = await Promise.all([
    runExport(addresses, { of: "order", format: "csv", encoding: "utf-8-bom" }),
    runExport(addresses, { of: "invoice", format: "parquet" }),
  ]);

  for (const { manifest, file } of [orders, invoices]) {
    const content = await readPlace(addresses, file);
    expect(content.length).toBe(manifest.bytes);
    expect(createHash("sha256").update(content).digest("hex")).toBe(manifest.sha256);
    expect(manifest.leftOut.count).toBe(0);
    expect(manifest.sums["total"]).toMatchObject({ USD: "387.69" });
  }
  expect(orders.manifest.records).toBe(8);
  const text = new TextDecoder().decode(await readPlace(addresses, orders.file));
  expect(text.trimEnd().split("\r\n")).toHaveLength(1 + orders.manifest.rows);
});

it("takes a bank statement from the inbox as its third leg, once, however often it was dropped", async () => {
  const { http } = product.stack.host;
  const entries = [{ amount: "119.00", reference: "B-1" }];
  for (const key of ["november.xml", "bank/again.xml"]) {
    await product.drop(key, aBankFile({ closing: "219.00", entries }));
  }
  await product.stack.settled();

  const { runId } = await runTieOut(http, SETTLED);

  const found = await readDifferences(http, runId);
  expect(found.map(({ key }) => key)).toEqual(["bank:B-1"]);
  const { body } = await product.get("/runs");
  expect(body).toMatchObject({
    runs: expect.arrayContaining(
      ["november.xml", "bank/again.xml"].map((subject) =>
        expect.objectContaining({
          subject,
          isSettled: true,
          counts: { records: 0, rejectedRows: 0, rows: 1 },
        }),
      ),
    ),
  });
});

it("names ten damaged documents, each with the right class, and no other", async () => {
  const { addresses, host } = product.stack;

  const [damaged, found] = await behindTheBack(addresses, async () => {
    const done = await damageDocuments(addresses);
    const { runId } = await runTieOut(host.http, SETTLED);
    return [done, await readDifferences(host.http, runId)];
  });

  const nameOf = (one: { readonly key: string; readonly class: string }) =>
    `${one.key} ${one.class}`;
  expect(damaged).toHaveLength(10);
  const named = found.map(nameOf).filter((name) => !name.startsWith("bank:"));
  expect(named.sort()).toEqual(damaged.map(nameOf).sort());
  // What was held back reaches Tieout now; it has to be done with it before the stack is stopped.
  await product.stack.settled();
});
