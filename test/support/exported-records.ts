/** Golden records of every type for exports: fields as they may be, money in odd currencies, hostile texts. */
import fc from "fast-check";
import { type CrossReference, newCrossReference } from "#shared/domain/cross-reference.ts";
import type { RecordType } from "#shared/domain/identifiers.ts";
import {
  type DocumentLine,
  type FieldKind,
  type FieldValue,
  recordFields,
} from "#shared/domain/records.ts";

export const idOf = (type: string, number: number): string =>
  `${type}-${String(number).padStart(24, "0")}`;

/**
 * What spreadsheets, separators and readers stumble over; no NUL, as records hold none. A phone number
 * like `1.23E+15` is missing: an import takes that for what a spreadsheet left of a longer one.
 */
const tellingTexts = [
  "=1+1",
  "'=1+1",
  "''@x",
  "-1.50",
  "+49 30 901820",
  "007",
  "12345678901234567890",
  'say "no", twice',
  "a;b|c\td",
  "line one\nline two",
  "北京市朝阳区 🏮",
  "_x000D_ <&> ]]>",
  "TRUE",
  "null",
  " around ",
] as const;

const text = fc.constantFrom<string>(...tellingTexts);
const currency = fc.constantFrom("EUR", "JPY", "KWD", "CLF");
const decimal = fc.constantFrom(
  "0",
  "12.5",
  "0.12345678901234567",
  "-0.000000000001",
  "12345678901234567.25",
  "0.05",
);
const date = fc.constantFrom("2026-11-27", "1899-12-31", "2026-02-28");

const line = (code: string): fc.Arbitrary<DocumentLine> =>
  fc.record({
    product: fc.constantFrom(null, { canonicalId: idOf("product", 1) }),
    productCode: fc.option(text, { nil: null }),
    description: fc.option(text, { nil: null }),
    quantity: decimal,
    unitPrice: decimal,
    discountRate: fc.constantFrom("0", "0.05"),
    amount: fc.record({ minor: fc.bigInt(-(10n ** 18n), 10n ** 18n), currency: fc.constant(code) }),
    taxCode: fc.option(text, { nil: null }),
  });

function valueOfKind(kind: FieldKind, code: string): fc.Arbitrary<FieldValue> {
  switch (kind.kind) {
    case "text":
      return text;
    case "whole-number":
      return fc.nat(999);
    case "decimal":
      return decimal;
    case "date":
      return date;
    case "money":
      return fc.record({
        minor: fc.bigInt(-(10n ** 20n), 10n ** 20n),
        currency: fc.constant(code),
      });
    case "reference":
      return fc.constantFrom<FieldValue>(
        { canonicalId: idOf(kind.to, 1) },
        { connection: "crm", recordType: kind.to, externalId: "101#a" },
      );
    case "lines":
      return fc.array(line(code), { maxLength: 3 });
    case "allocations":
      return fc.constant([]);
    case "one-of":
      return fc.constantFrom(...kind.values);
  }
}

/** A record of the type, each field filled, blank or absent. */
export function goldenRecord(recordType: RecordType): fc.Arbitrary<CrossReference> {
  const at = "2026-01-02T00:00:00.000Z";
  const made = newCrossReference(idOf(recordType, 7), recordType, at);
  const kinds = Object.entries<FieldKind>(recordFields[recordType]);
  return currency.chain((code) => {
    const values = kinds.map(([name, kind]) => [
      name,
      fc.option(valueOfKind(kind, code), { nil: null, freq: 4 }),
    ]);
    const fields = fc.record(Object.fromEntries(values), { requiredKeys: [] });
    const codes = Object.fromEntries(
      kinds.flatMap(([name]) =>
        name === "currency" || name === "balanceCurrency" ? [[name, code]] : [],
      ),
    );
    return fields.map((some) => ({ ...made, fields: { ...some, ...codes } }));
  });
}
