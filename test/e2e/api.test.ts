/** The HTTP API: what it shows, what it starts, what it refuses. */
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { callJson, only } from "#test/support/local-calls.ts";
import { eventually } from "#test/support/local-eventually.ts";
import { type Product, startProduct } from "#test/support/local-product.ts";

let product: Product;
let companyId: string;
let contactId: string;
let invoiceId: string;

beforeAll(async () => {
  product = await startProduct();
  const { crm, books, stack } = product;
  companyId = await crm.create("companies", { name: "The Big Cheese", phone: "503 555 3612" });
  const lines = [{ name: "Chèvre", quantity: "2", price: "24.25" }];
  await crm.createDeal({ name: "Cheese", closedOn: "2026-02-01", companyId, lines });
  await stack.settled();
  contactId = only(books.contactsNamed("The Big Cheese")).ContactID;
  invoiceId = only(books.invoicesOf(contactId)).InvoiceID;
  await books.approve(invoiceId);
  await books.pay(invoiceId, "8.50", "2026-02-10");
  await stack.settled();
});

afterAll(async () => {
  const failures = product.failures();
  await product.stack.close();
  expect(failures).toEqual([]);
});

const started = z.object({ runId: z.string() });
const linked = z.looseObject({ canonicalId: z.string() });
const parkedSchema = z.object({
  records: z.array(
    z.looseObject({
      connection: z.string(),
      canonicalId: z.string().optional(),
      failure: z.looseObject({ code: z.string() }),
    }),
  ),
});

async function parked() {
  return parkedSchema.parse((await product.get("/parked")).body).records;
}

describe("shows", () => {
  it("that it is there", async () => {
    expect(await product.get("/health")).toEqual({ status: 200, body: { status: "ok" } });
  });

  it("a record by either side's id", async () => {
    const byCrm = await product.get(`/cross-references/crm/customer/${companyId}`);
    const byBooks = await product.get(`/cross-references/books/customer/${contactId}`);

    expect(byCrm.status).toBe(200);
    expect(byBooks).toEqual(byCrm);
    expect(byCrm.body).toMatchObject({
      recordType: "customer",
      fields: { phone: { value: "503 555 3612", setBy: "crm" } },
      sides: {
        crm: { state: "linked", externalId: companyId, owed: [] },
        books: { state: "linked", externalId: contactId, owed: [] },
      },
    });
  });

  it("a customer with both sides, invoices and payments", async () => {
    const found = await product.get(`/cross-references/crm/customer/${companyId}`);
    const { canonicalId } = linked.parse(found.body);

    const { status, body } = await product.get(`/customers/${canonicalId}`);

    expect(status).toBe(200);
    expect(body).toMatchObject({
      canonicalId,
      fields: {
        name: { value: "The Big Cheese" },
        openBalance: { value: { amount: "40.00", currency: "USD" } },
      },
      sides: { crm: { externalId: companyId }, books: { externalId: contactId } },
      invoices: [
        {
          number: product.books.invoice(invoiceId).InvoiceNumber,
          status: "issued",
          dueOn: "2026-03-03",
          currency: "USD",
          total: "48.50",
          paid: "8.50",
          due: "40.00",
        },
      ],
      payments: [{ isSettled: true, paidOn: "2026-02-10" }],
    });
  });

  it("how the connections stand, what is left of their quotas, and no secret", async () => {
    const { status, body } = await product.get("/connections");

    expect(status).toBe(200);
    const left = expect.objectContaining({ remaining: expect.any(Number) });
    const calm = { state: "open", failuresInARow: 0 };
    expect(body).toMatchObject({
      connections: [
        { connection: "books", system: "xero", ...calm, quota: [left, left, left] },
        { connection: "crm", system: "hubspot", ...calm, quota: [left, left, left] },
      ],
    });
    const secrets = [product.hubspot.token, product.hubspot.webhookSecret, product.xero.token];
    for (const secret of secrets) expect(JSON.stringify(body)).not.toContain(secret);
  });
});

