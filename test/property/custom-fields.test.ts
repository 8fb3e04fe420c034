import { describe, expect, it } from "vitest";
import type { CustomField } from "#shared/domain/custom-field.ts";
import { gives, isText, spaceAround, twoWay } from "#shared/domain/lens.ts";
import { customFields } from "#shared/flows/custom-fields.ts";
import { accountManager, customFieldsOfTests } from "#test/support/custom-fields.ts";
import { lensViolations } from "#test/support/lens-laws.ts";

function violationsIn(fields: readonly CustomField[]): string[] {
  return fields.flatMap(({ recordType, field, places }) =>
    Object.entries(places).flatMap(([connection, { lens }]) =>
      lensViolations(lens).map((said) => `${recordType}.${field} in ${connection}: ${said}`),
    ),
  );
}

describe("every place of every custom field", () => {
  it("keeps the laws of its transform, in the table that is in force", () => {
    expect(violationsIn(customFields)).toEqual([]);
  });

  it("keeps them in the declarations of these tests", () => {
    expect(violationsIn(customFieldsOfTests)).toEqual([]);
  });

  it("is found where its transform claims two ways and has one", () => {
    const firstWord = twoWay({
      holds: { kind: "text" },
      accepts: isText,
      parse: (given) => gives(given.split(" ")[0] ?? ""),
      format: (value) => gives(value.trim()),
      modulo: [spaceAround],
    });
    const field: CustomField = {
      ...accountManager,
      places: { crm: { at: "a", lens: firstWord }, books: { at: "B", lens: firstWord } },
    };

    expect(violationsIn([field])).toContainEqual(
      expect.stringMatching(/^customer\.accountManager in crm: PutGet is broken by /),
    );
  });
});
