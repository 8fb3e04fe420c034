import { describe, expect, it } from "vitest";
import type { LedgerFacts } from "#shared/domain/ledger.ts";
import {
  type DocumentState,
  decideCustomerCurrency,
  decideDocument,
  documentStateOf,
  documentStates,
  firstOpenDay,
} from "#shared/domain/ledger-lock.ts";
import { money } from "#shared/domain/money.ts";
import type { Fields } from "#shared/domain/records.ts";

const today = "2026-11-27";
const openLedger: LedgerFacts = { baseCurrency: "USD", currencies: ["USD", "EUR"] };
const closedLedger: LedgerFacts = { ...openLedger, lockedThrough: "2026-06-30" };
const filedLedger: LedgerFacts = { ...closedLedger, filedThrough: "2026-09-30" };

const lines = { lines: [] };
const issued = { status: "issued", currency: "EUR", issuedOn: "2026-11-01", total: eur(10_000n) };

function eur(minor: bigint) {
  return money(minor, "EUR");
}

/** A document of each state, in an open period. */
const shownIn: Readonly<Record<DocumentState, { life: "live" | "deleted"; fields: Fields }>> = {
  draft: { life: "live", fields: { ...issued, status: "draft" } },
  submitted: { life: "live", fields: { ...issued, status: "submitted" } },
  issued: { life: "live", fields: issued },
  "part-paid": { life: "live", fields: { ...issued, amountPaid: eur(4_000n) } },
  paid: { life: "live", fields: { ...issued, status: "paid", amountPaid: eur(10_000n) } },
  credited: { life: "live", fields: { ...issued, amountCredited: eur(1n) } },
  void: { life: "live", fields: { ...issued, status: "void" } },
  gone: { life: "deleted", fields: issued },
};

function decide(owed: Fields, shown?: (typeof shownIn)[DocumentState], ledger = openLedger) {
  const decision = decideDocument({ shown, owed, ledger, today });
  const code = "failure" in decision ? decision.failure.code : undefined;
  const fields = decision.kind === "reduce" ? decision.fields : undefined;
  return [decision.kind, ...(code === undefined ? [] : [code]), ...(fields ?? [])];
}

