import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergedRecordOf, observedRecordOf, versionOf } from "#shared/connectors/hubspot/mapping.ts";
import { readCustomer, writeCustomer } from "#shared/connectors/hubspot/mapping-customer.ts";
import { readLines, writeLine } from "#shared/connectors/hubspot/mapping-lines.ts";
import { customerOf, writeOrder } from "#shared/connectors/hubspot/mapping-order.ts";
import { readProduct, writeProduct } from "#shared/connectors/hubspot/mapping-product.ts";
import { stageBookOf } from "#shared/connectors/hubspot/pipelines.ts";
import { formatDecimal } from "#shared/domain/decimal.ts";
import { money } from "#shared/domain/money.ts";
import type { DocumentLine } from "#shared/domain/records.ts";

const noPosition = Number.NaN;

function anItem(id: string, properties: Record<string, string | null>, position = noPosition) {
  const place = Number.isNaN(position) ? {} : { hs_position_on_quote: String(position) };
  return { id, properties: { quantity: "1", price: "10", ...place, ...properties } };
}

function readLine(properties: Record<string, string | null>, currency = "EUR") {
  return readLines([anItem("1", properties)], "crm", currency)[0];
}

function readBack(line: DocumentLine, currency = "EUR") {
  const properties = writeLine(line, { index: 0, currency, isNew: true });
  return readLines([{ id: "1", properties }], "crm", currency)[0];
}

describe("any record", () => {
  const moments = {
    updatedAt: "2026-11-22T10:00:01.000Z",
    archivedAt: "2026-11-22T10:00:03.000Z",
    modified: "2026-11-22T10:00:02.000Z",
  };
  const anObject = (properties: Record<string, string | null> = {}, more: object = {}) => ({
    id: "103",
    properties: { hs_lastmodifieddate: moments.modified, ...properties },
    updatedAt: moments.updatedAt,
    ...more,
  });

  it("has the latest of its moments as its version, that of its archiving too", () => {
    expect(versionOf(anObject())).toBe(Date.parse(moments.modified));
    const archived = anObject({}, { archived: true, archivedAt: moments.archivedAt });
    expect(observedRecordOf("customer", archived, { name: "A" })).toMatchObject({
      life: "archived",
      version: Date.parse(moments.archivedAt),
      fields: {},
    });
    expect(() => versionOf({ id: "1", properties: {} })).toThrow("version-unreadable");
  });

  it.each([
    [undefined, undefined],
    [null, undefined],
    ["", undefined],
    ["101;102", ["101", "102"]],
    [" 102 ;;101;102", ["102", "101"]],
    ["103;101", ["101"]],
  ])("whose merged ids are %j was made from %j", (text, expected) => {
    const properties = text === undefined ? {} : { hs_merged_object_ids: text };

    expect(observedRecordOf("order", anObject(properties), {}).mergedFrom).toEqual(expected);
  });

  it("leaves where it was merged away a record that says where to", () => {
    expect(mergedRecordOf("customer", "101", anObject())).toEqual({
      recordType: "customer",
      externalId: "101",
      version: Date.parse(moments.modified),
      life: "merged",
      mergedInto: "103",
      fields: {},
    });
  });
});

describe("customers", () => {
  it("reads a blank as null, and amounts without a currency as null", () => {
    const fields = readCustomer({
      name: "",
      phone: null,
      address: "",
      address2: null,
      tieout_balance_currency: null,
      tieout_open_balance: "10.50",
    });

    expect(fields).toEqual({
      name: null,
      phone: null,
      street: null,
      balanceCurrency: null,
      openBalance: null,
    });
  });

  it("reads the billing currency in one form, and apart from that of the balance", () => {
    const properties = { tieout_currency: " eur", tieout_balance_currency: "USD" };
    expect(readCustomer(properties)).toEqual({ currency: "EUR", balanceCurrency: "USD" });
    expect(readCustomer({ tieout_currency: "" })).toEqual({ currency: null });
  });

  it("says nothing of a field whose property did not come", () => {
    expect(readCustomer({ name: "A", address: "only half of the street" })).toEqual({ name: "A" });
  });

  it("puts the first line of the street into one property and the rest into the other", () => {
    expect(writeCustomer({ street: "a\nb\nc" }, {})).toEqual({ address: "a", address2: "b\nc" });
    expect(writeCustomer({ street: null }, {})).toEqual({ address: "", address2: "" });
  });

  it("takes the currency of owed amounts from the record", () => {
    const owed = { openBalance: money(1_000n, "JPY") };
    expect(writeCustomer(owed, { balanceCurrency: "JPY" })).toEqual({
      tieout_open_balance: "1000",
    });
    expect(() => writeCustomer(owed, { balanceCurrency: "EUR" })).toThrow("currencies-differ");
  });

  it.each([
    [{ tieout_payment_terms_days: "30.5" }, "number-not-whole (paymentTermsDays)"],
    [{ tieout_last_payment_on: "soon" }, "date-unreadable (lastPaymentOn)"],
    [{ tieout_balance_currency: "euro" }, "currency-unreadable (balanceCurrency)"],
    [{ tieout_currency: "euro" }, "currency-unreadable (currency)"],
    [{ tieout_margin_rate: "a third" }, "number-unreadable (marginRate)"],
    [{ tieout_balance_currency: "EUR", tieout_revenue: "1.005" }, "amount-too-precise (revenue)"],
  ])("refuses %j with the field", (properties, message) => {
    expect(() => readCustomer(properties)).toThrow(message);
  });

  it("reads what it writes, whatever the text", () => {
    const text = fc.string({ unit: "binary", minLength: 1 }).filter((value) => value.trim() !== "");
    const street = fc
      .array(
        text.filter((value) => !value.includes("\n")),
        { minLength: 1, maxLength: 3 },
      )
      .map((lines) => lines.join("\n"));
    const customer = fc.record({
      name: fc.option(text),
      street: fc.option(street),
      paymentTermsDays: fc.option(fc.integer()),
      balanceCurrency: fc.constant("EUR"),
      openBalance: fc.option(
        fc.bigInt(-(10n ** 20n), 10n ** 20n).map((minor) => money(minor, "EUR")),
      ),
    });
    fc.assert(
      fc.property(customer, (fields) => {
        expect(readCustomer(writeCustomer(fields, fields))).toEqual(fields);
      }),
    );
  });
});

