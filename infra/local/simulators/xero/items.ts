/**
 * The rules of items (products and services). Only untracked items are simulated: a write that would
 * make a tracked one is refused.
 */
import { MONEY_SCALE, rounded, textOf, UNIT_SCALE } from "./decimal.ts";
import {
  type Element,
  sentDecimal,
  sentElement,
  sentFlag,
  sentText,
  sentTexts,
} from "./element.ts";
import type { Wire } from "./envelope.ts";
import { exact } from "./exact-json.ts";
import { accountByCode, type Books, type Saved, type WriteMode } from "./organisation.ts";
import type { ItemDetails, ItemRecord } from "./records.ts";
import { foldCase } from "./store.ts";
import { taxRateOf } from "./tax-rates.ts";
import type { Fields } from "./where.ts";
import { wireInstant } from "./wire-dates.ts";

const ITEM_TEXTS = { Code: 30, Name: 50, Description: 4000, PurchaseDescription: 4000 } as const;
const EMPTY_DETAILS: ItemDetails = { AccountCode: "", TaxType: "" };

/** Unit prices carry 2 decimals, or 4 where the caller asked for `unitdp=4`. */
export type UnitDecimals = 2 | 4;

/** Makes or changes an item. Throws MalformedElementError. */
export function saveItem(
  books: Books,
  element: Element,
  mode: WriteMode<ItemRecord>,
  unitDecimals: UnitDecimals,
): Saved<ItemRecord> {
  const { store } = books;
  const messages: string[] = [];
  const former = formerItem(books, element, mode);
  if (former === "unknown") return { kind: "refused", messages: ["The item could not be found"] };
  const texts = sentTexts(element, ITEM_TEXTS, messages);
  const record: ItemRecord = books.textHabits.keptAll("items", {
    ItemID: former?.ItemID ?? store.nextGuid(),
    Code: texts.Code ?? former?.Code ?? "",
    Name: texts.Name ?? former?.Name ?? "",
    Description: texts.Description ?? former?.Description ?? "",
    PurchaseDescription: texts.PurchaseDescription ?? former?.PurchaseDescription ?? "",
    IsSold: sentFlag(element, "IsSold") ?? former?.IsSold ?? true,
    IsPurchased: sentFlag(element, "IsPurchased") ?? former?.IsPurchased ?? true,
    SalesDetails: readDetails(books, element, "SalesDetails", former, unitDecimals, messages),
    PurchaseDetails: readDetails(books, element, "PurchaseDetails", former, unitDecimals, messages),
    UpdatedDateUTC: store.now,
  });
  if (record.Code === "") messages.push("Item code must be specified.");
  const holder = findItemByCode(books, record.Code);
  if (holder !== undefined && holder.ItemID !== record.ItemID) {
    messages.push(`Price List Item with Code '${record.Code}' already exists`);
  }
  if ((sentText(element, "InventoryAssetAccountCode") ?? "") !== "") {
    messages.push("Tracked inventory is not available to this organisation.");
  }
  if (messages.length > 0) {
    return { kind: "refused", messages, ...(former === undefined ? {} : { former }) };
  }
  store.items.put(record);
  return { kind: "saved", record };
}

export function findItem(books: Books, idOrCode: string): ItemRecord | undefined {
  return books.store.items.get(idOrCode) ?? findItemByCode(books, idOrCode);
}

export function findItemByCode(books: Books, code: string): ItemRecord | undefined {
  return books.store.items.by("code", foldCase(code))[0];
}

/** Deletes an item that no standing document uses; answers why not where it is used. */
export function removeItem(books: Books, item: ItemRecord): string | undefined {
  if (isItemUsed(books, item)) return "Item cannot be deleted because it is used on a transaction";
  books.store.transaction(() => {
    books.store.items.remove(item.ItemID);
    return true;
  });
  return undefined;
}

