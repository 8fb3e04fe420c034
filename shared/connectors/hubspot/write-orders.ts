/**
 * Writes orders: line items, then deals, then what links them, each step for all orders together.
 *
 * 1. read the stage of linked deals whose status is owed
 * 2. upsert line items by `<canonicalId>:<index>`: a line refused leaves no deal half made
 * 3. upsert new deals by our id, update linked ones
 * 4. read what the deals that were there before are linked with
 * 5. link lines and companies, then archive line items that are no longer lines
 *
 * Every step may be repeated: a create that broke off is sent again whole and ends the same.
 */
import type { Failure } from "#shared/domain/sync-error.ts";
import type { RemoteWrite, WriteResult } from "#shared/ports/connector.ts";
import { readInBatches } from "./batches.ts";
import { batchMax } from "./definition.ts";
import { writeFailureOf } from "./errors.ts";
import { ID_PROPERTY, LINE_ID_PROPERTY, MODIFIED_PROPERTY } from "./mapping.ts";
import { readLines } from "./mapping-lines.ts";
import {
  associationTypes,
  type CompanyLink,
  currencyOf,
  observeOrder,
  PIPELINE,
  STAGE,
} from "./mapping-order.ts";
import { dealPatchOf, type OrderDraft, type OrderPlan, planOrder } from "./plan-orders.ts";
import { type HubspotContext, statusOf } from "./read-orders.ts";
import { readLinks, readObjectsById } from "./related.ts";
import { type Row, writeAssociations, writeRows } from "./rows.ts";
import type { RemoteObject } from "./schema.ts";
import { observeWritten, planOrFail, resultOf } from "./write-records.ts";
import type { StageBook } from "./pipelines.ts";

