/** Whether the policy of a custom field, its transforms and its places make sense together. */

import { isRead, isWritten, type UncheckedField } from "./custom-field.ts";
import {
  type CustomFieldContext,
  type Finding,
  namesakeOf,
  pathOf,
  placesOf,
} from "./custom-field-context.ts";
import type { ConnectionId } from "./identifiers.ts";

export function policyFindings(
  field: UncheckedField,
  all: readonly UncheckedField[],
  context: CustomFieldContext,
): Finding[] {
  const { policy } = field;
  switch (policy.kind) {
    case "newest":
    case "manual":
      return [...sharedFindings(field, policy.kind), ...reachFindings(field, all, context)];
    case "system-of-record":
      return [
        ...ownerFindings(field, policy.connection, context),
        ...reachFindings(field, all, context),
      ];
    case "follows-order":
      return followingFindings(field, all);
  }
}

/** Under a policy that lets every place set the field, every place must be read and written. */
function sharedFindings(field: UncheckedField, policy: string): Finding[] {
  return placesOf(field)
    .filter(([, { lens }]) => lens.way !== "two-way")
    .map(([connection, { lens }]) =>
      unsuitable(
        `"${policy}" lets ${connection} set the field and be told of it, and its transform goes one way (${lens.way})`,
        `Give ${connection} a two-way transform, or make one connection the system of record.`,
      ),
    );
}

function ownerFindings(
  field: UncheckedField,
  owner: ConnectionId,
  { inFiles }: CustomFieldContext,
): Finding[] {
  const places = placesOf(field);
  const own = places.find(([connection]) => connection === owner)?.[1];
  const isHeard = (own !== undefined && isRead(own.lens)) || inFiles.has(pathOf(field));
  const deaf = places.filter(([connection, { lens }]) => connection !== owner && !isWritten(lens));
  return [
    ...(isHeard
      ? []
      : [
          unsuitable(
            `${owner} is the system of record, and the field is not read there`,
            `Give ${owner} a place whose transform reads, or another system of record.`,
          ),
        ]),
    ...deaf.map(([connection]) =>
      unsuitable(
        `${owner} is the system of record, and ${connection} is only read`,
        `Give ${connection} a transform that writes, or take the place out.`,
      ),
    ),
  ];
}

function followingFindings(field: UncheckedField, all: readonly UncheckedField[]): Finding[] {
  if (field.recordType !== "invoice" || namesakeOf(field, all) === undefined) {
    return [
      unsuitable(
        "only an invoice follows its order, in a field that the order has under the same name",
        "Add the row of the order's field, or choose another policy.",
      ),
    ];
  }
  return placesOf(field)
    .filter(([, { lens }]) => !isWritten(lens))
    .map(([connection]) =>
      unsuitable(
        `the field follows the order, and ${connection} is only read`,
        `Give ${connection} a transform that writes.`,
      ),
    );
}

/** A field that would go both ways must have somewhere to go to. */
function reachFindings(
  field: UncheckedField,
  all: readonly UncheckedField[],
  { inFiles }: CustomFieldContext,
): Finding[] {
  const places = placesOf(field);
  const others = [inFiles.has(pathOf(field)), namesakeOf(field, all) !== undefined];
  const ends = places.length + others.filter(Boolean).length;
  const isOneWay = places.length === 1 && places.every(([, { lens }]) => lens.way !== "two-way");
  if (ends >= 2 || isOneWay) return [];
  return [
    {
      code: "custom-field-places-too-few",
      says: "a field with a two-way transform has nowhere else to go",
      fix: "Add a place in another connection or a column of a file profile, or make the transform one-way.",
    },
  ];
}

function unsuitable(says: string, fix: string): Finding {
  return { code: "custom-field-policy-unsuitable", says, fix };
}
