import { describe, expect, it } from "vitest";
import {
  type CrossReference,
  type Side,
  sideOf,
  withSide,
} from "#shared/domain/cross-reference.ts";
import { derivedBy } from "#shared/domain/flow.ts";
import { recordLifeWrite } from "#shared/domain/merge.ts";
import { customerFlow } from "#shared/flows/customer.ts";
import { aCustomer, aLinkedSide } from "#test/support/cross-references.ts";

const at = "2026-01-05T10:00:00.000Z";
const linked = aLinkedSide("contact-1", { name: "Customer 1" });
const mergedByUser: Side = {
  ...linked,
  state: "tombstoned",
  ended: { life: "merged", by: "books", at },
};

function withBooks(side: Side): CrossReference {
  return withSide(aCustomer("1"), "books", side);
}

function written(xref: CrossReference, life: "archived" | "live"): Side {
  const capturedAt = "2026-01-05T10:01:00.000Z";
  const write = { connection: "books", externalId: "contact-1", version: 0, life, capturedAt };
  return sideOf(recordLifeWrite(xref, write, customerFlow), "books");
}

describe("a record that we archived", () => {
  it("is remembered as ended by us, so that we bring it back", () => {
    const { state, ended } = written(withBooks(linked), "archived");

    expect([state, ended?.life, ended?.by]).toEqual(["tombstoned", "archived", derivedBy]);
  });

  it("stays ended by the user who merged it before our answer was saved", () => {
    const { state, ended } = written(withBooks(mergedByUser), "archived");

    expect([state, ended]).toEqual(["tombstoned", mergedByUser.ended]);
  });
});

describe("a record that we brought back", () => {
  it("lives again", () => {
    const endedByUs: Side = {
      ...linked,
      state: "tombstoned",
      ended: { life: "archived", by: derivedBy, at },
    };

    const { state, ended } = written(withBooks(endedByUs), "live");

    expect([state, ended]).toEqual(["linked", undefined]);
  });

  it("stays ended by the user who ended it before our answer was saved", () => {
    const { state, ended } = written(withBooks(mergedByUser), "live");

    expect([state, ended]).toEqual(["tombstoned", mergedByUser.ended]);
  });
});
