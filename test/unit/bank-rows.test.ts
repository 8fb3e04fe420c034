import { describe, expect, it } from "vitest";
import { snapshotColumns } from "#shared/config/snapshot-schema.ts";
import { readBankStatements } from "#shared/connectors/file/camt-053.ts";
import { bankRowsOf } from "#shared/domain/bank-rows.ts";
import { documentNumberPatterns } from "#shared/flows/document-numbers.ts";
import { type AnEntry, type ATransaction, aBankFile } from "#test/support/bank-statements.ts";

const orders = { prefix: "", separator: "", digitsMin: 5, digitsMax: 5 };

function rowsOf(entries: readonly AnEntry[], closing: string, patterns = documentNumberPatterns) {
  const [statement] = readBankStatements(new TextEncoder().encode(aBankFile({ closing, entries })));
  if (statement === undefined) throw new Error("no statement");
  return bankRowsOf(statement, patterns);
}

function keyOf(transaction: ATransaction, patterns = documentNumberPatterns): string | undefined {
  const entry = { amount: "1.00", reference: "B-1", transactions: [transaction] };
  return rowsOf([entry], "101.00", patterns)[0]?.record_key;
}

describe("bankRowsOf", () => {
  it("gives a row of the snapshot's columns for each payment", () => {
    const rows = rowsOf(
      [
        { amount: "119.00", reference: "B-1", transactions: [{ unstructured: ["INV-0042"] }] },
        { amount: "19.00", sign: "DBIT", reference: "B-2", bookedOn: "2026-11-25" },
      ],
      "200.00",
    );

    expect(rows).toEqual([
      {
        record_key: "INV-0042",
        external_id: "B-1",
        document_date: "2026-11-26",
        currency: "EUR",
        gross_minor: 11_900n,
        status: "settled",
        changed_at_ms: BigInt(Date.UTC(2026, 10, 27, 6)),
        excluded_by: null,
      },
      {
        record_key: "bank:B-2",
        external_id: "B-2",
        document_date: "2026-11-25",
        currency: "EUR",
        gross_minor: -1_900n,
        status: "settled",
        changed_at_ms: BigInt(Date.UTC(2026, 10, 27, 6)),
        excluded_by: null,
      },
    ]);
    const columns = snapshotColumns.map(({ name }) => name as string);
    for (const column of Object.keys(rows[0] ?? {})) expect(columns).toContain(column);
  });

  it("takes the payments of an entry apart where they sum to it", () => {
    const transactions = [
      { amount: "70.00", reference: "T-1", unstructured: ["inv 0001"] },
      { amount: "30.00", reference: "T-2", unstructured: ["INV0002"] },
    ];
    const rows = rowsOf([{ amount: "100.00", reference: "B-1", transactions }], "200.00");

    expect(rows.map((row) => [row.record_key, row.external_id, row.gross_minor])).toEqual([
      ["INV-0001", "T-1", 7_000n],
      ["INV-0002", "T-2", 3_000n],
    ]);
  });

  it.each([
    ["do not sum to it", ["70.00", "20.00"]],
    ["have no amounts", [undefined, undefined]],
  ])("keeps an entry whole whose payments %s", (_, amounts) => {
    const transactions = amounts.map((amount) => ({
      ...(amount === undefined ? {} : { amount }),
      unstructured: ["INV-0001"],
    }));
    const rows = rowsOf([{ amount: "100.00", reference: "B-1", transactions }], "200.00");

    expect(rows.map((row) => [row.record_key, row.gross_minor])).toEqual([["bank:B-1", 10_000n]]);
  });

  it("leaves out of the comparison what is not booked, and shows it", () => {
    const rows = rowsOf([{ amount: "5.00", status: "PDNG" }, { amount: "1.00" }], "101.00");

    expect(rows.map((row) => row.excluded_by)).toEqual(["bank-entry-not-booked", null]);
  });

  it("names a payment the bank gives no name, or one it gave before, by its place", () => {
    const entries = [{ amount: "1.00" }, { amount: "1.00" }, { amount: "1.00", reference: "B-1" }];
    const twice = [...entries, { amount: "1.00", reference: "B-1" }];
    const ids = rowsOf(twice, "104.00").map((row) => row.external_id);

    expect(new Set(ids).size).toBe(4);
    expect(ids[2]).toBe("B-1");
    expect(rowsOf(twice, "104.00").map((row) => row.external_id)).toEqual(ids);
  });
});

describe("the document that a payment names", () => {
  it.each([
    ["its number as such", { documentNumber: "INV-0042" }, "INV-0042"],
    ["a number of another form, given as such", { documentNumber: "R/2026/7" }, "R/2026/7"],
    ["a creditor reference", { creditorReference: "RF18539007547034" }, "539007547034"],
    ["the name of the payment", { endToEndId: "INV-0042" }, "INV-0042"],
    ["words, as it is written", { unstructured: ["Payment of INV-0042, thanks"] }, "INV-0042"],
    ["words, without the hyphen", { unstructured: ["inv0042"] }, "INV-0042"],
    ["words, with a blank", { unstructured: ["INV 0042"] }, "INV-0042"],
    ["the same one twice", { unstructured: ["INV-0042", "INV 0042"] }, "INV-0042"],
    [
      "a creditor reference among words",
      { unstructured: ["ref RF18 5390 0754 7034 thanks"] },
      "539007547034",
    ],
    ["two: none is meant", { unstructured: ["INV-0042 and INV-0043"] }, "bank:B-1"],
    ["part of a longer number: none", { unstructured: ["XINV-0042 INV-004212345"] }, "bank:B-1"],
    [
      "a creditor reference that is wrong: none",
      { creditorReference: "RF19539007547034" },
      "bank:B-1",
    ],
    ["nothing", {}, "bank:B-1"],
  ])("is found by %s", (_, transaction: ATransaction, key) => {
    expect(keyOf(transaction)).toBe(key);
  });

  it("is taken from what was meant for it before loose words", () => {
    expect(keyOf({ documentNumber: "INV-0001", unstructured: ["INV-0002"] })).toBe("INV-0001");
  });

  it("is found by the company's own pattern", () => {
    expect(keyOf({ unstructured: ["order 10248"] }, [orders])).toBe("10248");
    expect(keyOf({ unstructured: ["order 102480"] }, [orders])).toBe("bank:B-1");
  });
});
