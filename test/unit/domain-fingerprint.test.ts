import { describe, expect, it } from "vitest";
import { canonicalIdOf, digestField, digestRecord } from "#shared/domain/fingerprint.ts";
import { recordTypes } from "#shared/domain/identifiers.ts";
import { money } from "#shared/domain/money.ts";
import type { DocumentLine } from "#shared/domain/records.ts";

const line: DocumentLine = {
  product: { canonicalId: "product-000000000000000000000001" },
  productCode: null,
  description: "Widget",
  quantity: "2.50",
  unitPrice: "4",
  discountRate: "0.10",
  amount: money(900n, "EUR"),
};

describe("digestField", () => {
  it("tells null, an empty text, zero and the texts of them apart", () => {
    const digests = [null, "", 0, "0", "null", money(0n, "EUR"), []].map(digestField);

    expect(new Set(digests).size).toBe(digests.length);
  });

  it("does not see how a decimal of a line is written", () => {
    const rewritten = { ...line, quantity: "2.5", unitPrice: "4.00", discountRate: "0.1" };

    expect(digestField([rewritten])).toBe(digestField([line]));
  });

  it.each([
    ["quantity", { quantity: "2.51" }],
    ["unit price", { unitPrice: "4.01" }],
    ["discount", { discountRate: "0.11" }],
    ["description", { description: "Widgets" }],
    ["amount", { amount: money(901n, "EUR") }],
    ["currency", { amount: money(900n, "USD") }],
    ["product", { product: { canonicalId: "product-000000000000000000000002" } }],
    ["tax code", { taxCode: "reduced" }],
    ["cost", { unitCost: "1.25" }],
  ] as const)("sees a line's %s change", (_name, change) => {
    expect(digestField([{ ...line, ...change }])).not.toBe(digestField([line]));
  });

  it.each([
    ["the tax that the books added", { tax: money(171n, "EUR") }],
    ["a blank tax code and a blank cost", { taxCode: null, unitCost: null }],
    ["its part in the document", { role: "shipping" }],
  ] as const)("does not see %s in a line", (_name, change) => {
    expect(digestField([{ ...line, ...change }])).toBe(digestField([line]));
  });

  it("sees the order and the number of lines", () => {
    const other = { ...line, description: "Gadget" };

    expect(digestField([line, other])).not.toBe(digestField([other, line]));
    expect(digestField([line])).not.toBe(digestField([line, line]));
  });

  it("names a line's product by its code where there is one, on every side alike", () => {
    const byCode = { ...line, productCode: "W-1" };

    expect(digestField([{ ...byCode, product: null }])).toBe(digestField([byCode]));
  });

  it("sees a currency, also where the digits are the same", () => {
    expect(digestField(money(1_000n, "EUR"))).not.toBe(digestField(money(1_000n, "USD")));
    expect(digestField(money(1_000n, "JPY"))).not.toBe(digestField(money(100_000n, "EUR")));
  });

  it("does not see how accents are composed", () => {
    expect(digestField("Cafe\u0301")).toBe(digestField("Caf\u00e9"));
  });

  it("tells references by canonical id and by external id apart", () => {
    const external = { connection: "crm", recordType: "customer", externalId: "7" } as const;

    expect(digestField({ canonicalId: "7" })).not.toBe(digestField(external));
    expect(digestField({ ...external, connection: "books" })).not.toBe(digestField(external));
    expect(digestField({ ...external, externalId: "8" })).not.toBe(digestField(external));
  });
});

describe("digestRecord", () => {
  it("tells a blank field from an absent one", () => {
    expect(digestRecord({ name: digestField(null) })).not.toBe(digestRecord({}));
  });

  it("does not see the order in which fields are given", () => {
    const name = digestField("a");
    const phone = digestField("b");

    expect(digestRecord({ phone, name })).toBe(digestRecord({ name, phone }));
    expect(digestRecord({ phone: name, name: phone })).not.toBe(digestRecord({ name, phone }));
  });
});

describe("canonicalIdOf", () => {
  it.each(recordTypes)("names a %s in the one shape of canonical ids", (recordType) => {
    const id = canonicalIdOf(recordType, "crm#7");

    expect(id).toMatch(/^[a-zA-Z]+-[0-9a-z]{24}$/);
    expect(id.startsWith(`${recordType}-`)).toBe(true);
  });

  it("depends on the record type and on every part of the origin", () => {
    const ids = [
      canonicalIdOf("customer", "crm#7"),
      canonicalIdOf("product", "crm#7"),
      canonicalIdOf("customer", "crm#8"),
      canonicalIdOf("customer", "books#7"),
      canonicalIdOf("customer", ""),
    ].map((id) => id.slice(id.indexOf("-")));

    expect(new Set(ids).size).toBe(5);
  });
});
