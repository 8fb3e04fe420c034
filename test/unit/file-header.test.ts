import { describe, expect, it } from "vitest";
import { findHeaderRow, findProfile } from "#shared/domain/file-header.ts";
import type { FileProfile } from "#shared/domain/file-profile.ts";
import { isResultColumn, normalizeHeader } from "#shared/domain/header-names.ts";

function aProfile(overrides: Partial<FileProfile>): FileProfile {
  return {
    profile: "people",
    connection: "files",
    speaksFor: "crm",
    recordType: "customer",
    layout: "row-per-record",
    fileNames: ["people"],
    keyColumn: "Id",
    requiredColumns: ["Id", "Name"],
    columns: {
      Id: "key-only",
      Name: [{ field: "name", as: "text" }],
      City: [{ field: "city", as: "text" }],
      Note: "ignored",
    },
    nullTexts: [],
    constants: {},
    ...overrides,
  };
}

const places = aProfile({
  profile: "places",
  fileNames: ["places"],
  columns: { Id: "key-only", Name: [{ field: "city", as: "text" }], Lake: "ignored" },
});

function refusalOf(header: readonly string[], profiles = [aProfile({}), places]) {
  const choice = findProfile(profiles, header, "unnamed.csv");
  return choice.kind === "refused" ? choice.problem : undefined;
}

describe("findProfile", () => {
  it("takes the profile that knows every column and misses none it requires", () => {
    const choice = findProfile([places, aProfile({})], ["Name", "City", "Id"], "any.csv");

    expect(choice).toMatchObject({ kind: "found", bound: { profile: { profile: "people" } } });
  });

  it("matches names by trimmed text in any case, and keeps the file's spelling", () => {
    const choice = findProfile([aProfile({})], [" ID ", "nAME", "note"], "any.csv");

    expect(choice).toMatchObject({
      bound: {
        columns: [
          { header: "ID", isKey: true, isRequired: true, targets: [] },
          { header: "nAME", isKey: false, isRequired: true, targets: [{ field: "name" }] },
          { header: "note", isKey: false, isRequired: false, targets: [] },
        ],
      },
    });
  });

  it("lets the file's name decide between two profiles that fit, and nothing else", () => {
    const profiles = [aProfile({}), places];

    expect(findProfile(profiles, ["Id", "Name"], "Places-2026.csv")).toMatchObject({
      bound: { profile: { profile: "places" } },
    });
    expect(findProfile(profiles, ["Id", "Name", "City"], "places.csv")).toMatchObject({
      bound: { profile: { profile: "people" } },
    });
  });

  it("refuses a header that fits two profiles and a name that fits neither", () => {
    expect(refusalOf(["Id", "Name"])).toMatchObject({
      code: "header-ambiguous",
      detail: "profiles that fit: people, places",
    });
  });

  it("names the nearest profile with the columns it does not know and those it misses", () => {
    expect(refusalOf(["Id", "City", "Note", "Shoe Size"])).toMatchObject({
      code: "header-unknown",
      detail: "nearest profile: people; unknown columns: Shoe Size; missing columns: Name",
    });
  });

  it.each([
    ["a repeated name", ["Id", "Name", " name"], "header-duplicate", "repeated columns: name"],
    ["a blank name", ["Id", "Name", ""], "header-blank", "column 3 has no name"],
    ["no names at all", ["", " "], "file-empty", undefined],
    [
      "a name of the prototype",
      ["Id", "__proto__"],
      "header-refused",
      "refused columns: __proto__",
    ],
    ["the constructor's name", ["Constructor"], "header-refused", "refused columns: constructor"],
  ])("refuses %s", (_name, header, code, detail) => {
    const problem = refusalOf(header);

    expect(problem?.code).toBe(code);
    expect(problem?.detail).toBe(detail);
  });

  it("does not find the names that every object has", () => {
    expect(refusalOf(["Id", "Name", "toString"])).toMatchObject({
      code: "header-unknown",
      detail: "nearest profile: people; unknown columns: toString",
    });
  });

  it("keeps the list of columns short, whatever stands in the first row", () => {
    const header = Array.from({ length: 200 }, (_, index) => `${index}`.repeat(100));

    const detail = refusalOf(header)?.detail ?? "";

    expect(detail).toContain("and 180 more");
    expect(detail.length).toBeLessThan(2_000);
  });
});

