import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { limits } from "#shared/config/limits.ts";
import * as lenses from "#shared/domain/lenses.ts";
import { flowsWith } from "#shared/flows/flows.ts";
import { judgedPlaces } from "#shared/runtime/custom-places.ts";
import { customFields } from "#test/support/custom-fields-example.ts";
import { lensViolations } from "#test/support/lens-laws.ts";

const root = new URL("../../", import.meta.url);
const page = readFileSync(new URL("docs/custom-fields.md", root), "utf8");

describe("docs/custom-fields.md", () => {
  it("shows a table that compiles, and that is the one tried here", () => {
    const example = readFileSync(new URL("test/support/custom-fields-example.ts", root), "utf8");

    expect(page).toContain(`\`\`\`ts\n${example.trim()}\n\`\`\``);
  });

  it("shows a table that Tieout starts with", () => {
    const flows = flowsWith(customFields, []);

    expect(flows.customer.fields).toHaveProperty("accountManager");
    expect(judgedPlaces(customFields)("books").map(({ at }) => at)).toEqual([
      "AccountNumber",
      "CompanyNumber",
      "PurchaseDescription",
      "Url",
    ]);
    expect(customFields.length).toBeLessThan(limits.customFieldsMax);
  });

  it("shows transforms that keep the laws", () => {
    const shown = customFields.flatMap(({ places }) => Object.values(places));

    expect(shown.flatMap(({ lens }) => lensViolations(lens))).toEqual([]);
  });

  it("lists every transform there is", () => {
    for (const name of Object.keys(lenses)) {
      expect(page).toMatch(new RegExp(`^\\| \`${name}\\b`, "m"));
    }
  });
});
