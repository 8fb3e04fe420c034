import { describe, expect, it } from "vitest";
import type { CustomField } from "#shared/domain/custom-field.ts";
import { text } from "#shared/domain/lenses.ts";
import { customFields } from "#shared/flows/custom-fields.ts";
import { judgedPlaces } from "#shared/runtime/custom-places.ts";
import { accountManager, customFieldsOfTests } from "#test/support/custom-fields.ts";

function failureOf(overrides: Partial<Record<"crm" | "books", string>>, recordType = "customer") {
  const { crm = "account_manager", books = "AccountNumber" } = overrides;
  const field = {
    ...accountManager,
    recordType,
    places: { crm: { at: crm, lens: text }, books: { at: books, lens: text } },
  } as CustomField;
  try {
    judgedPlaces([field]);
  } catch (cause) {
    return cause;
  }
  return undefined;
}

describe("the places of custom fields", () => {
  it("of the table in force are places that the systems have", () => {
    expect(() => judgedPlaces(customFields)).not.toThrow();
  });

  it("are told to each connector, and only its own", () => {
    const placesOf = judgedPlaces(customFieldsOfTests);

    expect(placesOf("crm").map(({ at }) => at)).toEqual([
      "account_manager",
      "tier",
      "purchase_text",
      "delivery_note",
    ]);
    expect(placesOf("books").map(({ at }) => at)).toEqual([
      "AccountNumber",
      "CompanyNumber",
      "PurchaseDescription",
      "Url",
    ]);
  });

  it.each(["Website", "ContactNumber", "Name", "BankAccountDetails", "accountNumber"])(
    "in Xero are those its API lets us write: %s is refused, and the others named",
    (books) => {
      expect(failureOf({ books })).toMatchObject({
        failure: {
          kind: "invalid-input",
          code: "custom-field-place-unknown",
          field: "shared/flows/custom-fields.ts, row 1, customer.accountManager",
          fix: "Name one of AccountNumber, CompanyNumber, FirstName, LastName.",
        },
      });
    },
  );

  it("in Xero differ by record type", () => {
    expect(failureOf({ books: "PurchaseDescription" }, "product")).toBeUndefined();
    expect(failureOf({ books: "AccountNumber" }, "product")).toMatchObject({
      failure: { fix: "Name one of PurchaseDescription." },
    });
    expect(failureOf({ books: "Reference", crm: "delivery_note" }, "payment")).toMatchObject({
      failure: { code: "custom-field-place-unknown" },
    });
  });

  it.each(["Account Manager", "accountManager", "", "1st"])(
    "in HubSpot are internal names: %j is refused",
    (crm) => {
      expect(failureOf({ crm })).toMatchObject({
        failure: { code: "custom-field-place-unknown" },
      });
    },
  );

  it.each([
    ["customer", "domain"],
    ["customer", "record_id"],
    ["customer", "tieout_anything"],
    ["customer", "address2"],
    ["product", "hs_sku"],
    ["order", "dealname"],
    ["order", "dealstage"],
  ])("in HubSpot are none that a %s has a meaning for already: %s", (recordType, crm) => {
    const books = recordType === "product" ? "PurchaseDescription" : "AccountNumber";

    expect(failureOf({ crm, books }, recordType)).toMatchObject({
      failure: { code: "custom-field-place-taken" },
    });
  });
});
