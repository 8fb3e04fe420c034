/** File profiles as JSON: what a person confirms, and what is kept; `docs/files.md` shows one. */
import * as z from "zod";
import {
  type CellFormats,
  dateForms,
  dateOrders,
  decimalSigns,
  groupings,
  negativeForms,
  percentForms,
  thousandsSigns,
} from "#shared/domain/file-formats.ts";
import type {
  FileProfile,
  LinePart,
  PlainConversion,
  Target,
} from "#shared/domain/file-profile.ts";
import type { ProfileProblem } from "#shared/domain/file-profile-problems.ts";
import { isRefusedName } from "#shared/domain/header-names.ts";
import { connectionId, recordType } from "./field-values.ts";

const COLUMNS_MAX = 200;
const DIGITS_MAX = 60;

export const profileName = z.string().regex(/^[a-z][a-z0-9-]{0,59}$/);
const columnName = z
  .string()
  .min(1)
  .max(200)
  .refine((name) => !isRefusedName(name));
const fieldName = z.string().regex(/^[a-z][a-zA-Z0-9]{0,59}$/);
const word = z.string().min(1).max(200);
const timeZone = z.string().max(60).refine(isTimeZone);

const plainConversions = [
  "text",
  "key",
  "date",
  "decimal",
  "whole-number",
  "terms",
  "amount",
  "fraction",
] as const satisfies readonly PlainConversion[];

const lineParts = [
  "product",
  "productCode",
  "description",
  "quantity",
  "unitPrice",
  "discountRate",
  "taxCode",
  "unitCost",
] as const satisfies readonly LinePart[];

const cellFormats: z.ZodType<CellFormats> = z.strictObject({
  decimalSign: z.enum(decimalSigns).optional(),
  thousandsSign: z.enum(thousandsSigns).optional(),
  grouping: z.enum(groupings).optional(),
  negatives: z.array(z.enum(negativeForms)).max(negativeForms.length).optional(),
  wideForms: z.boolean().optional(),
  currencySigns: z.union([z.literal("row"), z.string().regex(/^[A-Z]{3}$/)]).optional(),
  percent: z.enum(percentForms).optional(),
  dateOrder: z.enum(dateOrders).optional(),
  dateForms: z.array(z.enum(dateForms)).max(dateForms.length).optional(),
  twoDigitYearsFrom: z.int().min(1900).max(2099).optional(),
  digits: z.int().min(1).max(DIGITS_MAX).optional(),
  longNumbers: z.literal("whole").optional(),
});

const place = {
  field: fieldName.optional(),
  line: z.enum(lineParts).optional(),
  formats: cellFormats.optional(),
};

const target = z
  .discriminatedUnion("as", [
    z.strictObject({ as: z.enum(plainConversions), ...place }),
    z.strictObject({ as: z.literal("currency"), words: z.record(word, word).optional(), ...place }),
    z.strictObject({ as: z.literal("reference"), to: recordType, ...place }),
    z.strictObject({
      as: z.literal("one-of"),
      values: z.array(word).min(1).max(100),
      words: z.record(word, word).optional(),
      ...place,
    }),
  ])
  .refine(({ field, line }) => (field === undefined) !== (line === undefined), {
    error: "needs a field or a line, and not both",
  })
  .transform(({ field = "", line, formats, ...conversion }): Target => {
    const own = formats === undefined ? {} : { formats };
    return line === undefined ? { field, ...conversion, ...own } : { line, ...conversion, ...own };
  });

/** Zod leaves a key `__proto__` out without a word; here it is refused like the others. */
const withoutPrototype = z
  .unknown()
  .refine((columns) => !(columns instanceof Object && Object.hasOwn(columns, "__proto__")));

const columnRule = z.union([z.enum(["ignored", "key-only"]), z.array(target).min(1).max(10)]);

export const fileProfile: z.ZodType<FileProfile> = z.strictObject({
  profile: profileName,
  connection: connectionId,
  speaksFor: connectionId,
  recordType,
  layout: z.enum(["row-per-record", "row-per-line"]),
  fileNames: z.array(z.string().min(1).max(200)).max(20),
  keyColumn: columnName,
  requiredColumns: z.array(columnName).max(COLUMNS_MAX),
  columns: withoutPrototype.pipe(
    z
      .record(columnName, columnRule)
      .refine((columns) => Object.keys(columns).length <= COLUMNS_MAX),
  ),
  nullTexts: z.array(word).max(50),
  constants: z.record(fieldName, z.union([z.string().max(1_000), z.int()])),
  formats: cellFormats.optional(),
  keyDigits: z.int().min(1).max(DIGITS_MAX).optional(),
  timeZone: timeZone.optional(),
  acceptance: z.enum(["rows", "whole-file"]).optional(),
  sequence: z.literal("file-name-number").optional(),
});

/** `PUT /file-profiles/{name}`: `revision` is that of the profile that was looked at, 0 of a new one. */
export const profileConfirmation = z.strictObject({
  revision: z.int().min(0).default(0),
  profile: z.unknown(),
});

/** `POST /file-profiles/proposals` */
export const proposalRequest = z.strictObject({
  /** Of a file in the inbox. */
  key: z.string().min(1).max(900),
  as: profileName.optional(),
  /** By the ids of the questions. */
  answers: z.record(columnName, z.string().min(1).max(200)).default({}),
});

type ParsedProfile =
  | { readonly kind: "read"; readonly profile: FileProfile }
  | { readonly kind: "refused"; readonly problems: readonly ProfileProblem[] };

const PROBLEMS_MAX = 50;

/** A profile of the shape that JSON has; what does not have it is named by its path. */
export function parseFileProfile(value: unknown): ParsedProfile {
  const parsed = fileProfile.safeParse(value);
  if (parsed.success) return { kind: "read", profile: parsed.data };
  const problems = parsed.error.issues.slice(0, PROBLEMS_MAX).map((issue) => ({
    path: issue.path.map(String).join("."),
    says: issue.message,
    fix: "Write it as docs/files.md shows profiles.",
  }));
  return { kind: "refused", problems };
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch (cause) {
    if (cause instanceof RangeError) return false;
    throw cause;
  }
}