export type OrderContext = HubspotContext & {
  readonly pipelineId: string;
  readonly wonStageId: string;
};

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
    const plan = planOrFail(() => planOrder(write));
    const isPlanned = !("failure" in plan);
    return {
      write,
      plan: isPlanned ? plan : undefined,
      failure: isPlanned ? undefined : plan.failure,
      dealPatch: {},
      deal: undefined,
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

type PlannedDraft = OrderDraft & { readonly plan: OrderPlan };
type WrittenDraft = PlannedDraft & { readonly deal: RemoteObject };

function planned(drafts: readonly OrderDraft[]): PlannedDraft[] {
  return drafts.filter(
    (draft): draft is PlannedDraft => draft.plan !== undefined && draft.failure === undefined,
  );
}

function written(drafts: readonly OrderDraft[]): WrittenDraft[] {
  return planned(drafts).filter((draft): draft is WrittenDraft => draft.deal !== undefined);
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

async function writeLineItems(
  context: OrderContext,
  drafts: readonly OrderDraft[],
  signal: AbortSignal,
): Promise<void> {
  const rows = planned(drafts).flatMap((draft) =>
    (draft.plan.lines ?? []).map(({ key, properties }, index) => ({
      draft,
      index,
      row: {
        id: key,
        idProperty: LINE_ID_PROPERTY,
        mark: { property: LINE_ID_PROPERTY, value: key },
        properties,
      },
    })),
  );
  const outcomes = await writeRows(
    context.client,
    "line_items",
    "upsert",
    rows.map(({ row }) => row),
    signal,
  );
  for (const [at, { draft, index }] of rows.entries()) {
    const outcome = outcomes[at];
    if (outcome?.kind === "written") draft.items[index] = outcome.object;
    if (outcome?.kind === "failed") draft.failure ??= ofLine(outcome.failure, index);
  }
}

async function writeDeals(
  context: OrderContext,
  drafts: readonly OrderDraft[],
  signal: AbortSignal,
): Promise<void> {
  const pending = planned(drafts).filter(({ dealPatch }) => !isEmpty(dealPatch));
  for (const action of ["upsert", "update"] as const) {
    const batch = pending.filter(({ plan }) => plan.isLinked === (action === "update"));
    const rows = batch.map(({ write, dealPatch }): Row => {
      if (write.externalId !== undefined) return { id: write.externalId, properties: dealPatch };
      const mark = { property: ID_PROPERTY, value: write.canonicalId };
      return { id: write.canonicalId, idProperty: ID_PROPERTY, mark, properties: dealPatch };
    });
    const outcomes = await writeRows(context.client, "deals", action, rows, signal);
    for (const [at, draft] of batch.entries()) {
      const outcome = outcomes[at];
      if (outcome?.kind === "written") draft.deal = outcome.object;
      if (outcome?.kind === "failed") draft.failure = outcome.failure;
    }
  }
}

/** A deal this call made has no links yet; one that was there may have some that must go. */
async function readFormerLinks(
  context: OrderContext,
  drafts: readonly OrderDraft[],
  signal: AbortSignal,
): Promise<void> {
  const former = written(drafts).filter(({ deal }) => deal.new !== true);
  const withLines = former.filter(({ plan }) => plan.lines !== undefined);
  const withoutCustomer = former.filter(({ plan }) => plan.customerId === null);
  await attempt([...withLines, ...withoutCustomer], async () => {
    const lines = await linksOf(context, "line_items", withLines, signal);
    for (const draft of withLines) draft.formerLineIds = lines.get(draft.deal.id) ?? [];
    const companies = await linksOf(context, "companies", withoutCustomer, signal);
    for (const draft of withoutCustomer)
      draft.formerCompanyIds = companies.get(draft.deal.id) ?? [];
  });
}

async function linksOf(
  context: OrderContext,
  to: "line_items" | "companies",
  drafts: readonly WrittenDraft[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string[]>> {
  const ids = drafts.map((draft) => draft.deal.id);
  const links = await readLinks(context.client, "deals", to, ids, signal);
  return new Map(
    [...links].map(([id, others]) => [id, others.map((link: CompanyLink) => link.id)]),
  );
}

async function linkLines(
  context: OrderContext,
  drafts: readonly OrderDraft[],
  signal: AbortSignal,
): Promise<void> {
  const typeIds = [associationTypes.lineItemToDeal];
  const links = written(drafts).flatMap((draft) =>
    draft.items
      .map((item, index) => ({ draft, index, fromId: item.id, toId: draft.deal.id, typeIds }))
      .filter(({ fromId }) => !draft.formerLineIds.includes(fromId)),
  );
  const failures = await writeAssociations(context.client, "line_items", "deals", links, signal);
  for (const [at, { draft, index }] of links.entries()) {
    const failure = failures[at];
    if (failure !== undefined) draft.failure ??= ofLine(afterDeal(failure, draft), index);
  }
}

async function linkCompanies(
  context: OrderContext,
  drafts: readonly OrderDraft[],
  signal: AbortSignal,
): Promise<void> {
  const typeIds = [associationTypes.dealToPrimaryCompany, associationTypes.dealToCompany];
  const links = written(drafts).flatMap((draft) =>
    typeof draft.plan.customerId === "string"
      ? [{ draft, fromId: draft.deal.id, toId: draft.plan.customerId, typeIds }]
      : [],
  );
  const failures = await writeAssociations(context.client, "deals", "companies", links, signal);
  for (const [at, { draft }] of links.entries()) {
    const failure = failures[at];
    if (failure !== undefined) {
      draft.failure ??= { field: "customer", ...afterDeal(failure, draft) };
    }
  }
}

async function archiveFormerLinks(
  context: OrderContext,
  drafts: readonly OrderDraft[],
  signal: AbortSignal,
): Promise<void> {
  const former = written(drafts);
  const lineIds = former.flatMap((draft) => {
    const kept = new Set(draft.items.map((item) => item.id));
    return draft.formerLineIds.filter((id) => !kept.has(id));
  });
  const pairs = former.flatMap((draft) =>
    draft.formerCompanyIds.map((toId) => ({ fromId: draft.deal.id, toId })),
  );
  const { client } = context;
  const losing = former.filter(
    (draft) => draft.formerLineIds.length > draft.items.length || draft.formerCompanyIds.length > 0,
  );
  await attempt(losing, async () => {
    await readInBatches(lineIds, batchMax.objects, async (batch) => {
      await client.archiveObjects("line_items", batch, signal);
      return [];
    });
    await readInBatches(pairs, batchMax.associationsArchive, async (batch) => {
      await client.archiveAssociations("deals", "companies", batch, signal);
      return [];
    });
  });
}

/** Runs a step for some drafts together; where it fails, it fails for each of them. */
async function attempt(drafts: readonly PlannedDraft[], step: () => Promise<void>): Promise<void> {
  if (drafts.length === 0) return;
  try {
    await step();
  } catch (cause) {
    const failure = writeFailureOf(cause);
    for (const draft of drafts) draft.failure ??= afterDeal(failure, draft);
  }
}

/**
 * A failure once the deal is there: a new deal is looked up and completed, whatever stood in the way,
 * unless HubSpot refuses a part of it for good.
 */
function afterDeal(failure: Failure, draft: PlannedDraft): Failure {
  if (draft.plan.isLinked || failure.kind === "rejected") return failure;
  return { ...failure, kind: "uncertain" };
}

function ofLine(failure: Failure, index: number): Failure {
  const part = failure.field === undefined ? "" : `.${failure.field}`;
  return { ...failure, field: `lines[${index}]${part}` };
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
    return observeOrder(draft.write.fields, deal.properties, {
      status: statusOf(stages, deal.properties),
      currency: plan.currency,
      lines: hasLines ? readLines(draft.items, context.connection, currency) : undefined,
    });
  });
  return resultOf(deal, observed);
}

function isEmpty(patch: Readonly<Record<string, string>>): boolean {
  return Object.keys(patch).length === 0;
}