describe("products", () => {
  it("reads a price exactly and in one form", () => {
    const priced = { price: "18.0050", hs_cost_of_goods_sold: "9.10" };
    expect(readProduct(priced)).toEqual({ unitPrice: "18.005", unitCost: "9.1" });
    expect(readProduct({ hs_cost_of_goods_sold: "" })).toEqual({ unitCost: null });
    expect(writeProduct({ unitPrice: "18.0050", description: null, unitCost: null })).toEqual({
      price: "18.005",
      description: "",
      hs_cost_of_goods_sold: "",
    });
  });
});

describe("lines", () => {
  it.each([
    [{ hs_discount_percentage: "5" }, "0.05", 950n],
    [{ hs_discount_percentage: "12.5" }, "0.125", 875n],
    [{ hs_discount_percentage: "33.333" }, "0.33333", 667n],
    [{ discount: "2.5" }, "0.25", 750n],
    [{ discount: "0", hs_discount_percentage: "10" }, "0.1", 900n],
    [{}, "0", 1_000n],
    [{ quantity: "-2", hs_discount_percentage: "0.25" }, "0.0025", -1_995n],
  ])("reads the discount of %j as the rate %s", (properties, discountRate, minor) => {
    expect(readLine(properties)).toMatchObject({ discountRate, amount: money(minor, "EUR") });
  });

  it.each([
    [{ price: "3", discount: "1" }, "line-discount-unsupported (lines[0])"],
    [{ price: "0", discount: "1" }, "line-discount-unsupported (lines[0])"],
    [{ discount: "1", hs_discount_percentage: "5" }, "line-discount-unsupported (lines[0])"],
    [{ quantity: null }, "line-incomplete (lines[0])"],
    [{ price: "" }, "line-incomplete (lines[0])"],
    [{ hs_line_item_currency_code: "USD" }, "currencies-differ (lines[0])"],
  ])("refuses %j", (properties, message) => {
    expect(() => readLine(properties)).toThrow(message);
  });

  it("rounds half up to the minor units of the currency", () => {
    expect(readLine({ price: "0.005" })?.amount).toEqual(money(1n, "EUR"));
    expect(readLine({ price: "0.5" }, "JPY")?.amount).toEqual(money(1n, "JPY"));
    expect(readLine({ price: "1.0005" }, "KWD")?.amount).toEqual(money(1_001n, "KWD"));
  });

  it("orders lines by place, then those without one by age", () => {
    const items = [
      anItem("10", { name: "d" }),
      anItem("9", { name: "c" }),
      anItem("8", { name: "b" }, 1),
      anItem("11", { name: "a" }, 0),
    ];
    expect(readLines(items, "crm", "EUR").map((line) => line.description)).toEqual([
      "a",
      "b",
      "c",
      "d",
    ]);
  });

  it("reads the line it writes, blanks included", () => {
    const line: DocumentLine = {
      product: null,
      productCode: null,
      description: null,
      quantity: "2",
      unitPrice: "9.99",
      discountRate: "0.125",
      amount: money(1_748n, "EUR"),
      taxCode: null,
      unitCost: null,
    };
    expect(readBack(line)).toEqual(line);
    const told = { ...line, taxCode: "reduced", unitCost: "4.125" };
    expect(readBack(told)).toEqual(told);
  });

  it("reads the line it writes, whatever its numbers", () => {
    const decimal = fc
      .tuple(fc.bigInt(-(10n ** 15n), 10n ** 15n), fc.integer({ min: 0, max: 6 }))
      .map(([units, scale]) => formatDecimal({ units, scale }));
    const line = fc.record({
      quantity: decimal,
      unitPrice: decimal,
      discountRate: fc
        .integer({ min: 0, max: 10_000 })
        .map((units) => formatDecimal({ units: BigInt(units), scale: 4 })),
      taxCode: fc.option(fc.constantFrom("standard", "zero-rated")),
      unitCost: fc.option(decimal),
    });
    fc.assert(
      fc.property(line, fc.constantFrom("EUR", "JPY", "KWD"), (numbers, currency) => {
        const whole = {
          product: null,
          productCode: "P-1",
          description: null,
          amount: money(0n, currency),
        };
        expect(readBack({ ...whole, ...numbers }, currency)).toMatchObject(numbers);
      }),
    );
  });

  it("leaves a cost of which nothing is said to the product, but never to the line before", () => {
    const { unitCost: _unsaid, ...line } = { ...readLine({ price: "10" }) } as DocumentLine;
    const place = { index: 0, currency: "EUR" };

    expect(writeLine(line, { ...place, isNew: true })).not.toHaveProperty("hs_cost_of_goods_sold");
    expect(writeLine(line, { ...place, isNew: false })).toMatchObject({
      hs_cost_of_goods_sold: "",
      tieout_tax_code: "",
    });
    expect(writeLine({ ...line, unitCost: null }, { ...place, isNew: true })).toMatchObject({
      hs_cost_of_goods_sold: "",
    });
  });

  it("says nothing of a tax code or cost whose property did not come", () => {
    expect(readLine({})).not.toHaveProperty("taxCode");
    expect(readLine({})).not.toHaveProperty("unitCost");
    expect(readLine({ tieout_tax_code: "", hs_cost_of_goods_sold: null })).toMatchObject({
      taxCode: null,
      unitCost: null,
    });
  });
});

