/** What a write is refused for before any call: what Xero is known not to take. */
import type { FieldValue } from "#shared/domain/records.ts";
import { type Failure, SyncError } from "#shared/domain/sync-error.ts";

/** Xero archives contacts only: an item is deleted or stays, and an invoice has a status. */
export const lifeNotWritable: Failure = {
  kind: "rejected",
  code: "life-not-writable",
  fix: "Archive or restore the record by hand in Xero, as far as Xero can.",
};

/** UTF-16 units, as Xero counts them; lengths from its OpenAPI file, version 16.1.0. */
export const lengthMax = {
  name: 255,
  email: 255,
  phone: 50,
  addressLine: 500,
  city: 255,
  region: 255,
  postalCode: 50,
  country: 50,
  taxNumber: 50,
  contactNumber: 50,
  itemCode: 30,
  itemName: 50,
  itemDescription: 4000,
  lineDescription: 4000,
  reference: 255,
} as const;

/** Throws SyncError `rejected` (`field-too-long`) where Xero would cut or refuse the text. */
export function checkLength(
  value: FieldValue | undefined,
  field: string,
  charactersMax: number,
): void {
  if (typeof value !== "string" || value.length <= charactersMax) return;
  throw new SyncError({
    kind: "rejected",
    code: "field-too-long",
    field,
    fix: `Shorten it: Xero holds ${charactersMax} characters.`,
  });
}

/** Throws SyncError `rejected` (`field-missing`): Xero makes no such record without the field. */
export function checkFilled(value: FieldValue | undefined, field: string): void {
  if (value !== undefined && value !== null && value !== "") return;
  throw new SyncError({
    kind: "rejected",
    code: "field-missing",
    field,
    fix: "Fill the field: Xero keeps no such record without it.",
  });
}

/**
 * Throws SyncError `rejected` (`field-not-clearable`): Xero blanks texts only; a number or a date
 * that is left out of a write stays as it is.
 */
export function checkNotCleared(value: FieldValue | undefined, field: string): void {
  if (value !== null) return;
  throw new SyncError({
    kind: "rejected",
    code: "field-not-clearable",
    field,
    fix: "Blank the field by hand in Xero, whose API cannot, or fill it again.",
  });
}
