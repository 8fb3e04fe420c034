/**
 * A custom field: one that a company adds to a record type, by a row of
 * `shared/flows/custom-fields.ts`. It has a policy like any other field, and for each connection the
 * place it stands in there, with the lens that reads and writes it.
 */
import type { FieldPolicy, FieldRule, Flow, SimplePolicy } from "./flow.ts";
import type { ConnectionId, RecordType } from "./identifiers.ts";
import type { InLens, Lens, OutLens, TwoWayLens } from "./lens.ts";
import { derived, systemOfRecord } from "./policies.ts";
import { type FieldKind, type Fields, fieldKindOf } from "./records.ts";

/** What a custom field may hold: nothing that spans several places of a remote record. */
type CustomFieldKind = Extract<
  FieldKind,
  { readonly kind: "text" | "decimal" | "date" | "whole-number" | "one-of" }
>;

/** Every place may set the field, so every place is read and written. */
type SharedPolicy = Extract<SimplePolicy, { readonly kind: "newest" | "manual" }>;
type OwnedPolicy = Extract<SimplePolicy, { readonly kind: "system-of-record" }>;
type FollowingPolicy = { readonly kind: "follows-order" };
type CustomFieldPolicy = SharedPolicy | OwnedPolicy | FollowingPolicy;

/**
 * Of an invoice's field: takes the value of the field of the same name of the order it was made from,
 * while it is a draft. Once it is issued, the books keep what they have.
 */
export const followsOrder: FollowingPolicy = { kind: "follows-order" };

export interface Place<Way extends Lens = Lens> {
  /** The remote's own name of its field: a property in HubSpot, an element in Xero. */
  readonly at: string;
  readonly lens: Way;
}

interface Row<Policy extends CustomFieldPolicy, Way extends Lens> {
  readonly recordType: RecordType;
  /** In camel case, such as `accountManager`; a name that the record type does not have yet. */
  readonly field: string;
  readonly holds: CustomFieldKind;
  readonly policy: Policy;
  readonly places: Readonly<Record<ConnectionId, Place<Way>>>;
}

/** A row of the table. A policy under which every place may set the field takes two-way lenses only. */
export type CustomField = Row<SharedPolicy, TwoWayLens> | Row<OwnedPolicy | FollowingPolicy, Lens>;

/** A row before anybody looked at it, see `custom-field-problems.ts`. */
export type UncheckedField = Row<CustomFieldPolicy, Lens>;

/** A custom field in one connection: what a connector is told of it. */
export interface CustomPlace extends Place {
  readonly recordType: RecordType;
  readonly field: string;
}

/** The flow with the rules of the custom fields of its record type. */
export function flowWith(flow: Flow, customFields: readonly CustomField[]): Flow {
  const own = customFields.filter(({ recordType }) => recordType === flow.recordType);
  const rules = own.map((field) => [field.field, ruleFor(field)] as const);
  return { ...flow, fields: { ...flow.fields, ...Object.fromEntries(rules) } };
}

export function placesIn(
  connection: ConnectionId,
  customFields: readonly CustomField[],
): CustomPlace[] {
  return customFields.flatMap(({ recordType, field, places }) => {
    const place = Object.hasOwn(places, connection) ? places[connection] : undefined;
    return place === undefined ? [] : [{ ...place, recordType, field }];
  });
}

/** What a field of a record type holds, custom ones included; `undefined` where there is no such field. */
export function kindOfField(
  customFields: readonly CustomField[],
  recordType: RecordType,
  field: string,
): FieldKind | undefined {
  const custom = customFields.find((one) => one.recordType === recordType && one.field === field);
  return fieldKindOf(recordType, field) ?? custom?.holds;
}

/** The names among `fields` that are a company's own. */
export function customNamesIn(recordType: RecordType, fields: Fields): string[] {
  return Object.keys(fields).filter((name) => fieldKindOf(recordType, name) === undefined);
}

export function isRead(lens: Lens): lens is TwoWayLens | InLens {
  return lens.way !== "out";
}

export function isWritten(lens: Lens): lens is TwoWayLens | OutLens {
  return lens.way !== "in";
}

function ruleFor({ policy, places }: CustomField): FieldRule {
  const sides = Object.entries(places).filter(([, { lens }]) => isWritten(lens));
  return {
    policy: policy.kind === "follows-order" ? whileDraft : policy,
    sides: sides.map(([connection]) => connection),
  };
}

const whileDraft: FieldPolicy = {
  kind: "by-state",
  field: "status",
  whileBlank: derived,
  states: { draft: derived },
  otherwise: systemOfRecord("books"),
};
