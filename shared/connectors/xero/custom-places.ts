/**
 * A company's custom fields in Xero: the plain text fields that its API lets us write and that hold
 * nothing of ours. Lengths from its OpenAPI file, version 16.1.0, read 2026-11; `Website` is read only
 * there, `BankAccountDetails` is where money goes, and account codes must be of the chart of accounts.
 */
import * as z from "zod";
import type { CustomPlace } from "#shared/domain/custom-field.ts";
import type { PlaceJudge } from "#shared/domain/custom-field-problems.ts";
import { readPlaces, textsByPlace, writePlaces } from "#shared/domain/custom-places.ts";
import type { ExternalId, RecordType } from "#shared/domain/identifiers.ts";
import type { ObservedRecord } from "#shared/domain/records.ts";
import type { RemoteWrite } from "#shared/ports/connector.ts";
import { isDeletion } from "./mapping-document.ts";
import { checkLength } from "./refusals.ts";
import { type Completeness, sentText, textOf } from "./wire.ts";

/** Characters that each place holds, by record type. */
const placeLengths: Readonly<Partial<Record<RecordType, Readonly<Record<string, number>>>>> = {
  customer: { AccountNumber: 50, CompanyNumber: 50, FirstName: 255, LastName: 255 },
  product: { PurchaseDescription: 4000 },
  // No length is told. Must be an address, and none of Xero's own.
  invoice: { Url: Number.POSITIVE_INFINITY },
};

export const judgeXeroPlace: PlaceJudge = ({ recordType, at }) => {
  const allowed = Object.keys(placeLengths[recordType] ?? {});
  if (allowed.includes(at)) return undefined;
  return {
    code: "custom-field-place-unknown",
    says: `Xero has no place called ${at} on a ${recordType} that a custom field could have`,
    fix:
      allowed.length === 0
        ? `Take the place out: Xero has none on a ${recordType}.`
        : `Name one of ${allowed.join(", ")}.`,
  };
};

/**
 * The record with the custom fields of its element. What ended or takes no part shows none. Throws
 * SyncError `invalid-input` with the field, or ZodError where a place holds no text.
 */
export function withCustomFields(
  record: ObservedRecord,
  element: unknown,
  places: readonly CustomPlace[],
  completeness: Completeness,
): ObservedRecord {
  if (record.life !== "live" || record.excluded !== undefined) return record;
  const custom = readPlaces(places, record.recordType, (at) => {
    const shown = z.object({ [at]: z.string().nullish() }).parse(element);
    return textOf(shown[at], completeness);
  });
  return { ...record, fields: { ...record.fields, ...custom } };
}

/**
 * The element with the custom fields that are owed; where nothing else is, one that names the record
 * and holds them. Throws SyncError `rejected` with the field.
 */
export function withCustomTexts(
  element: object | undefined,
  write: RemoteWrite,
  recordType: RecordType,
  places: readonly CustomPlace[],
): object | undefined {
  if (write.life !== undefined || isDeletion(write)) return element;
  const texts = writePlaces(places, recordType, write.fields);
  if (texts.length === 0) return element;
  for (const { at, field, text } of texts) {
    checkLength(text, field, placeLengths[recordType]?.[at] ?? 0);
  }
  return { ...(element ?? bareElement(write, recordType)), ...textsByPlace(texts) };
}

/** What must go along in an update that changes nothing of ours. */
function bareElement({ externalId, record }: RemoteWrite, recordType: RecordType): object {
  const id: ExternalId | undefined = externalId;
  if (recordType === "invoice") return { InvoiceID: id, Type: "ACCREC" };
  if (recordType === "product") return { ItemID: id, Code: sentText(record["code"]) };
  return { ContactID: id };
}
