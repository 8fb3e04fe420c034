import { describe, expect, it } from "vitest";
import { makeCreditorReference, readCreditorReference } from "#shared/domain/creditor-reference.ts";

describe("a creditor reference", () => {
  it.each([
    ["RF18 5390 0754 7034", "539007547034"],
    ["RF18539007547034", "539007547034"],
    ["RF18000000000539007547034", "000000000539007547034"],
    ["rf71 2348 231", "2348231"],
    ["RF471234567890", "1234567890"],
    ["RF451234512345", "1234512345"],
    ["RF68AB2G5", "AB2G5"],
  ])("%s bears %s", (reference, own) => {
    expect(readCreditorReference(reference)).toBe(own);
  });

  it.each([
    ["a wrong check digit", "RF19539007547034"],
    ["two digits that changed places", "RF18539007547043"],
    ["no part of the creditor's own", "RF18"],
    ["a part that is too long", "RF181234567890123456789012"],
    ["another scheme", "DE89370400440532013000"],
    ["signs that are neither letter nor digit", "RF18-5390-0754-7034"],
    ["nothing", ""],
  ])("is not read from %s", (_, text) => {
    expect(readCreditorReference(text)).toBeUndefined();
  });

  it.each([
    ["539007547034", "RF18539007547034"],
    ["AB2G5", "RF68AB2G5"],
    ["aB2g5", "RF68AB2G5"],
    ["12345 12345", "RF451234512345"],
  ])("is made of %s", (own, reference) => {
    expect(makeCreditorReference(own)).toBe(reference);
  });

  it.each(["", "INV-0042", "1234567890123456789012", "ÄÖÜ"])("is not made of %j", (own) => {
    expect(makeCreditorReference(own)).toBeUndefined();
  });
});