describe("a write of a document", () => {
  const owed = {
    "its lines": lines,
    "its due date": { dueOn: "2026-12-31" },
    "its reference": { reference: "SO-1" },
    "its lines and due date": { ...lines, dueOn: "2026-12-31" },
    "its deletion": { status: "deleted" },
  } satisfies Record<string, Fields>;

  it.each<[keyof typeof owed, DocumentState, readonly string[]]>([
    ["its lines", "draft", ["allow"]],
    ["its due date", "draft", ["allow"]],
    ["its reference", "draft", ["allow"]],
    ["its lines and due date", "draft", ["allow"]],
    ["its deletion", "draft", ["allow"]],
    ["its lines", "submitted", ["hold", "document-submitted"]],
    ["its due date", "submitted", ["hold", "document-submitted"]],
    ["its reference", "submitted", ["hold", "document-submitted"]],
    ["its lines and due date", "submitted", ["hold", "document-submitted"]],
    ["its deletion", "submitted", ["hold", "document-submitted"]],
    ["its lines", "issued", ["correct", "document-issued"]],
    ["its due date", "issued", ["allow"]],
    ["its reference", "issued", ["allow"]],
    ["its lines and due date", "issued", ["reduce", "document-issued", "dueOn"]],
    ["its deletion", "issued", ["correct", "document-issued"]],
    ["its lines", "part-paid", ["correct", "document-part-paid"]],
    ["its due date", "part-paid", ["allow"]],
    ["its reference", "part-paid", ["correct", "document-part-paid"]],
    ["its lines and due date", "part-paid", ["reduce", "document-part-paid", "dueOn"]],
    ["its deletion", "part-paid", ["correct", "document-part-paid"]],
    ["its lines", "paid", ["correct", "document-paid"]],
    ["its due date", "paid", ["correct", "document-paid"]],
    ["its reference", "paid", ["correct", "document-paid"]],
    ["its lines and due date", "paid", ["correct", "document-paid"]],
    ["its deletion", "paid", ["correct", "document-paid"]],
    ["its lines", "credited", ["correct", "document-credited"]],
    ["its due date", "credited", ["correct", "document-credited"]],
    ["its reference", "credited", ["correct", "document-credited"]],
    ["its lines and due date", "credited", ["correct", "document-credited"]],
    ["its deletion", "credited", ["correct", "document-credited"]],
    ["its lines", "void", ["hold", "document-void"]],
    ["its due date", "void", ["hold", "document-void"]],
    ["its reference", "void", ["hold", "document-void"]],
    ["its lines and due date", "void", ["hold", "document-void"]],
    ["its deletion", "void", ["hold", "document-void"]],
    ["its lines", "gone", ["hold", "document-gone"]],
    ["its due date", "gone", ["hold", "document-gone"]],
    ["its reference", "gone", ["hold", "document-gone"]],
    ["its lines and due date", "gone", ["hold", "document-gone"]],
    ["its deletion", "gone", ["hold", "document-gone"]],
  ])("that owes %s to a document that is %s", (what, state, decision) => {
    expect(documentStateOf(shownIn[state])).toBe(state);
    expect(decide(owed[what], shownIn[state])).toEqual(decision);
  });

  it.each<[DocumentState, Fields, readonly string[]]>([
    ["draft", lines, ["hold", "period-closed"]],
    ["draft", { status: "deleted" }, ["allow"]],
    ["draft", { issuedOn: "2026-11-01" }, ["hold", "period-closed"]],
    ["submitted", lines, ["hold", "period-closed"]],
    ["issued", lines, ["correct", "period-closed"]],
    ["issued", { dueOn: "2026-12-31" }, ["correct", "period-closed"]],
    ["part-paid", { dueOn: "2026-12-31" }, ["correct", "period-closed"]],
    ["paid", lines, ["correct", "period-closed"]],
    ["credited", lines, ["correct", "period-closed"]],
    ["void", lines, ["hold", "document-void"]],
    ["gone", lines, ["hold", "document-gone"]],
  ])("to a document of a closed period that is %s and owed %j", (state, fields, decision) => {
    const { life, fields: shown } = shownIn[state];
    const old = { life, fields: { ...shown, issuedOn: "2026-06-30" } };

    expect(decide(fields, old, closedLedger)).toEqual(decision);
  });

  it.each([
    ["2026-06-30", closedLedger, ["hold", "period-closed"], "2026-07-01"],
    ["2026-07-01", closedLedger, ["allow"], undefined],
    ["2026-06-30", filedLedger, ["hold", "period-closed"], "2026-10-01"],
    ["2026-09-30", filedLedger, ["hold", "period-filed"], "2026-10-01"],
    ["2026-10-01", filedLedger, ["allow"], undefined],
    ["2020-01-01", openLedger, ["allow"], undefined],
    [undefined, closedLedger, ["allow"], undefined],
    [undefined, { ...closedLedger, lockedThrough: today }, ["hold", "period-closed"], "2026-11-28"],
  ])("that is to be made and dated %s", (issuedOn, ledger, decision, openDay) => {
    const owed = { ...lines, currency: "EUR", issuedOn };

    expect(decide(owed, undefined, ledger)).toEqual(decision);
    const made = decideDocument({ owed, ledger, today });
    const fix = "failure" in made ? made.failure.fix : undefined;
    expect(fix?.match(/\d{4}-\d{2}-\d{2}/)?.[0]).toBe(openDay);
  });

  it("keeps a draft's dates where the new one would carry it into a closed period", () => {
    const dates = { issuedOn: "2026-06-01", dueOn: "2026-07-01" };

    expect(decide({ ...lines, ...dates }, shownIn.draft, closedLedger)).toEqual([
      "reduce",
      "period-closed",
      "lines",
    ]);
    expect(decide(dates, shownIn.draft, closedLedger)).toEqual(["hold", "period-closed"]);
  });

  it.each<[string, Fields, readonly string[]]>([
    ["a currency of the books", { currency: "EUR" }, ["allow"]],
    ["the books' own currency", { currency: "USD" }, ["allow"]],
    ["a currency the books lack", { currency: "SEK" }, ["hold", "currency-not-in-books"]],
    ["a foreign one and its rate", { currency: "EUR", exchangeRate: "1.08" }, ["allow"]],
    ["a foreign one and no rate", { currency: "EUR", exchangeRate: null }, ["allow"]],
    [
      "a foreign one at rate 1",
      { currency: "EUR", exchangeRate: "1" },
      ["hold", "rate-one-on-foreign-document"],
    ],
    [
      "a foreign one at rate 1.000",
      { currency: "EUR", exchangeRate: "1.000" },
      ["hold", "rate-one-on-foreign-document"],
    ],
    [
      "the own one and a rate",
      { currency: "USD", exchangeRate: "1.08" },
      ["hold", "rate-on-home-document"],
    ],
  ])("in %s", (_name, owed, decision) => {
    expect(decide(owed)).toEqual(decision);
    expect(decide(owed, shownIn.draft)).toEqual(decision);
  });

  it("reads the rate with the currency that the books show, where only the rate is owed", () => {
    const home = { life: "live" as const, fields: { status: "draft", currency: "USD" } };

    expect(decide({ exchangeRate: "1" }, shownIn.draft)).toContain("rate-one-on-foreign-document");
    expect(decide({ exchangeRate: "1.08" }, home)).toContain("rate-on-home-document");
  });

  it("leaves out a rate of one in the books' own currency, and counts it as told", () => {
    const owed = { currency: "USD", exchangeRate: "1.0" };

    expect(decideDocument({ owed, ledger: openLedger, today })).toEqual({
      kind: "allow",
      unsaid: ["exchangeRate"],
    });
  });

  it("may be in any currency where the books do not say which they take", () => {
    const decision = decideDocument({
      owed: { currency: "SEK" },
      ledger: { baseCurrency: "USD" },
      today,
    });

    expect(decision.kind).toBe("allow");
  });
});

