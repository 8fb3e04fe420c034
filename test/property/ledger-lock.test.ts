import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LedgerFacts } from "#shared/domain/ledger.ts";
import { decideDocument, documentStateOf, firstOpenDay } from "#shared/domain/ledger-lock.ts";
import { money } from "#shared/domain/money.ts";
import { type Fields, invoiceStatuses, recordLives } from "#shared/domain/records.ts";

const today = "2026-11-27";
const day = fc.constantFrom("2026-05-31", "2026-06-30", "2026-07-01", "2026-09-30", today);
const currency = fc.constantFrom("USD", "EUR", "SEK");
const amount = fc.constantFrom(0n, 1n, 10_000n).map((minor) => money(minor, "EUR"));

const ledger: fc.Arbitrary<LedgerFacts> = fc.record(
  {
    baseCurrency: fc.constant("USD"),
    currencies: fc.constant(["USD", "EUR"]),
    lockedThrough: day,
    filedThrough: day,
  },
  { requiredKeys: ["baseCurrency"] },
);

const shown = fc.record({
  life: fc.constantFrom(...recordLives),
  fields: fc.record(
    {
      status: fc.constantFrom(...invoiceStatuses, null),
      issuedOn: day,
      currency,
      total: fc.constant(money(10_000n, "EUR")),
      amountPaid: amount,
      amountCredited: amount,
      amountOpen: amount,
    },
    { requiredKeys: [] },
  ),
});

const owed: fc.Arbitrary<Fields> = fc
  .record(
    {
      status: fc.constantFrom("deleted", "draft"),
      issuedOn: day,
      dueOn: day,
      currency,
      exchangeRate: fc.constantFrom("1", "1.00", "1.08", null),
      reference: fc.constant("SO-1"),
      lines: fc.constant([]),
    },
    { requiredKeys: [] },
  )
  .filter((fields) => Object.keys(fields).length > 0);

const document = fc.record(
  { shown, owed, ledger, today: fc.constant(today) },
  { requiredKeys: ["owed", "ledger", "today"] },
);

/** The fields that a decision lets go out. */
function sentOf({ owed: all, ...rest }: Parameters<typeof decideDocument>[0]): Fields {
  const decision = decideDocument({ owed: all, ...rest });
  if (decision.kind === "correct" || decision.kind === "hold") return {};
  const allowed = decision.kind === "allow" ? Object.keys(all) : decision.fields;
  const names = allowed.filter((field) => !decision.unsaid.includes(field));
  return Object.fromEntries(names.map((field) => [field, all[field]]));
}

describe("what goes out to the books", () => {
  it("never touches a document that is settled, credited, over, or of a closed period", () => {
    fc.assert(
      fc.property(document, (one) => {
        const sent = sentOf(one);
        const fields = Object.keys(sent);
        if (one.shown === undefined || fields.length === 0) return;
        const state = documentStateOf(one.shown);
        expect(["draft", "issued", "part-paid"]).toContain(state);
        if (state === "part-paid") expect(fields).toEqual(["dueOn"]);
        if (state === "issued")
          expect(["dueOn", "reference"]).toEqual(expect.arrayContaining(fields));
        const open = firstOpenDay(one.ledger);
        const { issuedOn } = one.shown.fields;
        const isWithdrawn = state === "draft" && sent["status"] === "deleted";
        if (open !== undefined && issuedOn !== undefined && !isWithdrawn) {
          expect(issuedOn >= open).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("never carries a document into a closed period", () => {
    fc.assert(
      fc.property(document, (one) => {
        const sent = sentOf(one);
        const open = firstOpenDay(one.ledger);
        if (Object.keys(sent).length === 0 || open === undefined) return;
        if (sent["status"] === "deleted" && one.shown !== undefined) return;
        const dated = sent["issuedOn"] ?? (one.shown === undefined ? today : undefined);
        if (typeof dated === "string") expect(dated >= open).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it("never is a foreign document at rate one, a home document with a rate, or an unknown currency", () => {
    fc.assert(
      fc.property(document, (one) => {
        const sent = sentOf(one);
        if (sent["status"] === "deleted" && one.shown !== undefined) return;
        const inCurrency = sent["currency"] ?? one.shown?.fields.currency;
        const rate = sent["exchangeRate"];
        if (typeof rate === "string" && inCurrency !== undefined) {
          expect(inCurrency === "USD" || Number(rate) === 1).toBe(false);
        }
        if (one.ledger.currencies !== undefined) expect(sent["currency"]).not.toBe("SEK");
      }),
      { numRuns: 2_000 },
    );
  });
});
