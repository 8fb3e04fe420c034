/** Cross-references for tests of how they are stored. */
import {
  type CrossReference,
  newCrossReference,
  type Side,
} from "#shared/domain/cross-reference.ts";
import { digestField } from "#shared/domain/fingerprint.ts";
import type { CanonicalId } from "#shared/domain/identifiers.ts";
import type { Fields } from "#shared/domain/records.ts";

/** `aCustomerId("1")`: as long as real ones. */
export function aCustomerId(ending: string): CanonicalId {
  return `customer-${ending.padStart(24, "0")}`;
}

export function aCustomer(ending: string, overrides: Partial<CrossReference> = {}): CrossReference {
  const made = newCrossReference(aCustomerId(ending), "customer", "2026-01-05T09:00:00.000Z");
  return { ...made, fields: { name: `Customer ${ending}` }, ...overrides };
}

/** A side that was sent, and shows, all of these fields. */
export function aLinkedSide(externalId: string, fields: Fields): Side {
  const digests = Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [field, digestField(value ?? null)]),
  );
  return {
    state: "linked",
    externalId,
    remoteVersion: 1_767_603_600_000,
    observed: digests,
    sent: { ...digests },
  };
}

/** Twelve fields, agreed by both systems. */
export function aSettledCustomer(): CrossReference {
  const fields: Fields = {
    name: "Hamburger Schiffsausrüstung Petersen GmbH & Co. KG",
    email: "einkauf@petersen-schiffsausruestung.example",
    phone: "+49 40 5550 1234",
    website: "https://petersen-schiffsausruestung.example",
    street: "Große Elbstraße 145a",
    city: "Hamburg",
    region: "HH",
    postalCode: "22767",
    country: "Germany",
    segment: "wholesale",
    taxNumber: "DE123456789",
    paymentTermsDays: 30,
  };
  const source = { by: "crm", at: "2026-01-05T09:00:12.345Z" };
  const terms = { by: "books", at: "2026-01-06T10:30:00.000Z" };
  const sources = Object.fromEntries(
    Object.keys(fields).map((field) => [field, field === "paymentTermsDays" ? terms : source]),
  );
  return aCustomer("1", {
    fields,
    sources,
    sides: {
      crm: aLinkedSide("18273645546", fields),
      books: aLinkedSide("bd2270c3-8706-4c11-9cfb-000b551c3f51", fields),
    },
    changedAt: "2026-01-06T10:30:00.000Z",
  });
}