describe("documentStateOf", () => {
  it.each<[string, Fields, DocumentState]>([
    ["a document without a status", { status: null }, "draft"],
    ["a deleted one", { status: "deleted" }, "void"],
    [
      "one that an allocation settles in part",
      { ...issued, allocations: [anAllocation()] },
      "part-paid",
    ],
    ["a credit note that is used in part", { ...issued, amountOpen: eur(9_999n) }, "part-paid"],
    ["a credit note of which all is left", { ...issued, amountOpen: eur(10_000n) }, "issued"],
    [
      "one that a credit note settles",
      { ...issued, status: "paid", amountCredited: eur(10_000n) },
      "credited",
    ],
  ])("tells %s", (_name, fields, state) => {
    expect(documentStateOf({ life: "live", fields })).toBe(state);
  });

  it("knows every state of the table", () => {
    expect(documentStates.map((state) => documentStateOf(shownIn[state]))).toEqual(documentStates);
  });
});

function anAllocation() {
  const amount = eur(1n);
  return { kind: "deposit", source: "d1", target: "i1", amount, allocatedOn: null } as const;
}

describe("firstOpenDay", () => {
  it.each([
    [{}, undefined],
    [{ lockedThrough: "2026-12-31" }, "2027-01-01"],
    [{ filedThrough: "2026-02-28" }, "2026-03-01"],
    [{ lockedThrough: "2026-06-30", filedThrough: "2026-03-31" }, "2026-07-01"],
  ])("of %j", (facts, day) => {
    expect(firstOpenDay({ baseCurrency: "USD", ...facts })).toBe(day);
  });
});

describe("a change of a customer's currency", () => {
  it.each([
    ["EUR", [], undefined],
    ["EUR", ["EUR"], undefined],
    ["EUR", ["USD"], "customer-currency-fixed"],
    ["EUR", ["EUR", "USD"], "customer-currency-fixed"],
    [null, ["EUR"], "customer-currency-fixed"],
    [null, [], undefined],
    ["SEK", [], "currency-not-in-books"],
    ["SEK", ["EUR"], "customer-currency-fixed"],
  ])("to %s with documents in %j", (currency, documentCurrencies, code) => {
    const change = {
      currency,
      documentCurrencies: new Set(documentCurrencies),
      ledger: openLedger,
    };

    expect(decideCustomerCurrency(change)?.code).toBe(code);
  });
});
