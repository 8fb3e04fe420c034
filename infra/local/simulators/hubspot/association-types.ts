/** HubSpot's own association types between the simulated objects (developers.hubspot.com, read 2026-11). */
import type { ObjectType } from "./object-types.ts";

export interface AssociationType {
  readonly from: ObjectType;
  readonly to: ObjectType;
  readonly typeId: number;
  /** The type of the same link seen from the other end. */
  readonly inverseId: number;
  /** `Primary` for the link to a record's one main company; `null` for the plain link. */
  readonly label: "Primary" | null;
  /** The type's name in v3 answers. */
  readonly name: string;
}

const ASSOCIATION_TYPES: readonly AssociationType[] = [
  ...pair("contacts", "companies", 1, 2, "Primary", "contact_to_company", "company_to_contact"),
  ...pair(
    "contacts",
    "companies",
    279,
    280,
    null,
    "contact_to_company_unlabeled",
    "company_to_contact_unlabeled",
  ),
  ...pair("deals", "companies", 5, 6, "Primary", "deal_to_company", "company_to_deal"),
  ...pair(
    "deals",
    "companies",
    341,
    342,
    null,
    "deal_to_company_unlabeled",
    "company_to_deal_unlabeled",
  ),
  ...pair("deals", "contacts", 3, 4, null, "deal_to_contact", "contact_to_deal"),
  ...pair("deals", "line_items", 19, 20, null, "deal_to_line_item", "line_item_to_deal"),
  ...pair("deals", "quotes", 63, 64, null, "deal_to_quote", "quote_to_deal"),
  ...pair("quotes", "line_items", 67, 68, null, "quote_to_line_item", "line_item_to_quote"),
];

const BY_ID = new Map(ASSOCIATION_TYPES.map((type) => [type.typeId, type]));

export function findAssociationType(typeId: number): AssociationType | undefined {
  return BY_ID.get(typeId);
}

/** The unlabelled type between two objects, or `undefined` where they cannot be associated. */
export function defaultAssociationType(
  from: ObjectType,
  to: ObjectType,
): AssociationType | undefined {
  return typesBetween(from, to).find((type) => type.label === null);
}

export function primaryAssociationType(
  from: ObjectType,
  to: ObjectType,
): AssociationType | undefined {
  return typesBetween(from, to).find((type) => type.label === "Primary");
}

export function typesBetween(from: ObjectType, to: ObjectType): readonly AssociationType[] {
  return ASSOCIATION_TYPES.filter((type) => type.from === from && type.to === to);
}

function pair(
  from: ObjectType,
  to: ObjectType,
  typeId: number,
  inverseId: number,
  label: "Primary" | null,
  name: string,
  inverseName: string,
): AssociationType[] {
  return [
    { from, to, typeId, inverseId, label, name },
    { from: to, to: from, typeId: inverseId, inverseId: typeId, label, name: inverseName },
  ];
}
