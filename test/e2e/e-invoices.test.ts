/** Invoices as UBL: exported and checked by the command, as an operator runs it, from the running stack. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { writeAddresses } from "#infra/local/local-stack.ts";
import { callOk, writeCalls } from "#test/support/local-calls.ts";
import { type Product, startProduct } from "#test/support/local-product.ts";

let product: Product;
let folder: string;
let issued: string;
let draft: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tieout-ubl-"));
  product = await startProduct();
  writeAddresses(join(folder, "stack.json"), product.stack.addresses);
  const { books, stack } = product;
  const contactId = await books.createContact({
    Name: "Björklund & Söner",
    TaxNumber: "SE556677889901",
    Addresses: [{ AddressType: "POBOX", City: "Örebro", Country: "Sweden" }],
  });
  const issuedId = await makeInvoice(contactId, "AUTHORISED");
  const draftId = await makeInvoice(contactId, "DRAFT");
  await books.pay(issuedId, "40.00", "2026-11-20");
  await stack.settled();
  issued = await canonicalIdOf(issuedId);
  draft = await canonicalIdOf(draftId);
});

afterAll(async () => {
  await product.stack.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Two lines of which Xero takes 11.44 of tax, where the document as a whole would give 11.45. */
async function makeInvoice(contactId: string, status: string): Promise<string> {
  const { url, token, tenantId } = product.xero;
  const line = { Quantity: "1", AccountCode: "200", TaxType: "OUTPUT" };
  const invoice = {
    Type: "ACCREC",
    Status: status,
    LineAmountTypes: "Exclusive",
    Contact: { ContactID: contactId },
    Reference: `10248 ${status}`,
    Date: "2026-11-19",
    DueDate: "2026-12-19",
    LineItems: [
      { ...line, Description: "Queso Cabrales", UnitAmount: "30.09" },
      { ...line, Description: "Mozzarella", UnitAmount: "46.21" },
    ],
  };
  const body = await callOk({
    method: "PUT",
    url: `${url}/api.xro/2.0/Invoices`,
    headers: { authorization: `Bearer ${token}`, "xero-tenant-id": tenantId },
    body: { Invoices: [invoice] },
  });
  const answer = z.looseObject({ Invoices: z.array(z.looseObject({ InvoiceID: z.string() })) });
  return answer.parse(body).Invoices[0]?.InvoiceID ?? "";
}

async function canonicalIdOf(externalId: string): Promise<string> {
  const { body } = await product.get(`/cross-references/books/invoice/${externalId}`);
  return z.looseObject({ canonicalId: z.string() }).parse(body).canonicalId;
}

interface Told {
  readonly code: unknown;
  readonly out: string;
  readonly told: readonly string[];
}

function run(...options: readonly string[]): Promise<Told> {
  return new Promise((resolve) => {
    const args = ["infra/local/ubl.ts", ...options];
    execFile(process.execPath, args, (error, out, told) => {
      resolve({ code: error?.code ?? 0, out, told: told.trim().split("\n") });
    });
  });
}

const stackOption = () => ["--stack", join(folder, "stack.json")];

