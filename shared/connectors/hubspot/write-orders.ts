/**
 * Writes orders: line items, then deals, then what links them, each step for all orders together.
 *
 * 1. read the stage of linked deals whose status is owed
 * 2. upsert line items by `<canonicalId>:<index>`
 * 3. create new deals with all their links at once, so that nobody ever reads a deal without its
 *    lines; where one is there already, a former try made it, and it is completed by an upsert
 * 4. update linked deals
 * 5. read what the deals that were there before are linked with, link what is missing, and archive
 *    line items that are no longer lines
 *
 * Every step may be repeated: a create that broke off is sent again whole and ends the same.
 */
import type { Failure } from "#shared/domain/sync-error.ts";
import type { RemoteWrite, WriteResult } from "#shared/ports/connector.ts";
import { readInBatches } from "./batches.ts";
import type { InlineAssociation, WriteAction } from "./client.ts";
import { readCustom } from "./custom-places.ts";
import { batchMax } from "./definition.ts";
import { archiveFormerLinks, linkCompanies, linkLines, readFormerLinks } from "./link-orders.ts";
import { ID_PROPERTY, MODIFIED_PROPERTY, registeredIdOf } from "./mapping.ts";
import { readLines } from "./mapping-lines.ts";
import {
  associationTypes,
  companyTypes,
  currencyOf,
  observeOrder,
  PIPELINE,
  STAGE,
} from "./mapping-order.ts";
import {
  attempt,
  type OrderContext,
  type OrderDraft,
  type PlannedDraft,
  planned,
} from "./order-drafts.ts";
import type { StageBook } from "./pipelines.ts";
import { dealPatchOf, planOrder } from "./plan-orders.ts";
import { statusOf } from "./read-orders.ts";
import { readObjectsById } from "./related.ts";
import { type Row, writeRows } from "./rows.ts";
import { writeLineItems } from "./write-lines.ts";
import { observeWritten, planOrFail, resultOf } from "./write-records.ts";

/** A deal with more lines than this is made first and linked after: the limit of inline links is not told. */
const INLINE_LINES_MAX = 100;

/**
 * Never throws once a line or deal was sent; before that, throws SyncError of the failed read, and
 * nothing was written.
 */
export async function writeOrders(
  context: OrderContext,
  writes: readonly RemoteWrite[],
  signal: AbortSignal,
): Promise<WriteResult[]> {
  const stages = await context.account.stages.get(signal);
  const drafts = writes.map((write): OrderDraft => {
    const plan = planOrFail(() => planOrder(write, context.places));
    const isPlanned = !("failure" in plan);
    return {
      write,
      plan: isPlanned ? plan : undefined,
      failure: isPlanned ? undefined : plan.failure,
      dealPatch: {},
      deal: undefined,
      isWhole: false,
      items: [],
      formerLineIds: [],
      formerCompanyIds: [],
    };
  });
  await readLinkedDeals(context, drafts, signal);
  for (const draft of drafts) chooseStage(context, stages, draft);
  await writeLineItems(context, drafts, signal);
  await writeDeals(context, drafts, signal);
  await readFormerLinks(context, drafts, signal);
  await linkLines(context, drafts, signal);
  await linkCompanies(context, drafts, signal);
  await archiveFormerLinks(context, drafts, signal);
  return drafts.map((draft) => settle(context, stages, draft));
}

/** Linked deals of which the stage must be known, or of which nothing itself is to be written. */
async function readLinkedDeals(
  context: OrderContext,
  drafts: readonly OrderDraft[],
  signal: AbortSignal,
): Promise<void> {
  const wanted = planned(drafts).filter(
    ({ plan }) => plan.isLinked && (plan.status !== undefined || isEmpty(plan.patch)),
  );
  const ids = [...new Set(wanted.map((draft) => draft.write.externalId ?? ""))];
  const properties = [PIPELINE, STAGE, MODIFIED_PROPERTY];
  const deals = await readObjectsById(context.client, "deals", ids, properties, signal);
  for (const draft of wanted) {
    draft.deal = deals.get(draft.write.externalId ?? "");
    if (draft.deal === undefined) draft.failure = recordGone;
  }
}

const recordGone: Failure = {
  kind: "rejected",
  code: "record-gone",
  fix: "The record was deleted in HubSpot: restore it there, or unlink it.",
};

function chooseStage(context: OrderContext, stages: StageBook, draft: OrderDraft): void {
  if (draft.plan === undefined || draft.failure !== undefined) return;
  const { plan } = draft;
  const patch = planOrFail(() => dealPatchOf(plan, draft.deal?.properties, stages, context));
  if ("failure" in patch) draft.failure = patch.failure;
  else draft.dealPatch = patch.properties;
}

