/**
 * A company's custom fields as properties of its own, on companies, products and deals. They are made
 * in HubSpot by those who want them there: Tieout never makes one.
 */
import { type CustomPlace, isWritten } from "#shared/domain/custom-field.ts";
import type { PlaceJudge } from "#shared/domain/custom-field-problems.ts";
import { readPlaces, writePlaces } from "#shared/domain/custom-places.ts";
import type { Fields } from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { ObjectType } from "./client.ts";
import {
  inField,
  objectTypeOf,
  type Properties,
  type PropertyPatch,
  type SupportedType,
  writeText,
} from "./mapping.ts";
import { customerProperties } from "./mapping-customer.ts";
import { NAME as DEAL_NAME, orderProperties } from "./mapping-order.ts";
import { productProperties } from "./mapping-product.ts";

const PROPERTY_NAME = /^[a-z][a-z0-9_]{0,99}$/;
const OWN_PREFIX = "tieout_";

const ownProperties: Readonly<Record<SupportedType, readonly string[]>> = {
  customer: customerProperties,
  product: productProperties,
  order: [...orderProperties, DEAL_NAME],
};

/** Any property may be named but those that hold something else; whether it is there, HubSpot tells. */
export const judgeHubspotPlace: PlaceJudge = ({ recordType, at }) => {
  const own = Object.entries(ownProperties).find(([type]) => type === recordType)?.[1];
  if (own === undefined) {
    return {
      code: "custom-field-place-unknown",
      says: `HubSpot has no place for a ${recordType}`,
      fix: `Add the field to one of ${Object.keys(ownProperties).join(", ")}.`,
    };
  }
  if (!PROPERTY_NAME.test(at)) {
    return {
      code: "custom-field-place-unknown",
      says: `${at} is no property's internal name`,
      fix: "Write the internal name as HubSpot shows it: small letters, digits and underscores.",
    };
  }
  if (!own.includes(at) && !at.startsWith(OWN_PREFIX)) return undefined;
  return {
    code: "custom-field-place-taken",
    says: `the property ${at} holds what Tieout keeps there`,
    fix: "Make a property of your own in HubSpot, and name that.",
  };
};

/** Throws SyncError `invalid-input` with the field where a value cannot be read. */
export function readCustom(
  places: readonly CustomPlace[],
  recordType: SupportedType,
  properties: Properties,
): Fields {
  return readPlaces(places, recordType, (at) => properties[at]);
}

/** The properties of those custom fields that are owed. Throws SyncError `rejected` with the field. */
export function writeCustom(
  places: readonly CustomPlace[],
  recordType: SupportedType,
  owed: Fields,
): PropertyPatch {
  const texts = writePlaces(places, recordType, owed);
  return Object.fromEntries(
    texts.map(({ at, field, text }) => [at, inField(field, () => writeText(text))]),
  );
}

/** The places on one type of object. */
export function placesOn(places: readonly CustomPlace[], type: ObjectType): CustomPlace[] {
  return places.filter(({ recordType }) =>
    Object.entries(objectTypeOf).some(([known, object]) => known === recordType && object === type),
  );
}

/** What HubSpot tells of a property that exists. */
interface KnownProperty {
  readonly modificationMetadata?: { readonly readOnlyValue: boolean } | undefined;
}

/**
 * Throws SyncError `rejected`: `custom-property-missing` where HubSpot lacks a property that the table
 * names, `custom-property-read-only` where it lets nobody write one that is to be written.
 */
export function requireNamed(
  existing: ReadonlyMap<string, KnownProperty>,
  type: ObjectType,
  places: readonly CustomPlace[],
): void {
  for (const { at, recordType, field, lens } of places) {
    const found = existing.get(at);
    const row = `the row of ${recordType}.${field} in shared/flows/custom-fields.ts`;
    if (found === undefined) {
      throw new SyncError({
        kind: "rejected",
        code: "custom-property-missing",
        field: at,
        fix: `Make a property of ${type} with the internal name ${at} in HubSpot, or mend ${row}.`,
      });
    }
    if (isWritten(lens) && found.modificationMetadata?.readOnlyValue === true) {
      throw new SyncError({
        kind: "rejected",
        code: "custom-property-read-only",
        field: at,
        fix: `Name a property of ${type} that can be written, or make the transform one-way in: mend ${row}.`,
      });
    }
  }
}
