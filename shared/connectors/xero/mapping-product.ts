/** Products and Xero's items, both ways. */
import type { ObservedRecord } from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { RemoteWrite } from "#shared/ports/connector.ts";
import { checkFilled, checkLength, checkNotCleared, lengthMax } from "./refusals.ts";
import { itemSchema } from "./schema.ts";
import {
  type Completeness,
  decimalOf,
  exactNumber,
  fractionDigitsOf,
  instantOf,
  sentText,
  textOf,
} from "./wire.ts";

/** With `unitdp=4`; without it Xero rounds unit prices to two digits. */
const UNIT_PRICE_DIGITS_MAX = 4;

/** Throws SyncError `invalid-input` on an item that breaks its own shape, ZodError on another shape. */
export function toProduct(element: unknown, completeness: Completeness): ObservedRecord {
  const raw = itemSchema.parse(element);
  const unitPrice = decimalOf(raw.SalesDetails?.UnitPrice, "SalesDetails.UnitPrice");
  return {
    recordType: "product",
    externalId: raw.ItemID,
    version: instantOf(raw.UpdatedDateUTC, "UpdatedDateUTC"),
    life: "live",
    fields: {
      code: textOf(raw.Code, completeness),
      name: textOf(raw.Name, completeness),
      description: textOf(raw.Description, completeness),
      unitPrice: unitPrice ?? (completeness === "whole" ? null : undefined),
    },
  };
}

/** The item as it is sent; `undefined` where nothing that Xero holds is owed. */
export function fromProduct(write: RemoteWrite, salesAccountCode: string) {
  const { fields, record, externalId } = write;
  const code = fields["code"] ?? record["code"];
  checkFilled(fields["code"] === null ? null : code, "code");
  checkLength(code, "code", lengthMax.itemCode);
  checkLength(fields["name"], "name", lengthMax.itemName);
  checkLength(fields["description"], "description", lengthMax.itemDescription);
  if (externalId !== undefined) checkNotCleared(fields["unitPrice"], "unitPrice");
  const isNew = externalId === undefined;
  const price =
    typeof fields["unitPrice"] === "string"
      ? { UnitPrice: unitPriceFrom(fields["unitPrice"], "unitPrice") }
      : {};
  const sales = { ...price, ...(isNew ? { AccountCode: salesAccountCode } : {}) };
  const changes = {
    ...(fields["code"] === undefined ? {} : { Code: sentText(code) }),
    ...(fields["name"] === undefined ? {} : { Name: sentText(fields["name"]) }),
    ...(fields["description"] === undefined
      ? {}
      : { Description: sentText(fields["description"]) }),
    ...(Object.keys(sales).length === 0 ? {} : { SalesDetails: sales }),
  };
  if (Object.keys(changes).length === 0) return undefined;
  // Code is Xero's own key of an item, asked for in every write.
  return { ...(isNew ? {} : { ItemID: externalId }), Code: sentText(code), ...changes };
}

/** Throws SyncError `rejected` (`unit-price-too-precise`): a rounded price gives another amount. */
export function unitPriceFrom(text: string, field: string): object {
  if (fractionDigitsOf(text) <= UNIT_PRICE_DIGITS_MAX) return exactNumber(text);
  throw new SyncError({
    kind: "rejected",
    code: "unit-price-too-precise",
    field,
    fix: `Round the price: Xero holds ${UNIT_PRICE_DIGITS_MAX} digits behind the point.`,
  });
}