describe("starts", () => {
  it.each(["incremental", "full"])("a sync that is %s, with a run to follow", async (mode) => {
    const { status, body } = await product.post("/syncs", { mode });
    expect(status).toBe(202);
    const { runId } = started.parse(body);
    await product.stack.settled();

    const run = await product.get(`/runs/${runId}`);
    expect(run).toMatchObject({
      status: 200,
      body: { runId, isSettled: true, counts: { sources: 8, sourcesRead: 8 } },
    });
    expect(JSON.stringify((await product.get("/runs")).body)).toContain(runId);
  });

  it("a sync of one record type of one connection", async () => {
    const wanted = { mode: "full", connection: "books", recordType: "invoice" };
    const { runId } = started.parse((await product.post("/syncs", wanted)).body);
    await product.stack.settled();

    expect((await product.get(`/runs/${runId}`)).body).toMatchObject({
      isSettled: true,
      subject: "books invoice",
      counts: { sourcesRead: 1, records: 1, unchanged: 1 },
    });
  });

  it("lists runs page by page, each once", async () => {
    const page = z.object({
      runs: z.array(z.looseObject({ runId: z.string() })),
      cursor: z.string().optional(),
    });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const read = page.parse((await product.get(`/runs?limit=1${query}`)).body);
      expect(read.runs.length).toBeLessThanOrEqual(1);
      seen.push(...read.runs.map(({ runId }) => runId));
      cursor = read.cursor;
    } while (cursor !== undefined);

    const all = page.parse((await product.get("/runs")).body).runs.map(({ runId }) => runId);
    expect(seen).toEqual(all);
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describe("a record that was refused", () => {
  it("is listed with what to do, and lands once that is done", async () => {
    const { crm, books, stack } = product;
    await crm.create("companies", { name: "Twin Brothers" });
    await stack.settled();
    const secondId = await crm.create("companies", { name: "Twin Brothers" });
    await stack.settled();

    expect(books.contactsNamed("Twin Brothers")).toHaveLength(1);
    expect(only(await parked())).toMatchObject({
      connection: "books",
      recordType: "customer",
      failure: { kind: "rejected", code: "name-taken", fix: expect.any(String) },
    });
    const path = `/cross-references/crm/customer/${secondId}`;
    expect((await product.get(path)).body).toMatchObject({
      sides: { books: { state: "rejected", failure: { code: "name-taken" } } },
    });

    await crm.update("companies", secondId, { name: "Twin Brothers of Oregon" });
    await stack.settled();

    expect(books.contactsNamed("Twin Brothers of Oregon")).toHaveLength(1);
    expect(await parked()).toEqual([]);
    expect((await product.get(path)).body).toMatchObject({ sides: { books: { state: "linked" } } });
  });
});

describe("what a person does", () => {
  it("about a refused record: it is tried again at once, and lands once its cause is gone", async () => {
    const { crm, books, stack } = product;
    const first = await crm.create("companies", { name: "Frankenversand" });
    await stack.settled();
    const second = await crm.create("companies", { name: "Frankenversand" });
    await stack.settled();
    const refused = only(await parked());
    expect(refused).toMatchObject({ connection: "books", failure: { code: "name-taken" } });
    const { canonicalId, connection } = refused;
    await crm.update("companies", first, { name: "Frankenversand the First" });
    await stack.settled();
    const retried = await product.post("/parked/retry", { canonicalId, connection });
    expect(retried).toMatchObject({ status: 202, body: { result: "retried", state: "absent" } });
    await stack.settled();

    expect(await parked()).toEqual([]);
    const { body } = await product.get(`/cross-references/crm/customer/${second}`);
    expect(body).toMatchObject({ sides: { books: { state: "linked" } } });
    expect(books.contactsNamed("Frankenversand")).toHaveLength(1);
  });

  it("about an order whose customer nobody knows: it is listed, and goes on when that comes", async () => {
    const { stack } = product;
    const header = "order_number,customer_id,order_date,currency,description,unit_price,quantity";
    await product.drop("orders.csv", `${header}\n7001,K-77,2026-02-01,USD,Chai,10.00,1\n`);
    const waiting = () => product.get("/waiting");

    const stuck = {
      waitsFor: ["ext#files#customer#K-77"],
      failure: expect.objectContaining({ code: "waits-for-unknown-record" }),
    };
    const listed = {
      status: 200,
      body: {
        records: expect.arrayContaining([
          expect.objectContaining({ connection: "crm", recordType: "order", ...stuck }),
          expect.objectContaining({ connection: "books", recordType: "invoice", ...stuck }),
        ]),
      },
    };
    // Not until all is settled: the result of the file looks for its record for minutes.
    await eventually(async () => expect(await waiting()).toMatchObject(listed));

    await product.drop("customers.csv", "id,name\nK-77,Königlich Essen\n");
    await stack.settled();

    expect(await waiting()).toEqual({ status: 200, body: { records: [] } });
  });
});

describe("a file that no profile fits", () => {
  const key = "客户.txt";
  const fixture = "../fixtures/files/yonyou-customers-gb18030.txt";
  const content = new Uint8Array(readFileSync(new URL(fixture, import.meta.url)));
  const listed = z.object({
    runs: z.array(z.looseObject({ runId: z.string(), subject: z.string() })),
  });
  const proposed = z.looseObject({ profile: z.looseObject({ profile: z.string() }) });

  /** The newest run of the file. */
  async function run() {
    const { runs } = listed.parse((await product.get("/runs")).body);
    const runId = runs.find(({ subject }) => subject === key)?.runId;
    return (await product.get(`/runs/${runId}`)).body;
  }

  it("is read once a person has confirmed the profile that is proposed for it", async () => {
    const { crm, books, stack } = product;
    await product.drop(key, content);
    await stack.settled();
    expect(await run()).toMatchObject({ problem: { code: "header-unknown" } });

    const proposal = await product.post("/file-profiles/proposals", { key });
    expect(proposal).toMatchObject({
      status: 200,
      body: {
        file: { encoding: "gb18030", rowCount: 3, isWhole: true },
        ...{ isDecided: true, questions: [], problems: [] },
        profile: { recordType: "customer", keyColumn: "客户编码" },
      },
    });
    const { profile } = proposed.parse(proposal.body);
    const confirmed = await callJson({
      method: "PUT",
      url: `${stack.host.http}/file-profiles/${profile.profile}`,
      body: { revision: 0, profile },
    });
    expect(confirmed).toMatchObject({ status: 200, body: { result: "confirmed", revision: 1 } });
    await product.drop(key, content);
    await stack.settled();

    const counts = { rows: 3, rejectedRows: 0, "rows.applied": 3 };
    await eventually(async () => expect(await run()).toMatchObject({ isSettled: true, counts }));
    // Not in GBK's two bytes: what lies beyond them is not lost on the way.
    for (const name of ["北京𠮷野商贸有限公司", "成都市蜀锦纺织品厂", "山西杏花村䶮記酒業"]) {
      expect(only(crm.where("companies", "name", name))).toBeDefined();
      expect(books.contactsNamed(name)).toHaveLength(1);
    }
  });
});

describe("refuses", () => {
  it.each([
    ["/cross-references/crm/spaceship/1", 400, "path-unreadable"],
    ["/cross-references/CRM!/customer/1", 400, "path-unreadable"],
    ["/cross-references/crm/customer/%E0%A4%A", 400, "path-unreadable"],
    ["/cross-references/crm/customer/999999", 404, "not-linked"],
    ["/customers/nobody", 404, "customer-unknown"],
    ["/runs/none", 404, "run-unknown"],
  ])("GET %s with %i %s", async (path, status, code) => {
    expect(await product.get(path)).toEqual({ status, body: { code, fix: expect.any(String) } });
  });

  it.each([
    [{ mode: "sideways" }],
    [{ mode: "full", unknown: 1 }],
    [{ connection: "" }],
    [{ recordType: "spaceship" }],
    [[]],
    ["full"],
  ])("POST /syncs of %j with 400", async (body) => {
    expect(await product.post("/syncs", body)).toMatchObject({
      status: 400,
      body: { code: "body-unreadable" },
    });
  });

  it.each([
    ["/parked/retry", {}, 400, "body-unreadable"],
    [
      "/records/nobody/decisions",
      { connection: "books", field: "f", keep: "golden" },
      404,
      "record-unknown",
    ],
    ["/records/nobody/dismissals", { connection: "books" }, 404, "record-unknown"],
    ["/runs/none/approval", undefined, 404, "run-unknown"],
  ])("POST %s of %j with %i %s", async (path, body, status, code) => {
    expect(await product.post(path, body)).toEqual({
      status,
      body: { code, fix: expect.any(String) },
    });
  });

  it("POST /syncs of what is no JSON with 400, and of too much with 413", async () => {
    const url = `${product.stack.host.http}/syncs`;
    const send = (body: string) => fetch(url, { method: "POST", body });
    expect((await send("{")).status).toBe(400);
    expect((await send(`{"mode":"${"x".repeat(20_000)}"}`)).status).toBe(413);
  });

  it("an address it does not have with 404", async () => {
    expect((await product.get("/secrets")).status).toBe(404);
    expect((await product.post("/customers/any")).status).toBe(404);
  });

  /** The status of a call with headers that `fetch` would set by itself. */
  function statusOf(path: string, headers: Record<string, string>, method = "GET") {
    return new Promise<number | undefined>((resolve, reject) => {
      const sent = request(`${product.stack.host.http}${path}`, { method, headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      sent.on("error", reject);
      sent.end();
    });
  }

  it.each<Record<string, string>>([
    { origin: "https://evil.example" },
    { host: "evil.example" },
    { "sec-fetch-site": "cross-site" },
  ])("a web page's call, known by %j, with 403", async (headers) => {
    for (const path of ["/runs", "/parked", `/cross-references/crm/customer/${companyId}`]) {
      expect(await statusOf(path, headers)).toBe(403);
    }
    expect(await statusOf("/syncs", headers, "POST")).toBe(403);
    expect(await statusOf("/_local/inbox/customers.csv", headers, "PUT")).toBe(403);
    expect(await statusOf("/_local/stack", headers)).toBe(403);
  });
});
