/**
 * Whether a profile holds together: its columns fill fields that there are, by conversions that fit
 * them, and no other profile fits the same header. Asked of the profiles in the code by a test, of one
 * that a person confirms before it is kept.
 */
import { type CustomField, kindOfField } from "./custom-field.ts";
import { isSameKind } from "./custom-field-context.ts";
import type { CellFormats } from "./file-formats.ts";
import type { FileProfile, LinePart, Target } from "./file-profile.ts";
import { isRefusedName, isResultColumn, normalizeHeader } from "./header-names.ts";
import type { ConnectionId, RecordType } from "./identifiers.ts";
import { isCurrency } from "./money.ts";
import type { FieldKind, FieldValue } from "./records.ts";

export interface ProfileProblem {
  /** Where in the profile, such as `columns.name`. */
  readonly path: string;
  readonly says: string;
  readonly fix: string;
}

/** What a profile is checked against. */
export interface ProfileContext {
  readonly customFields: readonly CustomField[];
  /** The connections that take part in a record type's flow. */
  readonly sidesOf: (recordType: RecordType) => readonly ConnectionId[];
}

/** Conversions that fit each kind of field. */
export const conversionsOf: Readonly<Record<FieldKind["kind"], readonly Target["as"][]>> = {
  text: ["text", "key", "currency"],
  "whole-number": ["whole-number", "terms"],
  decimal: ["decimal", "fraction"],
  date: ["date"],
  reference: ["reference"],
  money: ["amount"],
  lines: [],
  allocations: [],
  "one-of": ["one-of"],
};

export const lineConversions: Readonly<Record<LinePart, readonly Target["as"][]>> = {
  product: ["reference"],
  productCode: ["key"],
  description: ["text", "key"],
  quantity: ["decimal"],
  unitPrice: ["decimal"],
  discountRate: ["fraction"],
  taxCode: ["key"],
  unitCost: ["decimal"],
};

/** Empty for a profile that holds together. */
export function findProfileProblems(
  profile: FileProfile,
  context: ProfileContext,
): readonly ProfileProblem[] {
  return [
    ...findSourceProblems(profile, context),
    ...findNameProblems(profile),
    ...findConstantProblems(profile, context),
    ...targetsOf(profile).flatMap(([path, target]) => {
      const problem = findTargetProblem(profile, context, target);
      const own = findFormatProblems(`${path}.formats`, target.formats);
      return problem === undefined ? own : [{ path, ...problem }, ...own];
    }),
    ...findFormatProblems("formats", profile.formats),
    ...findFillProblems(profile),
  ];
}

/** The others that fit some header that `profile` fits, by name. */
export function findRivals(profile: FileProfile, others: readonly FileProfile[]): string[] {
  const isWithin = (names: readonly string[], of: FileProfile): boolean => {
    const known = new Set(Object.keys(of.columns).map(normalizeHeader));
    return names.every((name) => known.has(normalizeHeader(name)));
  };
  return others
    .filter((other) => other.profile !== profile.profile)
    .filter(
      (other) =>
        isWithin(other.requiredColumns, profile) && isWithin(profile.requiredColumns, other),
    )
    .map((other) => other.profile);
}

function findSourceProblems(
  { connection, speaksFor, recordType }: FileProfile,
  { sidesOf }: ProfileContext,
): ProfileProblem[] {
  const sides = sidesOf(recordType);
  const speaks: ProfileProblem = {
    path: "speaksFor",
    says: `${speaksFor} has no records of type ${recordType}`,
    fix: `Say one of ${sides.join(", ")}.`,
  };
  const source: ProfileProblem = {
    path: "connection",
    says: `${connection} is a system of its own`,
    fix: "Name the source of the file; its keys are no ids of that system.",
  };
  return [
    ...(sides.includes(speaksFor) ? [] : [speaks]),
    ...(["crm", "books", "tieout"].includes(connection) ? [source] : []),
  ];
}

function findNameProblems(profile: FileProfile): ProfileProblem[] {
  const columns = Object.keys(profile.columns);
  const names = columns.map(normalizeHeader);
  const isThere = (name: string) => names.includes(normalizeHeader(name));
  const missing = (path: string, name: string): ProfileProblem => ({
    path,
    says: `${name} is no column`,
    fix: "List it under columns.",
  });
  return [
    ...profile.requiredColumns
      .filter((name) => !isThere(name))
      .map((name) => missing("requiredColumns", name)),
    ...(isThere(profile.keyColumn) ? [] : [missing("keyColumn", profile.keyColumn)]),
    ...columns
      .filter((name) => names.indexOf(normalizeHeader(name)) !== columns.indexOf(name))
      .map((name) => ({
        path: `columns.${name}`,
        says: `${name} is another column's name`,
        fix: "Take one of them out; case, spaces, hyphens and underscores do not count.",
      })),
    ...columns
      .filter((name) => normalizeHeader(name) === "" || isRefusedName(name) || isResultColumn(name))
      .map((name) => ({
        path: `columns.${name}`,
        says: `${name} cannot be a column`,
        fix: "Take it out: it is blank, refused in every file, or a result file's own.",
      })),
  ];
}

