/** Writes the line items of orders, each under a key that is the same at every try. */
import { LINE_ID_PROPERTY } from "./mapping.ts";
import { hasTerms } from "./mapping-billing.ts";
import { type OrderContext, type OrderDraft, ofLine, planned } from "./order-drafts.ts";
import { type Row, type RowOutcome, writeRows } from "./rows.ts";

interface LineRow {
  readonly draft: OrderDraft;
  readonly index: number;
  readonly row: Row;
}

/**
 * Never throws for an answer of HubSpot. A new line item may take what it is sent blank from its
 * product; where that makes it a recurring one, it is sent once more, as what it is: one that is there.
 */
export async function writeLineItems(
  context: OrderContext,
  drafts: readonly OrderDraft[],
  signal: AbortSignal,
): Promise<void> {
  const rows = planned(drafts).flatMap((draft) =>
    (draft.plan.lines ?? []).map(({ key, properties }, index): LineRow => {
      const mark = { property: LINE_ID_PROPERTY, value: key };
      return { draft, index, row: { id: key, idProperty: LINE_ID_PROPERTY, mark, properties } };
    }),
  );
  const outcomes = await upsert(context, rows, signal);
  const isRecurring = (outcome: RowOutcome | undefined): boolean =>
    outcome?.kind === "written" && hasTerms(outcome.object.properties);
  await upsert(
    context,
    rows.filter((_, at) => isRecurring(outcomes[at])),
    signal,
  );
}

async function upsert(
  context: OrderContext,
  rows: readonly LineRow[],
  signal: AbortSignal,
): Promise<RowOutcome[]> {
  const sent = rows.map(({ row }) => row);
  const outcomes = await writeRows(context.client, "line_items", "upsert", sent, signal);
  for (const [at, { draft, index }] of rows.entries()) {
    const outcome = outcomes[at];
    if (outcome?.kind === "written") draft.items[index] = outcome.object;
    if (outcome?.kind === "failed") draft.failure ??= ofLine(outcome.failure, index);
  }
  return outcomes;
}
