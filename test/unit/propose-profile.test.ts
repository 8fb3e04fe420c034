import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { describeProposal } from "#infra/local/profile-text.ts";
import { parseFileProfile } from "#shared/contracts/file-profiles.ts";
import { findHeaderRow } from "#shared/domain/file-header.ts";
import { planReading, readRow } from "#shared/domain/file-rows.ts";
import { chooseHeader } from "#shared/domain/propose-header.ts";
import type { ProfileProposal } from "#shared/domain/propose-profile.ts";
import { composeLocalProposal } from "#shared/runtime/compose-proposal.ts";
import { type FileSurvey, proposeFor, surveyFile } from "#shared/sync/propose-file-profile.ts";

const corpus = new URL("../fixtures/files/", import.meta.url);
const deps = composeLocalProposal();
const { signal } = new AbortController();

function sourceOf(bytes: Uint8Array) {
  return {
    bytes: bytes.length,
    async *read({ from, to }: { from: number; to?: number | undefined } = { from: 0 }) {
      yield bytes.subarray(from, to);
    },
  };
}

async function survey(name: string, content: Uint8Array, isOver = () => false) {
  return surveyFile(deps, name, sourceOf(content), { signal, isOver });
}

async function surveyed(name: string, content = readFileSync(new URL(name, corpus))) {
  const outcome = await survey(name, new Uint8Array(content));
  if (outcome.kind === "refused") throw new Error(outcome.problem.code);
  return outcome.survey;
}

async function proposal(name: string, answers: Record<string, string> = {}, as?: string) {
  return proposeFor(await surveyed(name), { answers, as });
}

function csv(name: string, ...lines: string[]): Promise<FileSurvey> {
  return surveyed(name, Buffer.from(`${lines.join("\n")}\n`));
}

/** Where each column goes that is not left out, with what it is read as. */
function placesOf({ columns }: ProfileProposal) {
  return Object.fromEntries(
    columns
      .filter(({ goesTo }) => goesTo !== "ignored")
      .map(({ header, goesTo, conversion }) => [header, `${goesTo} as ${conversion ?? "key"}`]),
  );
}

const asked = ({ questions }: ProfileProposal) => questions.map(({ id }) => id);

