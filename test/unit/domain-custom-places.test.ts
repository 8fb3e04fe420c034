import { describe, expect, it } from "vitest";
import { placesIn } from "#shared/domain/custom-field.ts";
import { readNames, readPlaces, textsByPlace, writePlaces } from "#shared/domain/custom-places.ts";
import type { PlaceText } from "#shared/domain/lens.ts";
import type { Fields } from "#shared/domain/records.ts";
import { customFieldsOfTests } from "#test/support/custom-fields.ts";

const crm = placesIn("crm", customFieldsOfTests);
const books = placesIn("books", customFieldsOfTests);

function read(shown: Readonly<Record<string, PlaceText>>): Fields {
  return readPlaces(crm, "customer", (at) => shown[at]);
}

function write(owed: Fields): Record<string, string> {
  return textsByPlace(writePlaces(books, "customer", owed));
}

describe("places", () => {
  it("are read into fields: what is blank as null, what was not shown not at all", () => {
    expect(read({ account_manager: " Ann ", tier: "tier_1" })).toEqual({
      accountManager: "Ann",
      tier: "gold",
    });
    expect(read({ account_manager: "", tier: null })).toEqual({ accountManager: null, tier: null });
    expect(read({ account_manager: undefined })).toEqual({});
  });

  it("are written for what is owed: null as the empty text that clears, the rest left out", () => {
    expect(write({ accountManager: "Ann", tier: "silver", name: "Harbour" })).toEqual({
      AccountNumber: "Ann",
      CompanyNumber: "SILVER",
    });
    expect(write({ accountManager: null })).toEqual({ AccountNumber: "" });
    expect(write({ accountManager: undefined, name: "Harbour" })).toEqual({});
  });

  it("belong to one record type", () => {
    expect(readNames(crm, "customer")).toEqual(["account_manager", "tier"]);
    expect(readNames(crm, "product")).toEqual(["purchase_text"]);
    expect(writePlaces(books, "product", { accountManager: "Ann" })).toEqual([]);
  });

  it("that are only written are never read", () => {
    expect(readNames(books, "product")).toEqual([]);
    expect(readPlaces(books, "product", () => "shown all the same")).toEqual({});
  });

  it("that cannot be read or written say so with the field", () => {
    expect(() => read({ tier: "tier_3" })).toThrow(
      expect.objectContaining({
        failure: expect.objectContaining({
          kind: "invalid-input",
          code: "choice-unknown",
          field: "tier",
        }),
      }),
    );
    expect(() => write({ tier: "bronze" })).toThrow(
      expect.objectContaining({
        failure: expect.objectContaining({ kind: "rejected", field: "tier" }),
      }),
    );
  });
});
