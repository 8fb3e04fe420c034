/** Puts deals together with their companies and line items into orders, in the fewest calls. */
import type { CustomPlace } from "#shared/domain/custom-field.ts";
import type { ConnectionId, ExternalId } from "#shared/domain/identifiers.ts";
import type { CurrencyCode } from "#shared/domain/money.ts";
import type { OrderStatus } from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { Account } from "./account.ts";
import type { HubspotClient } from "./client.ts";
import { readCustom } from "./custom-places.ts";
import { inField, observedRecordOf, type Properties, readText } from "./mapping.ts";
import { lineProperties, readLines } from "./mapping-lines.ts";
import {
  currencyOf,
  customerOf,
  hasOwnCurrency,
  PIPELINE,
  readOrder,
  STAGE,
} from "./mapping-order.ts";
import type { StageBook } from "./pipelines.ts";
import { type AcceptedQuotes, linesOfQuote, readAcceptedQuotes } from "./read-quotes.ts";
import { collectRecords, type ReadRecords } from "./reading.ts";
import { readLinks, readObjectsById } from "./related.ts";
import type { RemoteObject } from "./schema.ts";

export interface HubspotContext {
  readonly connection: ConnectionId;
  readonly client: HubspotClient;
  readonly account: Account;
  /** The company's custom fields in HubSpot. */
  readonly places: readonly CustomPlace[];
  /** Whether a quote that a buyer accepted wins its deal. */
  readonly acceptedQuotes: "ignored" | "win-deals";
}

export async function readOrders(
  context: HubspotContext,
  deals: readonly RemoteObject[],
  signal: AbortSignal,
): Promise<ReadRecords> {
  const { connection, client } = context;
  const live = deals.filter((deal) => deal.archived !== true);
  const ids = live.map((deal) => deal.id);
  const companies = await readLinks(client, "deals", "companies", ids, signal);
  const lineLinks = await readLinks(client, "deals", "line_items", ids, signal);
  const accepted: AcceptedQuotes =
    context.acceptedQuotes === "win-deals"
      ? await readAcceptedQuotes(client, ids, signal)
      : new Map();
  const lineIdsOf = (dealId: ExternalId): readonly ExternalId[] => {
    const quotes = accepted.get(dealId);
    if (quotes !== undefined) return linesOfQuote(quotes);
    return (lineLinks.get(dealId) ?? []).map((link) => link.id);
  };
  const lineIds = [...lineLinks.values()].flat().map((link) => link.id);
  lineIds.push(...[...accepted.values()].flat(2));
  const items = await readObjectsById(client, "line_items", lineIds, lineProperties, signal);
  const stages = await readStages(context.account, live, signal);
  const home = await readHomeCurrency(context.account, live, signal);

  return collectRecords("order", deals, (deal) => {
    if (deal.archived === true) return observedRecordOf("order", deal, {});
    const currency = requireCurrency(deal.properties, home);
    // An item that is linked and not there was archived between the two calls: the line is gone.
    const ownItems = lineIdsOf(deal.id).flatMap((id) => items.get(id) ?? []);
    const status = requireStatus(stages, deal.properties);
    const fields = readOrder(deal.id, deal.properties, {
      customer: customerOf(companies.get(deal.id) ?? [], connection),
      status: status === "open" && accepted.has(deal.id) ? "won" : status,
      currency,
      lines: readLines(ownItems, connection, currency),
      items: ownItems,
    });
    const custom = readCustom(context.places, "order", deal.properties);
    return observedRecordOf("order", deal, { ...fields, ...custom });
  });
}

/** The status that a deal's stage stands for, or `undefined` where the account has no such stage. */
export function statusOf(stages: StageBook, properties: Properties): OrderStatus | undefined {
  return stages.statusOf(readText(properties[PIPELINE]) ?? "", readText(properties[STAGE]) ?? "");
}

/** Reads the pipelines anew where a deal is in a stage that was made since. */
async function readStages(
  account: Account,
  deals: readonly RemoteObject[],
  signal: AbortSignal,
): Promise<StageBook> {
  const stages = await account.stages.get(signal);
  if (deals.every((deal) => statusOf(stages, deal.properties) !== undefined)) return stages;
  account.stages.forget();
  return account.stages.get(signal);
}

async function readHomeCurrency(
  account: Account,
  deals: readonly RemoteObject[],
  signal: AbortSignal,
): Promise<CurrencyCode | null> {
  if (deals.every((deal) => hasOwnCurrency(deal.properties))) return null;
  return account.currency.get(signal);
}

function requireCurrency(properties: Properties, home: CurrencyCode | null): CurrencyCode {
  const currency = currencyOf(properties, home);
  if (currency !== null) return currency;
  throw new SyncError({ kind: "invalid-input", code: "currency-unreadable", field: "currency" });
}

function requireStatus(stages: StageBook, properties: Properties): OrderStatus {
  return inField("status", () => {
    const status = statusOf(stages, properties);
    if (status !== undefined) return status;
    throw new SyncError({
      kind: "invalid-input",
      code: "stage-unknown",
      fix: "Move the deal to a stage of a pipeline that exists in HubSpot.",
    });
  });
}