describe("a name of a column", () => {
  it.each([
    ["*Invoice_Number"],
    ["InvoiceNumber*"],
    ["\uFEFFinvoice number"],
    ["invoice\u00a0-number "],
    ["ＩｎｖｏｉｃｅＮｕｍｂｅｒ"],
  ])("counts as invoicenumber: %j", (name) => {
    expect(normalizeHeader(name)).toBe("invoicenumber");
  });

  it("keeps what tells names apart", () => {
    expect(normalizeHeader("单价（含税）")).toBe("单价(含税)");
    expect(normalizeHeader("No.")).not.toBe(normalizeHeader("No"));
  });

  it.each([
    ["tieout_status", true],
    ["Tieout Code", true],
    ["tieout-run", true],
    ["tieoutstatus", false],
    ["status", false],
  ])("%j is a result file's own: %j", (name, expected) => {
    expect(isResultColumn(name)).toBe(expected);
  });
});

describe("a header as people write it", () => {
  it("fits whatever stands between the words of a name", () => {
    const profile = aProfile({
      columns: { id: "key-only", "full name": [{ field: "name", as: "text" }] },
      keyColumn: "id",
      requiredColumns: ["id", "full_name"],
    });

    const choice = findProfile([profile], ["\uFEFF*ID", "Full-Name"], "any.csv");

    expect(choice).toMatchObject({ bound: { columns: [{ isKey: true }, { isRequired: true }] } });
  });

  it("fits with the columns of a result file, which are not read", () => {
    const header = ["Id", "Name", "tieout_status", "tieout_code", "tieout_status"];

    const choice = findProfile([aProfile({})], header, "people.csv");

    expect(choice).toMatchObject({ kind: "found" });
    expect(
      choice.kind === "found" && choice.bound.columns.map((one) => one.targets.length),
    ).toEqual([0, 1, 0, 0, 0]);
  });

  it.each([
    [["Id", "Na-me", "na me"], "repeated columns: na me"],
    [["Id", "*Name", "Name"], "repeated columns: name"],
  ])("refuses two names that count as one: %j", (header, detail) => {
    expect(refusalOf(header)).toMatchObject({ code: "header-duplicate", detail });
  });

  it("refuses the names of the prototype in wide forms", () => {
    expect(refusalOf(["Id", "＿＿proto＿＿"])).toMatchObject({ code: "header-refused" });
  });
});

describe("findHeaderRow", () => {
  const titled = [
    ["Acme Ltd", ""],
    ["Customers", ""],
    ["", ""],
    ["Id", "Name"],
    ["1", "A"],
  ];

  it("finds the header under the title of a report", () => {
    expect(findHeaderRow([aProfile({})], titled, "a.csv")).toMatchObject({
      kind: "found",
      headerRow: 4,
      bound: { columns: [{ header: "Id" }, { header: "Name" }] },
    });
  });

  it("is the first row where that fits, whatever comes later", () => {
    const rows = [
      ["Id", "Name"],
      ["Id", "Name"],
    ];

    expect(findHeaderRow([aProfile({})], rows, "a.csv")).toMatchObject({ headerRow: 1 });
  });

  it("says what is wrong with the first row where no row fits", () => {
    const rows = [
      ["Id", "Shoe Size"],
      ["7", "44"],
    ];

    expect(findHeaderRow([aProfile({})], rows, "a.csv")).toMatchObject({
      kind: "refused",
      problem: { code: "header-unknown", detail: expect.stringContaining("Shoe Size") },
    });
    expect(findHeaderRow([aProfile({})], [], "a.csv")).toMatchObject({
      problem: { code: "file-empty" },
    });
  });

  it("does not look on where a row fits two profiles", () => {
    expect(findHeaderRow([aProfile({}), places], titled, "a.csv")).toMatchObject({
      problem: { code: "header-ambiguous" },
    });
  });

  it("looks at twenty rows and no more", () => {
    const above = Array.from({ length: 20 }, () => ["", ""]);

    expect(findHeaderRow([aProfile({})], [...above, ["Id", "Name"]], "a.csv")).toMatchObject({
      problem: { code: "file-empty" },
    });
  });
});
