import { describe, expect, it } from "vitest";
import { findProfile } from "#shared/domain/file-header.ts";
import { settleRecords } from "#shared/domain/file-records.ts";
import { type FileReading, planReading, readRow } from "#shared/domain/file-rows.ts";
import { tieoutCustomers } from "#shared/flows/files/tieout-customers.ts";

function settle(header: string, ...rows: readonly string[]): FileReading {
  const choice = findProfile([tieoutCustomers], header.split(","), "customers.csv");
  if (choice.kind === "refused") throw new Error(choice.problem.code);
  const { bound } = choice;
  const reading = planReading(bound);
  return settleRecords(
    bound,
    rows.map((row, index) => readRow(reading, index + 2, row.split(","), 100)),
  );
}

function codesOf(reading: FileReading): string[] {
  return reading.rows.map(({ row, faults }) =>
    [row, ...faults.map(({ column, code }) => `${column} ${code}`)].join(" "),
  );
}

describe("settleRecords", () => {
  it("says null of blank cells and nothing of columns the file does not have", () => {
    const reading = settle("id,name,city", "K1,Åkesson,  ");

    expect(reading.records).toEqual([
      { externalId: "K1", fields: { name: "Åkesson", city: null } },
    ]);
  });

  it("trims cells, and keeps the space inside them", () => {
    const reading = settle("id,name", " K1 , Two  Words ");

    expect(reading.records).toEqual([{ externalId: "K1", fields: { name: "Two  Words" } }]);
  });

  it("reads numbers where a number is meant", () => {
    const reading = settle("id,name,payment_terms_days", "K1,A,30");

    expect(reading.records[0]?.fields["paymentTermsDays"]).toBe(30);
  });

  it("rejects a row for every bad cell it has, and lets the others land", () => {
    const reading = settle("id,name,payment_terms_days", "K1,,soon", "K2,B,14", ",C,1");

    expect(codesOf(reading)).toEqual([
      "2 name cell-required payment_terms_days number-unreadable",
      "3",
      "4 id cell-required",
    ]);
    expect(reading.records.map((record) => record.externalId)).toEqual(["K2"]);
  });

  it("rejects a row of another width, with the count and the fix", () => {
    const reading = settle("id,name", "K1,Big, Bigger & Co");

    expect(reading.rows[0]?.faults).toEqual([
      {
        column: "",
        value: "3 cells",
        code: "row-width-wrong",
        fix: "Give the row 2 cells, as many as the header has; quote a cell that holds a comma.",
      },
    ]);
    expect(reading.records).toEqual([]);
  });

  it("counts a record once whose row is repeated word for word", () => {
    const reading = settle("id,name", "K1,A", "K2,B", "K1,A");

    expect(codesOf(reading)).toEqual(["2", "3", "4"]);
    expect(reading.records.map((record) => record.externalId)).toEqual(["K1", "K2"]);
  });

  it("rejects all rows of a key that stands for different content", () => {
    const reading = settle("id,name", "K1,A", "K2,B", "K1,A", "K1,Other");

    expect(codesOf(reading)).toEqual([
      "2 id key-duplicate",
      "3",
      "4 id key-duplicate",
      "5 id key-duplicate",
    ]);
    expect(reading.records.map((record) => record.externalId)).toEqual(["K2"]);
  });

  it("takes keys for text, whatever they are called", () => {
    const reading = settle("id,name", "__proto__,A", "constructor,B", "007,C");

    expect(reading.records.map((record) => record.externalId)).toEqual([
      "__proto__",
      "constructor",
      "007",
    ]);
  });
});
