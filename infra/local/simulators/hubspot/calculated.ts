/** The properties HubSpot sets by itself when a record is written. Pure. */
import { LIFECYCLE_STAGES } from "./default-properties.ts";
import { formatExact, multiplyExact, parseExact, subtractExact } from "./exact-decimal.ts";
import type { ObjectType } from "./object-types.ts";
import { DEAL_PIPELINE_ID, findStage } from "./pipelines.ts";

export type Properties = Readonly<Record<string, string>>;

const AMOUNT_DIGITS = 2;
const HUNDRED = { units: 100n, scale: 0 };
const HUNDREDTH = { units: 1n, scale: 2 };
const NONE = { units: 0n, scale: 0 };

/** What a line item takes over from the product it is made of, unless it says otherwise. */
const FROM_PRODUCT = [
  "name",
  "description",
  "price",
  "hs_sku",
  "hs_cost_of_goods_sold",
  "hs_recurring_billing_period",
  "hs_recurring_billing_start_date",
  "recurringbillingfrequency",
] as const;

/** The properties a new record starts with beyond those it was given. */
export function defaultsOnCreate(
  type: ObjectType,
  context: { readonly currency: string; readonly product: Properties | undefined },
): Properties {
  switch (type) {
    case "companies":
    case "contacts":
      return { lifecyclestage: "lead" };
    case "deals":
      return { pipeline: DEAL_PIPELINE_ID, deal_currency_code: context.currency };
    case "quotes":
      return { hs_status: "DRAFT", hs_currency: context.currency };
    case "line_items":
      return {
        hs_line_item_currency_code: context.currency,
        ...pick(context.product ?? {}, FROM_PRODUCT),
      };
    case "products":
      return {};
  }
}

/** All properties of a record after a write, with what HubSpot derives from them. */
export function withCalculated(
  type: ObjectType,
  before: Properties,
  after: Properties,
  nowMs: number,
): Properties {
  switch (type) {
    case "deals":
      return withDealState(before, after, nowMs);
    case "quotes":
      return withQuoteStatus(before, after);
    case "line_items":
      return withAmount(after);
    default:
      return after;
  }
}

function withDealState(before: Properties, after: Properties, nowMs: number): Properties {
  const stage = findStage(after["dealstage"]);
  if (stage === undefined) return after;
  const isWon = stage.isClosed && stage.probability === "1.0";
  const closesNow = stage.isClosed && before["hs_is_closed"] !== "true";
  return {
    ...(closesNow ? { closedate: new Date(nowMs).toISOString() } : {}),
    ...after,
    hs_deal_stage_probability: stage.probability,
    hs_is_closed: String(stage.isClosed),
    hs_is_closed_won: String(isWon),
    hs_is_closed_lost: String(stage.isClosed && !isWon),
  };
}

const QUOTE_STATUSES: Readonly<Record<string, string>> = {
  DRAFT: "DRAFT",
  PENDING_APPROVAL: "PENDING_APPROVAL",
  REJECTED: "CHANGES_REQUESTED",
  APPROVAL_NOT_NEEDED: "PUBLISHED",
  APPROVED: "PUBLISHED",
};

/** What the buyer sees of a quote follows from its approval; what a buyer did stays. */
function withQuoteStatus(before: Properties, after: Properties): Properties {
  const approval = after["hs_status"] ?? "DRAFT";
  if (before["hs_status"] === approval) return after;
  return { ...after, hs_quote_status: QUOTE_STATUSES[approval] ?? "DRAFT" };
}

/** Net price: quantity x (price less the percentage less the unit discount), to two decimals. */
function withAmount(after: Properties): Properties {
  const { amount: _former, ...rest } = after;
  const price = parseExact(rest["price"] ?? "");
  const quantity = parseExact(rest["quantity"] ?? "");
  if (price === undefined || quantity === undefined) return rest;
  const percentage = parseExact(rest["hs_discount_percentage"] ?? "") ?? NONE;
  const discount = parseExact(rest["discount"] ?? "") ?? NONE;
  const share = multiplyExact(subtractExact(HUNDRED, percentage), HUNDREDTH);
  const unitPrice = subtractExact(multiplyExact(price, share), discount);
  return { ...rest, amount: formatExact(multiplyExact(quantity, unitPrice), AMOUNT_DIGITS) };
}

/** HubSpot ignores, without an error, a lifecycle stage before the one a record is at. */
export function isLifecycleStepBack(before: string | undefined, next: string): boolean {
  const rank = (stage: string) => LIFECYCLE_STAGES.indexOf(stage);
  return before !== undefined && rank(next) < rank(before);
}

function pick(from: Properties, names: readonly string[]): Properties {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = from[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}