describe("npm run ubl", () => {
  it("exports an issued invoice with the books' own tax, and notes the cent they rounded", async () => {
    const { code, out, told } = await run("export", issued, ...stackOption());

    expect(told).toEqual(["note: BR-CO-17 tax S 15: 11.45 expected, 11.44 found"]);
    expect(code).toBe(0);
    for (const line of [
      "<cbc:RegistrationName>Björklund &amp; Söner</cbc:RegistrationName>",
      '<cbc:EndpointID schemeID="9955">SE556677889901</cbc:EndpointID>',
      '<cbc:TaxExclusiveAmount currencyID="USD">76.30</cbc:TaxExclusiveAmount>',
      '<cbc:TaxInclusiveAmount currencyID="USD">87.74</cbc:TaxInclusiveAmount>',
      '<cbc:PrepaidAmount currencyID="USD">40.00</cbc:PrepaidAmount>',
      '<cbc:PayableAmount currencyID="USD">47.74</cbc:PayableAmount>',
    ]) {
      expect(out).toContain(line);
    }
  });

  it("checks what it exported, and names the rules of a file that was changed", async () => {
    const path = join(folder, "invoice.xml");
    const changedPath = join(folder, "changed.xml");
    const exported = await run("export", issued, "--out", path, ...stackOption());
    writeFileSync(changedPath, readFileSync(path, "utf8").replace(">87.74<", ">87.75<"));
    const [checked, changed] = [await run("check", path), await run("check", changedPath)];

    expect(exported).toMatchObject({ code: 0, out: "" });
    expect(checked.code).toBe(0);
    expect(checked.told.at(-1)).toBe("Every rule holds.");
    expect(changed.code).toBe(1);
    expect(changed.told).toContain("broken: BR-CO-15 87.74 expected, 87.75 found");
  });

  it("refuses a draft, an unknown record, and a file that is none, with a code and what to do", async () => {
    const path = join(folder, "cut.xml");
    writeFileSync(path, "<Invoice>");

    expect(await run("export", draft, ...stackOption())).toEqual({
      code: 1,
      out: "",
      told: ["refused: document-not-issued", "Approve the document in the books, then export it."],
    });
    expect((await run("export", "invoice-0", ...stackOption())).told[0]).toBe(
      "refused: record-unknown",
    );
    expect((await run("check", path)).told[0]).toBe("refused: xml-malformed (line 1)");
  });

  it("is the same over HTTP, and refused there with the same codes", async () => {
    const { http } = product.stack.host;
    const ask = (id: string) => fetch(`${http}/records/${id}/ubl`);
    const answer = await ask(issued);

    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/xml; charset=utf-8");
    expect(await answer.text()).toBe((await run("export", issued, ...stackOption())).out);
    expect(await product.get(`/records/${draft}/ubl`)).toMatchObject({
      status: 409,
      body: {
        code: "document-not-issued",
        fix: "Approve the document in the books, then export it.",
      },
    });
    expect(await product.get("/records/invoice-0/ubl")).toMatchObject({
      status: 404,
      body: { code: "record-unknown" },
    });
  });

  it("dropped into the inbox it is found to be the books' own, and nothing is written anywhere", async () => {
    const { out } = await run("export", issued, ...stackOption());
    const { hubspot, xero, stack } = product;
    const calls = () => [writeCalls(hubspot.calls()), writeCalls(xero.calls())];
    const before = calls();

    await product.drop("exported.xml", out);
    await product.drop("changed.xml", out.replace(">87.74<", ">87.75<"));
    await stack.settled();

    expect(calls()).toEqual(before);
    const number = /<cbc:ID>(.+?)<\/cbc:ID>/.exec(out)?.[1];
    const linked = await product.get(`/cross-references/e-invoices/invoice/${number}`);
    expect(linked.body).toMatchObject({ canonicalId: issued });
    const { body } = await product.get("/runs");
    const runs = z
      .looseObject({ runs: z.array(z.looseObject({ subject: z.string() })) })
      .parse(body).runs;
    const countsOf = (key: string) => runs.find(({ subject }) => subject === key)?.["counts"];
    expect(countsOf("exported.xml")).toMatchObject({ rows: 1, rejectedRows: 0, records: 1 });
    expect(countsOf("changed.xml")).toMatchObject({ rows: 1, rejectedRows: 1, records: 0 });
  });

  it("says how it is used, and that nothing runs where nothing runs", async () => {
    const nowhere = await run("export", issued, "--stack", join(folder, "none.json"));

    expect(nowhere).toMatchObject({
      code: 2,
      told: ["Tieout is not running here: npm start first."],
    });
    expect((await run("send", issued)).code).toBe(2);
  });
});
