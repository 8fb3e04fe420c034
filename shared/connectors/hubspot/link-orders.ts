/** Links deals with their lines and companies where that was not done as they were made. */
import { readInBatches } from "./batches.ts";
import { batchMax } from "./definition.ts";
import { associationTypes, type CompanyLink, companyTypes } from "./mapping-order.ts";
import {
  afterDeal,
  attempt,
  incomplete,
  type OrderContext,
  type OrderDraft,
  ofLine,
  type WrittenDraft,
} from "./order-drafts.ts";
import { readLinks } from "./related.ts";
import { writeAssociations } from "./rows.ts";

/** A deal this call made has no links yet; one that was there may have some that must go. */
export async function readFormerLinks(
  context: OrderContext,
  drafts: readonly OrderDraft[],
  signal: AbortSignal,
): Promise<void> {
  const former = incomplete(drafts).filter(({ deal }) => deal.new !== true);
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

export async function linkLines(
  context: OrderContext,
  drafts: readonly OrderDraft[],
  signal: AbortSignal,
): Promise<void> {
  const typeIds = [associationTypes.lineItemToDeal];
  const links = incomplete(drafts).flatMap((draft) =>
    draft.items
      .map((item, index) => ({ draft, index, fromId: item.id, toId: draft.deal.id, typeIds }))
      .filter(({ fromId }) => !draft.formerLineIds.includes(fromId)),
  );
  const outcomes = await writeAssociations(context.client, "line_items", "deals", links, signal);
  for (const [at, { draft, index }] of links.entries()) {
    const outcome = outcomes[at];
    if (outcome?.kind !== "failed") continue;
    draft.failure ??= ofLine(afterDeal(outcome.failure, draft), index);
  }
}

export async function linkCompanies(
  context: OrderContext,
  drafts: readonly OrderDraft[],
  signal: AbortSignal,
): Promise<void> {
  const typeIds = companyTypes;
  const links = incomplete(drafts).flatMap((draft) =>
    typeof draft.plan.customerId === "string"
      ? [{ draft, fromId: draft.deal.id, toId: draft.plan.customerId, typeIds }]
      : [],
  );
  const outcomes = await writeAssociations(context.client, "deals", "companies", links, signal);
  for (const [at, { draft }] of links.entries()) {
    const outcome = outcomes[at];
    if (outcome?.kind !== "failed") continue;
    draft.failure ??= { field: "customer", ...afterDeal(outcome.failure, draft) };
  }
}

export async function archiveFormerLinks(
  context: OrderContext,
  drafts: readonly OrderDraft[],
  signal: AbortSignal,
): Promise<void> {
  const losing = incomplete(drafts)
    .map((draft) => ({ draft, lineIds: surplusOf(draft), companyIds: draft.formerCompanyIds }))
    .filter(({ lineIds, companyIds }) => lineIds.length + companyIds.length > 0);
  const lineIds = losing.flatMap((one) => one.lineIds);
  const pairs = losing.flatMap(({ draft, companyIds }) =>
    companyIds.map((toId) => ({ fromId: draft.deal.id, toId })),
  );
  const step = async (): Promise<void> => {
    await readInBatches(lineIds, batchMax.objects, async (batch) => {
      await context.client.archiveObjects("line_items", batch, signal);
      return [];
    });
    await readInBatches(pairs, batchMax.associationsArchive, async (batch) => {
      await context.client.archiveAssociations("deals", "companies", batch, signal);
      return [];
    });
  };
  await attempt(
    losing.map(({ draft }) => draft),
    step,
  );
}

/** Line items that stood in the deal before and are none of its lines now. */
function surplusOf(draft: WrittenDraft): string[] {
  const kept = new Set(draft.items.map((item) => item.id));
  return draft.formerLineIds.filter((id) => !kept.has(id));
}
