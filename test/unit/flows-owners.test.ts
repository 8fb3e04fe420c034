import { describe, expect, it } from "vitest";
import { policyInForce, ruleOf } from "#shared/domain/flow.ts";
import { recordTypes } from "#shared/domain/identifiers.ts";
import { derived, newest, systemOfRecord } from "#shared/domain/policies.ts";
import { fieldKindOf, invoiceStatuses, recordFields } from "#shared/domain/records.ts";
import { flowsWith } from "#shared/flows/flows.ts";

/** What is Tieout's own; a company's custom fields have rules of their own. */
const flows = flowsWith([], []);
const crm = systemOfRecord("crm");
const books = systemOfRecord("books");

describe("every flow", () => {
  it.each(recordTypes)("has a rule for each field of a %s, and for no other", (recordType) => {
    expect(flows[recordType].recordType).toBe(recordType);
    expect(Object.keys(flows[recordType].fields).sort()).toEqual(
      Object.keys(recordFields[recordType]).sort(),
    );
  });

  it.each(recordTypes)("writes a %s only to connections that take part", (recordType) => {
    const flow = flows[recordType];
    const written = Object.values(flow.fields).flatMap(({ sides }) => sides);

    expect(Object.keys(flow.sides)).toEqual(expect.arrayContaining([...new Set(written)]));
  });

  it.each(recordTypes)("requires of a %s only fields it has", (recordType) => {
    const unknown = flows[recordType].required.filter(
      (field) => fieldKindOf(recordType, field) === undefined,
    );

    expect(unknown).toEqual([]);
  });
});

describe("a customer", () => {
  const { fields, sides, required } = flows.customer;

  it.each(["name", "phone", "street", "city", "region", "postalCode", "country"] as const)(
    "has its %s from the CRM, on both sides",
    (field) => {
      expect(fields[field]).toEqual({ policy: crm, sides: ["crm", "books"] });
    },
  );

  it("has its segment from the CRM, which the books have no place for", () => {
    expect(fields["segment"]).toEqual({ policy: crm, sides: ["crm"] });
  });

  it.each(["taxNumber", "paymentTermsDays"])(
    "has its %s from the books, on both sides",
    (field) => {
      expect(fields[field]).toEqual({ policy: books, sides: ["crm", "books"] });
    },
  );

  it("has the e-mail address that was entered last, on both sides", () => {
    expect(fields["email"]).toEqual({ policy: newest, sides: ["crm", "books"] });
  });

  it.each([
    "balanceCurrency",
    "openBalance",
    "overdueBalance",
    "revenue",
    "costOfSales",
    "grossProfit",
    "marginRate",
    "costCoverageRate",
    "openCredit",
    "lastPaymentOn",
    "balanceSummary",
  ])("has its %s computed, and shown in the CRM alone", (field) => {
    expect(fields[field]).toEqual({ policy: derived, sides: ["crm"] });
  });

  it("is made in either system, once it has a name", () => {
    expect(sides).toEqual({
      crm: { create: "always", whenEndedElsewhere: "keep" },
      books: { create: "always", whenEndedElsewhere: "archive" },
    });
    expect(required).toEqual(["name"]);
  });
});

describe("a product", () => {
  it("is the CRM's in every field but its cost, and the other system follows", () => {
    for (const [name, field] of Object.entries(flows.product.fields)) {
      const policy = name === "unitCost" ? books : crm;
      expect(field).toEqual({ policy, sides: ["crm", "books"] });
    }
  });
});

describe("an order", () => {
  it("is the CRM's, but for what its invoices say", () => {
    const computed = Object.entries(flows.order.fields)
      .filter(([, { policy }]) => policy.kind === "derived")
      .map(([field]) => field);

    expect(computed).toEqual([
      "invoiceNumber",
      "invoiceStatus",
      "amountInvoiced",
      "amountTax",
      "amountCredited",
      "amountPaid",
      "amountWrittenOff",
      "amountDue",
      "revenue",
      "costOfSales",
      "grossProfit",
      "marginRate",
      "billingNotice",
    ]);
    for (const [field, { policy, sides }] of Object.entries(flows.order.fields)) {
      expect(sides).toEqual(["crm"]);
      expect(policy).toEqual(computed.includes(field) ? derived : crm);
    }
  });

  it("never reaches the books as an order", () => {
    expect(Object.keys(flows.order.sides)).toEqual(["crm"]);
  });
});

describe("an invoice", () => {
  const following = ["reference", "status", "customer", "issuedOn", "dueOn", "currency", "lines"];
  const policyOf = (field: string, status: string | null) => {
    const policy = ruleOf(flows.invoice, field)?.policy;
    return policy === undefined ? undefined : policyInForce(policy, { status });
  };

  it.each(following)("follows its order in %s while it is a draft, or not made yet", (field) => {
    expect(policyOf(field, "draft")).toEqual(newest);
    expect(policyOf(field, null)).toEqual(newest);
  });

  it.each(invoiceStatuses.filter((status) => status !== "draft"))(
    "is the books' alone once it is %s",
    (status) => {
      for (const field of following) expect(policyOf(field, status)).toEqual(books);
    },
  );

  it.each(["number", "subtotal", "tax", "total", "amountPaid", "amountCredited", "amountDue"])(
    "has its %s from the books, and it is written nowhere",
    (field) => {
      expect(ruleOf(flows.invoice, field)).toEqual({ policy: books, sides: [] });
    },
  );

  it("is made in the books, and needs reference, customer, lines and currency for it", () => {
    expect(flows.invoice.sides).toEqual({
      books: { create: "always", whenEndedElsewhere: "keep" },
    });
    expect(flows.invoice.required).toEqual(["reference", "customer", "lines", "currency"]);
  });
});

describe("a payment", () => {
  it("is read from the books, never made and never written", () => {
    expect(flows.payment.sides).toEqual({
      books: { create: "never", whenEndedElsewhere: "keep" },
    });
    for (const field of Object.values(flows.payment.fields)) {
      expect(field).toEqual({ policy: books, sides: [] });
    }
  });
});
