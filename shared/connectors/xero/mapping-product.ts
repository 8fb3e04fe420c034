/** Products and Xero's items, both ways. */
import type { Fields, ObservedRecord } from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { RemoteWrite } from "#shared/ports/connector.ts";
import type { Books } from "./books.ts";
import {
  checkFilled,
  checkLength,
  checkNotCleared,
  lengthMax,
  lifeNotWritable,
} from "./refusals.ts";
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
export const UNIT_PRICE_DIGITS_MAX = 4;

const ownFields = ["code", "name", "description", "unitPrice", "unitCost"] as const;

/** Throws SyncError `invalid-input` on an item that breaks its own shape, ZodError on another shape. */
export function toProduct(element: unknown, completeness: Completeness): ObservedRecord {
  const raw = itemSchema.parse(element);
  const unitPrice = decimalOf(raw.SalesDetails?.UnitPrice, "SalesDetails.UnitPrice");
  const unitCost = decimalOf(raw.PurchaseDetails?.UnitPrice, "PurchaseDetails.UnitPrice");
  const blank = completeness === "whole" ? null : undefined;
  return {
    recordType: "product",
    externalId: raw.ItemID,
    version: instantOf(raw.UpdatedDateUTC, "UpdatedDateUTC"),
    life: "live",
    fields: {
      code: textOf(raw.Code, completeness),
      name: textOf(raw.Name, completeness),
      description: textOf(raw.Description, completeness),
      unitPrice: unitPrice ?? blank,
      unitCost: unitCost ?? blank,
    },
  };
}

/**
 * The item as it is sent; `undefined` where nothing that Xero holds is owed. Code goes along in every
 * write: it is Xero's own key of an item.
 */
export function fromProduct(write: RemoteWrite, { salesAccountCode }: Books) {
  const { fields, record, externalId } = write;
  if (write.life !== undefined) throw new SyncError(lifeNotWritable);
  const isNew = externalId === undefined;
  if (!isNew && ownFields.every((field) => fields[field] === undefined)) return undefined;
  const code = fields["code"] === undefined ? record["code"] : fields["code"];
  checkFilled(code, "code");
  checkLength(code, "code", lengthMax.itemCode);
  checkLength(fields["name"], "name", lengthMax.itemName);
  checkLength(fields["description"], "description", lengthMax.itemDescription);
  if (!isNew) {
    for (const field of ["unitPrice", "unitCost"]) checkNotCleared(fields[field], field);
  }
  const sales = {
    ...priceFrom(fields, "unitPrice"),
    ...(isNew ? { AccountCode: salesAccountCode } : {}),
  };
  const purchase = priceFrom(fields, "unitCost");
  return {
    ...(isNew ? {} : { ItemID: externalId }),
    Code: sentText(code),
    ...(fields["name"] === undefined ? {} : { Name: sentText(fields["name"]) }),
    ...(fields["description"] === undefined
      ? {}
      : { Description: sentText(fields["description"]) }),
    ...(Object.keys(sales).length === 0 ? {} : { SalesDetails: sales }),
    ...(Object.keys(purchase).length === 0 ? {} : { PurchaseDetails: purchase }),
  };
}

function priceFrom(fields: Fields, field: "unitPrice" | "unitCost"): object {
  const price = fields[field];
  return typeof price === "string" ? { UnitPrice: unitPriceFrom(price, field) } : {};
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