/** Whether a document that still stands has a line of the item. */
function isItemUsed(books: Books, item: ItemRecord): boolean {
  return books.store.invoices
    .all()
    .some(
      (invoice) =>
        invoice.Status !== "DELETED" &&
        invoice.LineItems.some((line) => foldCase(line.ItemCode) === foldCase(item.Code)),
    );
}

export function itemView(item: ItemRecord, unitDecimals: UnitDecimals): Wire {
  return {
    ItemID: item.ItemID,
    Code: item.Code,
    ...(item.Name === "" ? {} : { Name: item.Name }),
    ...(item.Description === "" ? {} : { Description: item.Description }),
    ...(item.PurchaseDescription === "" ? {} : { PurchaseDescription: item.PurchaseDescription }),
    UpdatedDateUTC: wireInstant(item.UpdatedDateUTC),
    PurchaseDetails: detailsView(item.PurchaseDetails, unitDecimals),
    SalesDetails: detailsView(item.SalesDetails, unitDecimals),
    IsTrackedAsInventory: false,
    IsSold: item.IsSold,
    IsPurchased: item.IsPurchased,
  };
}

export const ITEM_FIELDS: Fields<ItemRecord> = {
  ItemID: (item) => ({ guid: item.ItemID }),
  Code: (item) => item.Code,
  Name: (item) => item.Name,
  Description: (item) => item.Description,
  IsSold: (item) => item.IsSold,
  IsPurchased: (item) => item.IsPurchased,
  "SalesDetails.UnitPrice": (item) =>
    item.SalesDetails.UnitPrice === undefined ? null : { number: item.SalesDetails.UnitPrice },
  UpdatedDateUTC: (item) => ({ epochMs: item.UpdatedDateUTC }),
};

function formerItem(
  books: Books,
  element: Element,
  mode: WriteMode<ItemRecord>,
): ItemRecord | "unknown" | undefined {
  if (mode.kind === "update") return mode.former;
  if (mode.kind === "create") return undefined;
  const id = sentText(element, "ItemID");
  if (id !== undefined && id !== "") return books.store.items.get(id) ?? "unknown";
  return findItemByCode(books, sentText(element, "Code") ?? "");
}

function readDetails(
  books: Books,
  element: Element,
  field: "SalesDetails" | "PurchaseDetails",
  former: ItemRecord | undefined,
  unitDecimals: UnitDecimals,
  messages: string[],
): ItemDetails {
  const base = former?.[field] ?? EMPTY_DETAILS;
  const sent = sentElement(element, field);
  if (sent === undefined) return base;
  const unitPrice = sentDecimal(sent, "UnitPrice", unitDecimals);
  const accountCode = sentText(sent, "AccountCode") ?? base.AccountCode;
  const taxType = sentText(sent, "TaxType") ?? base.TaxType;
  if (accountCode !== "" && accountByCode(books.organisation, accountCode) === undefined) {
    messages.push(`Account code '${accountCode}' is not a valid code for this item.`);
  }
  if (taxType !== "" && taxRateOf(books.organisation, taxType) === undefined) {
    messages.push(`The TaxType code '${taxType}' does not exist.`);
  }
  return {
    ...base,
    ...(unitPrice === undefined
      ? {}
      : { UnitPrice: rounded(textOf(unitPrice, unitDecimals), UNIT_SCALE) }),
    AccountCode: accountCode,
    TaxType: taxType,
  };
}

function detailsView(details: ItemDetails, unitDecimals: UnitDecimals): Wire {
  return {
    ...(details.UnitPrice === undefined
      ? {}
      : { UnitPrice: exact(rounded(details.UnitPrice, unitDecimals)) }),
    ...(details.AccountCode === "" ? {} : { AccountCode: details.AccountCode }),
    ...(details.TaxType === "" ? {} : { TaxType: details.TaxType }),
  };
}

export const UNIT_DECIMALS_DEFAULT: UnitDecimals = MONEY_SCALE;
