import { describe, expect, it } from "vitest";
import { externalRefKey, isRecordType } from "#shared/domain/identifiers.ts";
import { matchKeyText } from "#shared/domain/match-key.ts";

describe("externalRefKey", () => {
  it("tells references apart whatever their ids hold", () => {
    const customer = { connection: "crm", recordType: "customer" } as const;
    const keys = ["7", "#7", "product#7", ""].map((externalId) =>
      externalRefKey({ ...customer, externalId }),
    );

    expect(keys[0]).toBe("crm#customer#7");
    expect(new Set(keys).size).toBe(4);
  });
});

describe("matchKeyText", () => {
  it("tells keys apart whatever they hold", () => {
    const taxNumber = { recordType: "customer", kind: "tax-number" } as const;

    expect(matchKeyText({ ...taxNumber, key: "GB#1" })).toBe("customer#tax-number#GB#1");
  });
});

describe("isRecordType", () => {
  it("knows the record types, and no names of every object", () => {
    expect(isRecordType("invoice")).toBe(true);
    expect(["Invoice", "contact", "", "constructor"].filter(isRecordType)).toEqual([]);
  });
});