describe("orders", () => {
  it("gives a deal the sum of its lines where a total is neither owed nor known", () => {
    const line = { ...readLine({ price: "10", quantity: "2" }) } as DocumentLine;
    expect(writeOrder({ lines: [line, line] }, { currency: "EUR" })).toEqual({ amount: "40.00" });
    const total = money(999n, "EUR");
    expect(writeOrder({ lines: [line] }, { currency: "EUR", total })).toEqual({ amount: "9.99" });
  });

  it("counts shipping to the total, what is owed of it before what is known", () => {
    const line = { ...readLine({ price: "10", quantity: "2" }) } as DocumentLine;
    const record = { currency: "EUR", shipping: money(150n, "EUR") };

    expect(writeOrder({ lines: [line] }, record)).toEqual({ amount: "21.50" });
    expect(writeOrder({ lines: [line], shipping: money(1n, "EUR") }, record)).toEqual({
      amount: "20.01",
      tieout_shipping: "0.01",
    });
    expect(writeOrder({ lines: [line], shipping: null }, record)).toEqual({
      amount: "20.00",
      tieout_shipping: "",
    });
  });

  it("tells the deal how it is billed whenever its line items are written", () => {
    const line = { ...readLine({ price: "10" }) } as DocumentLine;
    const record = { currency: "EUR", billingPeriod: "yearly", billingStartsOn: "2026-01-01" };

    expect(writeOrder({ lines: [line] }, { ...record, billingEndsOn: null })).toEqual({
      amount: "10.00",
      tieout_billing_period: "yearly",
      tieout_billing_starts_on: "2026-01-01",
      tieout_billing_ends_on: "",
    });
    expect(writeOrder({ dueOn: null }, record)).toEqual({ tieout_due_on: "" });
  });

  it("takes the primary company for the customer, or the only one, and never guesses", () => {
    const plain = { id: "1", typeIds: ["341"] };
    const other = { id: "2", typeIds: ["341"] };
    const primary = { id: "3", typeIds: ["5", "341"] };

    expect(customerOf([plain, primary], "crm")).toMatchObject({ externalId: "3" });
    expect(customerOf([plain], "crm")).toMatchObject({ externalId: "1" });
    expect(customerOf([], "crm")).toBeNull();
    expect(() => customerOf([plain, other], "crm")).toThrow("customer-ambiguous (customer)");
  });

  it("tells won, lost and open by what a stage says of itself", () => {
    const stage = (id: string, isClosed: string | undefined, probability: string, order = "0") => ({
      id,
      displayOrder: order,
      metadata: { isClosed, probability },
    });
    const book = stageBookOf([
      {
        id: "custom",
        stages: [
          stage("late", "false", "0.9", "2"),
          stage("early", "false", "0.1", "1"),
          stage("signed", "true", "1.0"),
          stage("gone", "true", "0.0"),
          stage("old", undefined, "1"),
        ],
      },
    ]);

    const statuses = ["late", "signed", "gone", "old", "none"].map((id) =>
      book.statusOf("custom", id),
    );
    expect(statuses).toEqual(["open", "won", "lost", "won", undefined]);
    expect(book.stageFor("custom", "open")).toBe("early");
    expect(book.stageFor("elsewhere", "open")).toBeUndefined();
  });
});