function findConstantProblems(profile: FileProfile, context: ProfileContext): ProfileProblem[] {
  return Object.entries(profile.constants).flatMap(([name, value]) => {
    const path = `constants.${name}`;
    const kind = kindOfField(context.customFields, profile.recordType, name);
    if (kind === undefined) return [{ path, says: `${name} is no field`, fix: fieldFix }];
    const isCode = name === "currency";
    const isFit = isConstantOf(kind, value) && (!isCode || isCurrency(String(value)));
    const fix = isCode ? "Write three letters of ISO 4217." : `Write what ${name} may hold.`;
    return isFit ? [] : [{ path, says: `${name} does not hold this`, fix }];
  });
}

function isConstantOf(kind: FieldKind, value: FieldValue | undefined): boolean {
  switch (kind.kind) {
    case "text":
    case "decimal":
    case "date":
      return typeof value === "string";
    case "whole-number":
      return typeof value === "number";
    case "one-of":
      return typeof value === "string" && kind.values.includes(value);
    default:
      return false;
  }
}

const fieldFix =
  "Use a field of shared/domain/records.ts, or one of shared/flows/custom-fields.ts.";

function targetsOf(profile: FileProfile): readonly (readonly [string, Target])[] {
  return Object.entries(profile.columns).flatMap(([name, rule]) =>
    typeof rule === "string"
      ? []
      : rule.map((target): readonly [string, Target] => [`columns.${name}`, target]),
  );
}

function findTargetProblem(
  { recordType, layout }: FileProfile,
  { customFields }: ProfileContext,
  target: Target,
): Omit<ProfileProblem, "path"> | undefined {
  if ("line" in target) {
    const known = lineConversions[target.line];
    const says = `line.${target.line} as ${target.as}`;
    if (layout !== "row-per-line") return { says, fix: "Lines need the layout row-per-line." };
    return known.includes(target.as) ? undefined : { says, fix: `Use ${known.join(" or ")}.` };
  }
  const kind = kindOfField(customFields, recordType, target.field);
  if (kind === undefined) return { says: `${target.field} is no field`, fix: fieldFix };
  if (isFitFor(kind, target)) return undefined;
  return {
    says: `${target.field} as ${target.as}`,
    fix: `Use ${conversionsOf[kind.kind].join(" or ") || "no column"} for what ${target.field} holds.`,
  };
}

function isFitFor(kind: FieldKind, target: Target): boolean {
  switch (target.as) {
    case "lens":
      return isSameKind(target.lens.holds, kind);
    case "reference":
      return kind.kind === "reference" && kind.to === target.to;
    case "one-of": {
      const words = Object.values(target.words ?? {});
      return (
        kind.kind === "one-of" &&
        target.values.every((value) => kind.values.includes(value)) &&
        words.every((word) => target.values.includes(word))
      );
    }
    default:
      return conversionsOf[kind.kind].includes(target.as);
  }
}

function findFormatProblems(path: string, formats: CellFormats | undefined): ProfileProblem[] {
  const { decimalSign = ".", thousandsSign, negatives = [], currencySigns } = formats ?? {};
  const checks = [
    [
      thousandsSign !== decimalSign,
      "one sign for two things",
      "Let decimalSign and thousandsSign differ.",
    ],
    [
      !(negatives.includes("credit") && negatives.includes("debit")),
      "credit and debit are both negative",
      "Keep the one that makes a number negative.",
    ],
    [
      currencySigns === undefined || currencySigns === "row" || isCurrency(currencySigns),
      `${currencySigns} is no currency`,
      "Say row, or three letters of ISO 4217.",
    ],
  ] as const;
  return checks.flatMap(([isSound, says, fix]) => (isSound ? [] : [{ path, says, fix }]));
}

/** Fields that two columns fill, and such as a document cannot do without. */
function findFillProblems(profile: FileProfile): ProfileProblem[] {
  const nameOf = (target: Target) => ("field" in target ? target.field : target.line);
  const names = targetsOf(profile).map(([path, target]) => [path, nameOf(target)] as const);
  const required = new Set(profile.requiredColumns.map((name) => `columns.${name}`));
  const filled = [
    ...Object.keys(profile.constants),
    ...names.filter(([path]) => required.has(path)).map(([, name]) => name),
  ];
  const mustFill = profile.layout === "row-per-line" ? ["currency", "quantity", "unitPrice"] : [];
  return [
    ...names
      .filter(([, name], index) => names.findIndex(([, other]) => other === name) !== index)
      .map(([path, name]) => ({
        path,
        says: `${name} is filled twice`,
        fix: "Let one column fill it.",
      })),
    ...mustFill
      .filter((name) => !filled.includes(name))
      .map((name) => ({
        path: "requiredColumns",
        says: `${name} may stay blank`,
        fix: "Require the column that fills it; a currency may be a constant.",
      })),
  ];
}
