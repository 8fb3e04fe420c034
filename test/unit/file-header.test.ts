import { describe, expect, it } from "vitest";
import { findProfile } from "#shared/domain/file-header.ts";
import type { FileProfile } from "#shared/domain/file-profile.ts";

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