describe("a profile that is proposed", () => {
  it("for Kingdee's orders groups lines, takes the price with tax in it, and knows the currency", async () => {
    const found = await proposal(
      "kingdee-sales-orders-gbk.csv",
      { status: "won" },
      "kingdee-orders",
    );

    expect(placesOf(found)).toEqual({
      单据编号: "key, number as key",
      日期: "orderedOn as date",
      客户编码: "customer as reference",
      物料编码: "line.product, line.productCode as key",
      物料名称: "line.description as text",
      数量: "line.quantity as decimal",
      含税单价: "line.unitPrice as decimal",
      "税率%": "line.taxCode as key",
      币别: "currency as currency",
    });
    expect(found).toMatchObject({ questions: [], problems: [] });
    expect(found.profile).toMatchObject({
      profile: "kingdee-orders",
      recordType: "order",
      layout: "row-per-line",
      speaksFor: "crm",
      keyColumn: "单据编号",
      constants: { status: "won", taxTreatment: "inclusive" },
      columns: { 币别: [{ field: "currency", as: "currency", words: { 人民币: "CNY" } }] },
    });
  });

  it("for Yonyou's customers keeps the zeros of their keys", async () => {
    const found = await proposal("yonyou-customers-gb18030.txt");

    expect(placesOf(found)).toEqual({
      客户编码: "key as key",
      客户名称: "name as text",
      税号: "taxNumber as text",
      地址: "street as text",
      电话: "phone as text",
    });
    expect(found.profile).toMatchObject({ recordType: "customer", keyDigits: 4 });
    expect(found).toMatchObject({ questions: [], problems: [] });
  });

  it("for Xero's invoices proves day before month, and per cents by their sign", async () => {
    const found = await proposal("xero-sales-invoices.csv", { status: "issued" });

    expect(found.profile).toMatchObject({
      recordType: "invoice",
      layout: "row-per-line",
      speaksFor: "books",
      keyColumn: "*InvoiceNumber",
      formats: { dateOrder: "dmy" },
      columns: {
        Discount: [{ line: "discountRate", as: "fraction", formats: { percent: "sign" } }],
      },
    });
    expect(found.columns.find(({ header }) => header === "*InvoiceDate")?.why).toContain(
      "day before month: 23 is no month",
    );
    expect(found).toMatchObject({ questions: [], problems: [] });
  });

  it("for QuickBooks' list looks below the title, and asks for the currency of its signs", async () => {
    const found = await proposal("quickbooks-invoice-list.csv");

    expect(placesOf(found)).toMatchObject({ Num: "key, number as key", Amount: "total as amount" });
    expect(found.profile).toMatchObject({
      layout: "row-per-record",
      formats: { dateOrder: "mdy", thousandsSign: ",", currencySigns: "row" },
    });
    expect(asked(found)).toEqual(["currency", "status"]);
    expect(found.questions[0]?.suggested).toBe("USD");
  });

  it("for a German list asks whether shorter codes lost their zeros", async () => {
    const found = await proposal("excel-semicolon-windows-1252.csv");

    expect(asked(found)).toEqual(["PLZ.digits"]);
    const settled = await proposal("excel-semicolon-windows-1252.csv", { "PLZ.digits": "any" });
    expect(settled).toMatchObject({ questions: [], problems: [] });
  });

  it("never guesses what two forms read differently", async () => {
    const header = "order_no,customer_id,order date,currency,qty,price";
    const file = await csv("sales.csv", header, '1,C1,03/04/2026,EUR,"1,234",2.50');
    const answers = { status: "won" };

    const open = proposeFor(file, { answers });
    expect(asked(open)).toEqual(["order date", "qty"]);
    expect(open.profile.formats).toBeUndefined();

    const settled = proposeFor(file, {
      answers: { ...answers, "order date": "mdy", qty: "point" },
    });
    expect(settled).toMatchObject({ questions: [], problems: [] });
    expect(settled.profile.formats).toEqual({ thousandsSign: ",", dateOrder: "mdy" });
  });

  it("keeps forms apart on which columns do not agree", async () => {
    const file = await csv(
      "products.csv",
      "sku;name;price;cost",
      "A;Bolt;1,5;2.75",
      "B;Nut;2,5;3.25",
    );

    expect(proposeFor(file, {}).profile).toMatchObject({
      columns: {
        price: [{ field: "unitPrice", as: "decimal", formats: { decimalSign: "," } }],
        cost: [{ field: "unitCost", as: "decimal" }],
      },
    });
  });

  it("names damage that the values show", async () => {
    const { columns } = await proposal("error-cells.xlsx");

    expect(columns.find(({ header }) => header === "unit_price")).toMatchObject({
      confidence: "medium",
      misfits: 2,
      why: expect.arrayContaining(["cell-error in 2"]),
    });
  });

  it("asks for a key where no name tells it, and for the kind where two are as likely", async () => {
    const people = await csv("people.csv", "company,city", "Alpha,Oslo", "Beta,Oslo");
    const found = proposeFor(people, {});
    expect(found.questions).toMatchObject([{ id: "key", choices: [{ answer: "company" }] }]);
    expect(found.problems).toEqual([]);
    expect(proposeFor(people, { answers: { key: "company" } })).toMatchObject({
      questions: [],
      problems: [],
      profile: { keyColumn: "company", requiredColumns: ["company"] },
    });

    const list = await csv(
      "list.csv",
      "number,date,customer,currency,quantity,price",
      "1,2026-01-01,A,EUR,1,2",
    );
    expect(asked(proposeFor(list, {}))).toEqual(["record-type", "status"]);
    expect(proposeFor(list, { answers: { "record-type": "invoice" } }).profile.recordType).toBe(
      "invoice",
    );
  });

  it("asks which price is read where a file has both", async () => {
    const header = "订单编号,客户编码,币种,数量,单价,含税单价";
    const file = await csv("订单.csv", header, "1,C1,CNY,2,10.00,11.30");

    expect(asked(proposeFor(file, {}))).toEqual(["status", "price"]);
    const { profile } = proposeFor(file, { answers: { price: "inclusive", status: "won" } });
    expect(profile).toMatchObject({
      columns: { 单价: "ignored", 含税单价: [{ line: "unitPrice" }] },
      constants: { taxTreatment: "inclusive" },
    });
  });

  it("puts a column where the answer says, or leaves it out", async () => {
    const file = await csv("customers.csv", "id,name,branche,phone", "1,Alpha,Food,555");
    const answers = { branche: "segment", phone: "ignored" };

    expect(placesOf(proposeFor(file, { answers }))).toEqual({
      id: "key as key",
      name: "name as text",
      branche: "segment as text",
    });
  });

  it("leaves out the columns of a result file", async () => {
    const file = await csv("customers.csv", "id,name,tieout_status", "1,Alpha,accepted");

    expect(proposeFor(file, {}).profile.columns).toEqual({
      id: "key-only",
      name: [{ field: "name", as: "text" }],
    });
  });
});

