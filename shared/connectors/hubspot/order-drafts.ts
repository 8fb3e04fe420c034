/** One order's write on its way through the steps of `write-orders.ts`, and how a step fails. */
import type { Failure } from "#shared/domain/sync-error.ts";
import type { RemoteWrite } from "#shared/ports/connector.ts";
import { writeFailureOf } from "./errors.ts";
import type { PropertyPatch } from "./mapping.ts";
import type { OrderPlan } from "./plan-orders.ts";
import type { HubspotContext } from "./read-orders.ts";
import type { RemoteObject } from "./schema.ts";

export type OrderContext = HubspotContext & {
  readonly pipelineId: string;
  readonly wonStageId: string;
};

/** One write on its way; each step adds what it learnt. */
export interface OrderDraft {
  readonly write: RemoteWrite;
  readonly plan: OrderPlan | undefined;
  failure: Failure | undefined;
  dealPatch: PropertyPatch;
  deal: RemoteObject | undefined;
  /** The deal was made with all its links. */
  isWhole: boolean;
  /** The line items written, by the index of their line. */
  readonly items: RemoteObject[];
  formerLineIds: readonly string[];
  formerCompanyIds: readonly string[];
}

export type PlannedDraft = OrderDraft & { readonly plan: OrderPlan };
export type WrittenDraft = PlannedDraft & { readonly deal: RemoteObject };

export function planned(drafts: readonly OrderDraft[]): PlannedDraft[] {
  return drafts.filter(
    (draft): draft is PlannedDraft => draft.plan !== undefined && draft.failure === undefined,
  );
}

/** Those of which the deal is there and links may be missing. */
export function incomplete(drafts: readonly OrderDraft[]): WrittenDraft[] {
  return planned(drafts).filter(
    (draft): draft is WrittenDraft => draft.deal !== undefined && !draft.isWhole,
  );
}

/** Runs a step for some drafts together; where it fails, it fails for each of them. */
export async function attempt(
  drafts: readonly PlannedDraft[],
  step: () => Promise<void>,
): Promise<void> {
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
export function afterDeal(failure: Failure, draft: PlannedDraft): Failure {
  if (draft.plan.isLinked || failure.kind === "rejected" || failure.kind === "bug") return failure;
  return { ...failure, kind: "uncertain" };
}

export function ofLine(failure: Failure, index: number): Failure {
  const part = failure.field === undefined ? "" : `.${failure.field}`;
  return { ...failure, field: `lines[${index}]${part}` };
}