async function writeDeals(
  context: OrderContext,
  drafts: readonly OrderDraft[],
  signal: AbortSignal,
): Promise<void> {
  const pending = planned(drafts).filter(({ dealPatch }) => !isEmpty(dealPatch));
  const fresh = pending.filter(({ plan }) => !plan.isLinked);
  const linked = pending.filter(({ plan }) => plan.isLinked);
  const small = fresh.filter(({ items }) => items.length <= INLINE_LINES_MAX);
  await writeDealRows(context, "create", small, signal);
  for (const draft of small) draft.isWhole = draft.deal !== undefined;
  const taken = await takeBackRegistered(context, small, signal);
  const large = fresh.filter((draft) => !small.includes(draft));
  await writeDealRows(context, "upsert", [...taken, ...large], signal);
  await writeDealRows(context, "update", linked, signal);
}

/**
 * Clears the refusal of those deals that are there already, and answers them. It asks, and does not
 * go by the refusal: our id being taken need not be the first thing HubSpot finds wrong.
 */
async function takeBackRegistered(
  context: OrderContext,
  drafts: readonly PlannedDraft[],
  signal: AbortSignal,
): Promise<PlannedDraft[]> {
  const refused = drafts.filter(({ failure }) => failure?.kind === "rejected");
  const reasons = new Map(refused.map((draft) => [draft, draft.failure]));
  const known = new Set<string>();
  for (const draft of refused) draft.failure = undefined;
  await attempt(refused, async () => {
    const ids = refused.map((draft) => draft.write.canonicalId);
    const deals = await readInBatches(ids, batchMax.objects, (batch) => {
      const selection = { ids: batch, properties: [ID_PROPERTY], idProperty: ID_PROPERTY };
      return context.client.readObjects("deals", selection, signal);
    });
    for (const deal of deals) known.add(registeredIdOf(deal) ?? "");
  });
  for (const draft of refused) {
    if (!known.has(draft.write.canonicalId)) draft.failure ??= reasons.get(draft);
  }
  return refused.filter(({ failure }) => failure === undefined);
}

async function writeDealRows(
  context: OrderContext,
  action: WriteAction,
  drafts: readonly PlannedDraft[],
  signal: AbortSignal,
): Promise<void> {
  const rows = drafts.map((draft) => dealRowOf(action, draft));
  const outcomes = await writeRows(context.client, "deals", action, rows, signal);
  for (const [at, draft] of drafts.entries()) {
    const outcome = outcomes[at];
    if (outcome?.kind === "written") draft.deal = outcome.object;
    if (outcome?.kind === "failed") draft.failure = outcome.failure;
  }
}

function dealRowOf(action: WriteAction, draft: PlannedDraft): Row {
  const { write, dealPatch: properties } = draft;
  const mark = { property: ID_PROPERTY, value: write.canonicalId };
  switch (action) {
    case "update":
      return { id: write.externalId, properties };
    case "upsert":
      return { id: write.canonicalId, idProperty: ID_PROPERTY, mark, properties };
    case "create":
      return {
        mark,
        properties: { ...properties, [ID_PROPERTY]: write.canonicalId },
        associations: linksOfNewDeal(draft),
      };
  }
}

function linksOfNewDeal({ plan, items }: PlannedDraft): InlineAssociation[] {
  const lines = items.map(({ id }) => ({ toId: id, typeIds: [associationTypes.dealToLineItem] }));
  if (typeof plan.customerId !== "string") return lines;
  return [...lines, { toId: plan.customerId, typeIds: companyTypes }];
}

function settle(context: OrderContext, stages: StageBook, draft: OrderDraft): WriteResult {
  if (draft.failure !== undefined) return { kind: "failed", failure: draft.failure };
  const { plan, deal } = draft;
  if (plan === undefined || deal === undefined) {
    return { kind: "failed", failure: { kind: "bug", code: "outcome-missing" } };
  }
  const observed = observeWritten(draft.write.fields, () => {
    const currency = currencyOf(deal.properties, plan.currency);
    const hasLines = plan.lines !== undefined && currency !== null;
    const seen = observeOrder(draft.write, deal.properties, {
      status: statusOf(stages, deal.properties),
      currency: plan.currency,
      lines: hasLines ? readLines(draft.items, context.connection, currency) : undefined,
      items: draft.items,
    });
    return { ...seen, ...readCustom(context.places, "order", deal.properties) };
  });
  return resultOf(deal, observed);
}

function isEmpty(patch: Readonly<Record<string, string>>): boolean {
  return Object.keys(patch).length === 0;
}
