import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readBankStatements } from "#shared/connectors/file/camt-053.ts";
import { bankRowsOf } from "#shared/domain/bank-rows.ts";
import { makeCreditorReference, readCreditorReference } from "#shared/domain/creditor-reference.ts";
import { formatMoney, money } from "#shared/domain/money.ts";
import { documentNumberPatterns } from "#shared/flows/document-numbers.ts";
import { aBankFile } from "#test/support/bank-statements.ts";

const currency = fc.constantFrom("EUR", "JPY", "KWD");
const version = fc.constantFrom("02" as const, "08" as const);
const amount = fc.bigInt({ min: 0n, max: 10n ** 12n });
const transactions = fc.array(fc.option(amount, { nil: undefined }), { maxLength: 4 });
const entries = fc.array(
  fc.record({
    amount,
    sign: fc.constantFrom("CRDT" as const, "DBIT" as const),
    status: fc.constantFrom("BOOK", "BOOK", "PDNG"),
    reference: fc.option(fc.constantFrom("B-1", "B-2", "B-3"), { nil: undefined }),
    transactions,
  }),
  { maxLength: 12 },
);

describe("rows of a bank statement", () => {
  it("sum to what the statement moved, and each has a name of its own", () => {
    fc.assert(
      fc.property(version, currency, amount, entries, (how, code, opening, drawn) => {
        const text = (minor: bigint) => formatMoney(money(minor, code));
        const booked = drawn.filter(({ status }) => status === "BOOK");
        const moved = booked.reduce(
          (sofar, { amount: one, sign }) => sofar + (sign === "CRDT" ? one : -one),
          0n,
        );
        const file = aBankFile({
          version: how,
          currency: code,
          opening: text(opening),
          closing: text(opening + moved),
          entries: drawn.map(({ transactions: parts, amount: one, sign, status, reference }) => ({
            amount: text(one),
            sign,
            status,
            ...(reference === undefined ? {} : { reference }),
            transactions: parts.map((part) => (part === undefined ? {} : { amount: text(part) })),
          })),
        });
        const [statement] = readBankStatements(new TextEncoder().encode(file));
        const rows = statement ? bankRowsOf(statement, documentNumberPatterns) : [];
        const counted = rows.filter((row) => row.excluded_by === null);

        expect(counted.reduce((sofar, row) => sofar + row.gross_minor, 0n)).toBe(moved);
        expect(new Set(rows.map((row) => row.external_id)).size).toBe(rows.length);
      }),
    );
  });
});

describe("a creditor reference", () => {
  const own = fc.stringMatching(/^[0-9A-Z]{1,21}$/);

  it("bears what it was made of", () => {
    fc.assert(
      fc.property(own, (part) => {
        expect(readCreditorReference(makeCreditorReference(part) ?? "")).toBe(part);
      }),
    );
  });

  it("is not read when one sign of it was mistaken for another", () => {
    const mistake = fc.record({ part: own, at: fc.nat(), sign: fc.stringMatching(/^[0-9]$/) });
    fc.assert(
      fc.property(mistake, ({ part, at, sign }) => {
        const reference = makeCreditorReference(part) ?? "";
        const index = 2 + (at % (reference.length - 2));
        const other = reference.slice(0, index) + sign + reference.slice(index + 1);
        const isSwapped = other !== reference && /^[0-9]$/.test(reference[index] ?? "");

        expect(isSwapped ? readCreditorReference(other) : undefined).toBeUndefined();
      }),
    );
  });
});
