/** What is wrong with a table of custom fields: all of it at once, each with row, field and fix. */
import { limits } from "#shared/config/limits.ts";
import {
  type CustomField,
  type CustomPlace,
  isRead,
  placesIn,
  type UncheckedField,
} from "./custom-field.ts";
import {
  type CustomFieldContext,
  describeKind,
  type Finding,
  isSameKind,
  namesakeOf,
  pathOf,
  placesOf,
} from "./custom-field-context.ts";
import { policyFindings } from "./custom-field-policies.ts";
import type { ConnectionId } from "./identifiers.ts";
import { fieldKindOf } from "./records.ts";
import { SyncError } from "./sync-error.ts";

/** Where the table is; problems name it. */
const TABLE = "shared/flows/custom-fields.ts";
const NAME = /^[a-z][A-Za-z0-9]{0,39}$/;

export interface CustomFieldProblem extends Finding {
  /** The first row of the table is row 1. */
  readonly row: number;
  /** Record type and name: `customer.accountManager`. */
  readonly field: string;
}

/** Throws SyncError `invalid-input` with the code of the first problem; its cause lists them all. */
export function requireSound(
  customFields: readonly UncheckedField[],
  context: CustomFieldContext,
): void {
  refuseProblems(findProblems(customFields, context));
}

/** Throws as {@link requireSound} does; nothing where there is no problem. */
export function refuseProblems(problems: readonly CustomFieldProblem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  const { code, row, field, fix } = first;
  const lines = problems.map((one) => `row ${one.row}, ${one.field}: ${one.says}. ${one.fix}`);
  const cause = new Error([`${TABLE} cannot be used as it is:`, ...lines].join("\n"));
  throw new SyncError(
    { kind: "invalid-input", code, field: `${TABLE}, row ${row}, ${field}`, fix },
    cause,
  );
}

/** In the order of the rows; empty for a table that can be used. */
export function findProblems(
  customFields: readonly UncheckedField[],
  context: CustomFieldContext,
): CustomFieldProblem[] {
  return customFields.flatMap((field, index) => {
    const before = customFields.slice(0, index);
    const findings = [
      ...nameFindings(field, before),
      ...namesakeFindings(field, customFields),
      ...countFindings(field, before),
      ...placeFindings(field, before, context),
      ...lensFindings(field),
      ...policyFindings(field, customFields, context),
    ];
    return findings.map((finding) => ({ ...finding, row: index + 1, field: pathOf(field) }));
  });
}

/** What a connector finds wrong with a place in its system, if anything. */
export type PlaceJudge = (place: CustomPlace) => Finding | undefined;

/** What `judge` finds wrong with the places in one connection. */
export function findPlaceProblems(
  customFields: readonly CustomField[],
  connection: ConnectionId,
  judge: PlaceJudge,
): CustomFieldProblem[] {
  return customFields.flatMap((field, index) =>
    placesIn(connection, [field]).flatMap((place) => {
      const finding = judge(place);
      return finding === undefined ? [] : [{ ...finding, row: index + 1, field: pathOf(field) }];
    }),
  );
}

function nameFindings(field: UncheckedField, before: readonly UncheckedField[]): Finding[] {
  const isInherited = field.field in {};
  if (!NAME.test(field.field) || isInherited) {
    return [
      {
        code: "custom-field-name-unsuitable",
        says: `${field.field} is no name for a field`,
        fix: "Name it in camel case with up to 40 letters and digits, such as accountManager.",
      },
    ];
  }
  const isCanonical = fieldKindOf(field.recordType, field.field) !== undefined;
  if (!isCanonical && !before.some((other) => pathOf(other) === pathOf(field))) return [];
  return [
    {
      code: "custom-field-name-taken",
      says: isCanonical
        ? `every ${field.recordType} has a field of this name`
        : "the name stands in a row above",
      fix: "Give the field a name of its own.",
    },
  ];
}

/** An invoice takes the value of its order's field of the same name, so both must hold the same. */
function namesakeFindings(field: UncheckedField, all: readonly UncheckedField[]): Finding[] {
  const source = field.recordType === "invoice" ? namesakeOf(field, all) : undefined;
  if (source === undefined || isSameKind(source.holds, field.holds)) return [];
  return [
    {
      code: "custom-field-name-taken",
      says: `an order has a field of this name that holds ${describeKind(source.holds)}, and an invoice takes its order's value`,
      fix: "Let both hold the same, or give one of them another name.",
    },
  ];
}

function countFindings(field: UncheckedField, before: readonly UncheckedField[]): Finding[] {
  const above = before.filter(({ recordType }) => recordType === field.recordType).length;
  if (above !== limits.customFieldsMax) return [];
  return [
    {
      code: "custom-fields-too-many",
      says: `a ${field.recordType} has more than ${limits.customFieldsMax} custom fields`,
      fix: "Take out those that nobody needs in the other system.",
    },
  ];
}

function placeFindings(
  field: UncheckedField,
  before: readonly UncheckedField[],
  { sidesOf }: CustomFieldContext,
): Finding[] {
  const sides = sidesOf(field.recordType);
  return placesOf(field).flatMap(([connection, { at }]): Finding[] => {
    if (!sides.includes(connection)) {
      return [
        {
          code: "custom-field-connection-unknown",
          says: `${connection} takes no part in a ${field.recordType}`,
          fix: `Name a connection of the flow: ${sides.join(", ") || "there is none"}.`,
        },
      ];
    }
    const holder = before.find(
      (other) =>
        other.recordType === field.recordType &&
        placesOf(other).some(([where, place]) => where === connection && place.at === at),
    );
    if (holder === undefined) return [];
    return [
      {
        code: "custom-field-place-taken",
        says: `${at} in ${connection} holds ${pathOf(holder)}`,
        fix: "Give the field a place of its own.",
      },
    ];
  });
}

function lensFindings(field: UncheckedField): Finding[] {
  const strangers = placesOf(field)
    .filter(([, { lens }]) => !isSameKind(lens.holds, field.holds))
    .map(
      ([connection, { lens }]): Finding => ({
        code: "custom-field-lens-unsuitable",
        says: `the transform of ${connection} gives ${describeKind(lens.holds)}, and the field holds ${describeKind(field.holds)}`,
        fix: "Take the transform that fits what the field holds, see docs/custom-fields.md.",
      }),
    );
  if (strangers.length > 0) return strangers;
  const read = placesOf(field).filter(([, { lens }]) => isRead(lens));
  const forms = new Set(read.map(([, { lens }]) => lens.form));
  if (forms.size <= 1) return [];
  return [
    {
      code: "custom-field-lens-unsuitable",
      says: `${read.map(([connection, { lens }]) => `${connection} gives ${lens.form}`).join(", ")}: what one gives the other could not keep`,
      fix: "Give all places that are read the same transform, or make one of them one-way out.",
    },
  ];
}