describe("what is proposed", () => {
  it.each([
    ["kingdee-sales-orders-gbk.csv", { status: "won" }],
    ["yonyou-customers-gb18030.txt", {}],
    ["xero-contacts.csv", {}],
    ["xero-sales-invoices.csv", { status: "issued" }],
    ["quickbooks-invoice-list.csv", { status: "issued", currency: "USD" }],
  ])("for %s is a profile that may be confirmed", async (name, answers) => {
    const { profile } = await proposal(name, answers);

    expect(parseFileProfile(JSON.parse(JSON.stringify(profile)))).toEqual({
      kind: "read",
      profile,
    });
  });

  it("reads the file that it was proposed for, row by row", async () => {
    const { profile } = await proposal("kingdee-sales-orders-gbk.csv", { status: "won" });
    const text = new TextDecoder("gb18030").decode(
      readFileSync(new URL("kingdee-sales-orders-gbk.csv", corpus)),
    );
    const bytes = new TextEncoder().encode(text);
    const rows = await Array.fromAsync(deps.rowReader.readRows(sourceOf(bytes).read()));
    const choice = findHeaderRow([profile], rows, "kingdee-sales-orders-gbk.csv");
    if (choice.kind === "refused") throw new Error(choice.problem.code);

    const reading = planReading(choice.bound);
    const read = rows.slice(choice.headerRow).map((cells) => readRow(reading, 2, cells, 9));

    expect(read.flatMap(({ faults }) => faults)).toEqual([]);
    expect(read[0]).toMatchObject({
      key: "XSDD000123",
      fields: { orderedOn: "2026-11-02", currency: "CNY" },
    });
    expect(read[0]?.line.get("unitPrice")).toBe("35.5");
  });
});

describe("a survey", () => {
  it("ends where its time does, and says so", async () => {
    const rows = Array.from({ length: 2_500 }, (_, index) => `${index},Name ${index}`);
    const content = Buffer.from(["id,name", ...rows].join("\n"));

    const outcome = await survey("customers.csv", new Uint8Array(content), () => true);

    expect(outcome).toMatchObject({ survey: { isWhole: false, rowCount: 999 } });
  });

  it.each([
    ["nothing", "", "file-empty"],
    ["two columns of one name", "id,Name,name\n1,2,3\n", "header-duplicate"],
    ["an open quote", 'id,name\n1,"2\n', "quote-unterminated"],
  ])("refuses %s with its code", async (_name, content, code) => {
    const outcome = await survey("a.csv", new Uint8Array(Buffer.from(content)));

    expect(outcome).toMatchObject({ kind: "refused", problem: { code, fix: expect.any(String) } });
  });

  it("finds the header under a title, else in the first full row", () => {
    expect(
      chooseHeader([
        ["Report", ""],
        ["", ""],
        ["Customer name", "Zip"],
        ["A", "1"],
      ]),
    ).toBe(2);
    expect(
      chooseHeader([
        ["Shoes", ""],
        ["Size", "Colour"],
        ["44", "red"],
      ]),
    ).toBe(1);
    expect(chooseHeader([["", ""]])).toBeUndefined();
  });
});

describe("a proposal in the terminal", () => {
  it("has columns that stand below each other, wide signs or not", async () => {
    const file = await surveyed("kingdee-sales-orders-gbk.csv");

    const lines = describeProposal(file, proposeFor(file, {}));

    expect(lines[0]).toBe(
      "kingdee-sales-orders-gbk.csv: commas between cells, gb18030; header in row 1, 4 rows below it.",
    );
    expect(lines).toContain(
      "+  单据编号  key, number                     key        by its name                 XSDD000123 · XSDD000124 · XSDD000125",
    );
    expect(lines).toContain(
      "+  税率%     line.taxCode                    key        by its name                 13 · 9",
    );
    expect(lines.slice(-3)).toEqual([
      "  What are these orders?",
      "    --answer status=won   all of them are won",
      "    --answer status=open  all of them are open",
    ]);
  });
});
