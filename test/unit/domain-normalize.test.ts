import { describe, expect, it } from "vitest";
import { companyDomain, normalizeName, normalizeTaxNumber } from "#shared/domain/normalize.ts";

describe("normalizeName", () => {
  it.each([
    ["A & B Ltd.", "a and b ltd"],
    ["a and b ltd", "a and b ltd"],
    ["  HARBOUR   Coffee, Inc. ", "harbour coffee inc"],
    ["Harbour\u00a0Coffee", "harbour coffee"],
    ["Łódź-Süd GmbH", "łódź süd gmbh"],
    ["Cafe\u0301 Noir", "café noir"],
    ["Ｆｕｌｌ ｗｉｄｔｈ", "full width"],
    ["株式会社 山田", "株式会社 山田"],
    ["7-Eleven", "7 eleven"],
    ["!!!", ""],
    ["", ""],
  ])("%j becomes %j", (name, expected) => {
    expect(normalizeName(name)).toBe(expected);
  });

  it("keeps vowel signs, which tell names of Indic scripts apart", () => {
    expect(normalizeName("राम")).not.toBe(normalizeName("रोम"));
  });
});

describe("normalizeTaxNumber", () => {
  it.each([
    ["GB 123 4567 89", "GB123456789"],
    ["gb-123.4567.89", "GB123456789"],
    ["DE123456789", "DE123456789"],
    ["12345", "12345"],
  ])("%j becomes %j", (text, expected) => {
    expect(normalizeTaxNumber(text)).toBe(expected);
  });

  it.each(["", "n/a", "none", "-----", "1234", "0 0 0"])("tells nobody apart by %j", (text) => {
    expect(normalizeTaxNumber(text)).toBeUndefined();
  });
});

describe("companyDomain", () => {
  it.each([
    ["ann@harbour.example", "harbour.example"],
    [" Ann@HARBOUR.example ", "harbour.example"],
    ["https://www.harbour.example/shop?x=1#top", "harbour.example"],
    ["http://harbour.example:8080", "harbour.example"],
    ["www.harbour.example", "harbour.example"],
    ["mail.harbour.co.uk", "mail.harbour.co.uk"],
    ["münchen.example", "münchen.example"],
  ])("%j gives %j", (text, expected) => {
    expect(companyDomain(text)).toBe(expected);
  });

  it.each(["ann@gmail.com", "ann@GMX.de", "https://www.outlook.com"])(
    "%j says nothing about a company",
    (text) => {
      expect(companyDomain(text)).toBeUndefined();
    },
  );

  it.each(["", "harbour", "ann@", "ann@localhost", "not a host.example", "@", "https://"])(
    "%j has no domain",
    (text) => {
      expect(companyDomain(text)).toBeUndefined();
    },
  );
});
