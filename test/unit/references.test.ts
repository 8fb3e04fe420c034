import { describe, expect, it } from "vitest";
import {
  type CrossReference,
  newCrossReference,
  type Side,
} from "#shared/domain/cross-reference.ts";
import type { ExternalRef } from "#shared/domain/identifiers.ts";
import { money } from "#shared/domain/money.ts";
import type { DocumentLine, Fields, Reference } from "#shared/domain/records.ts";
import {
  canonicalReferences,
  pendingReferences,
  resolveInward,
  resolveOutward,
  waitKeyOfRef,
} from "#shared/sync/references.ts";

const company: ExternalRef = { connection: "crm", recordType: "customer", externalId: "c#7" };
const widget: ExternalRef = { connection: "crm", recordType: "product", externalId: "p1" };
const customerId = "customer-1";
const productId = "product-1";

function aLine(product: Reference | null): DocumentLine {
  return {
    product,
    productCode: "W-1",
    description: null,
    quantity: "1",
    unitPrice: "1",
    discountRate: "0",
    amount: money(100n, "EUR"),
  };
}

function anXref(recordType: "customer" | "product", id: string, side: Side): CrossReference {
  const made = newCrossReference(id, recordType, "2026-11-22T10:00:00.000Z");
  return { ...made, sides: { books: side } };
}

function aSide(state: Side["state"], externalId?: string): Side {
  return { state, externalId, observed: {}, sent: {} };
}

const asSeen: Fields = {
  number: "SO-1",
  customer: company,
  lines: [aLine(widget), aLine(null)],
  total: money(200n, "EUR"),
  dueOn: null,
};
const asKept: Fields = {
  ...asSeen,
  customer: { canonicalId: customerId },
  lines: [aLine({ canonicalId: productId }), aLine(null)],
};

describe("what a record points to", () => {
  it("is found in fields and in lines, by kind", () => {
    expect(pendingReferences(asSeen)).toEqual([company, widget]);
    expect(canonicalReferences(asSeen)).toEqual([]);
    expect(pendingReferences(asKept)).toEqual([]);
    expect(canonicalReferences(asKept)).toEqual([customerId, productId]);
  });

  it("is nothing for fields without references", () => {
    const fields = { name: "crm#customer#7", total: money(1n, "EUR"), lines: [], order: null };

    expect(pendingReferences(fields)).toEqual([]);
    expect(canonicalReferences(fields)).toEqual([]);
  });
});

describe("resolveInward", () => {
  const customerKey = "crm#customer#c#7";
  const productKey = "crm#product#p1";

  it("turns what is known into canonical ids and leaves every other field alone", () => {
    const known = new Map([
      [customerKey, { canonicalId: customerId }],
      [productKey, { canonicalId: productId }],
    ]);

    expect(resolveInward(asSeen, known)).toEqual(asKept);
    expect(resolveInward(asKept, known)).toEqual(asKept);
  });

  it("leaves what is not known as it was", () => {
    const known = new Map([[productKey, { canonicalId: productId }]]);

    expect(resolveInward(asSeen, known)).toEqual({ ...asKept, customer: company });
    expect(resolveInward(asSeen, new Map())).toEqual(asSeen);
  });

  it("keeps blank apart from absent", () => {
    expect(resolveInward({ customer: null, order: undefined }, new Map())).toEqual({
      customer: null,
      order: undefined,
    });
  });
});

describe("resolveOutward", () => {
  it("names records by the connection's own ids, and remembers whose they are", () => {
    const targets = new Map([
      [customerId, anXref("customer", customerId, aSide("linked", "X1"))],
      [productId, anXref("product", productId, aSide("dirty", "I1"))],
    ]);

    const outward = resolveOutward(asKept, "books", targets);

    const inBooks = { connection: "books", recordType: "customer", externalId: "X1" } as const;
    const item = { connection: "books", recordType: "product", externalId: "I1" } as const;
    expect(outward.fields).toEqual({
      ...asKept,
      customer: inBooks,
      lines: [aLine(item), aLine(null)],
    });
    expect(outward.waitsFor).toEqual([]);
    expect(resolveInward(outward.fields, outward.resolved)).toEqual(asKept);
  });

  it.each([
    ["is not there", undefined],
    ["is being made there", aSide("creating")],
    ["was deleted there", aSide("tombstoned", "X1")],
  ])("waits for a record that %s", (_name, side) => {
    const targets = new Map<string, CrossReference>();
    if (side !== undefined) targets.set(customerId, anXref("customer", customerId, side));

    const { fields, waitsFor } = resolveOutward(asKept, "books", targets);

    expect(waitsFor).toEqual([customerId, productId]);
    expect(fields).toEqual(asKept);
  });

  it("does not take another connection's id for this one's", () => {
    const xref = anXref("customer", customerId, aSide("linked", "X1"));

    const { waitsFor } = resolveOutward(
      { customer: { canonicalId: customerId } },
      "crm",
      new Map([[customerId, xref]]),
    );

    expect(waitsFor).toEqual([customerId]);
  });

  it("waits for a record nobody knows yet by its place in the other system, named once", () => {
    const twice = { lines: [aLine(widget), aLine(widget)], customer: company };

    expect(resolveOutward(twice, "books", new Map()).waitsFor).toEqual([
      "ext#crm#customer#c#7",
      "ext#crm#product#p1",
    ]);
    expect(waitKeyOfRef(company)).toBe("ext#crm#customer#c#7");
  });
});
