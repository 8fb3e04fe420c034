/**
 * A person approves or dismisses a correction. The decision is for the proposal that was looked at: by
 * its hash another one is told apart, and asks anew. It is saved on the order, whose change in the
 * stream makes the credit note and the next invoice, or takes the notice back. May be repeated.
 */
import { billOrder, type OrderToBill } from "#shared/domain/bill-order.ts";
import { creditNoteIdOf, decideCorrection as decide } from "#shared/domain/correction.ts";
import type { CorrectionDecision, CrossReference } from "#shared/domain/cross-reference.ts";
import type { CanonicalId } from "#shared/domain/identifiers.ts";
import type { OperatorDependencies } from "./dependencies.ts";
import { nowText } from "./now-text.ts";
import { type Refusal, recordUnknown } from "./operator-outcome.ts";
import { loadOrdersToBill } from "./order-billing.ts";
import { saveDecidedOf } from "./save-decided.ts";
import { dayOfCorrection } from "./view-corrections.ts";

export interface CorrectionChoice {
  readonly orderId: CanonicalId;
  /** Of the proposal that was looked at. */
  readonly hash: string;
  readonly decision: CorrectionDecision["decision"];
  readonly by: string;
}

export type CorrectionChoiceOutcome =
  | {
      readonly kind: "approved" | "dismissed";
      readonly orderId: CanonicalId;
      readonly creditNoteId?: CanonicalId | undefined;
      readonly datedOn?: string | undefined;
    }
  | Refusal;

export async function decideCorrection(
  deps: Pick<OperatorDependencies, "xrefs" | "relations" | "ledgers" | "flows" | "clock">,
  choice: CorrectionChoice,
): Promise<CorrectionChoiceOutcome> {
  const { orderId, decision, by } = choice;
  const order = (await deps.xrefs.load([orderId])).get(orderId);
  if (order?.recordType !== "order") return recordUnknown;
  const [toBill] = await loadOrdersToBill(deps, [order]);
  if (toBill === undefined) return recordUnknown;
  const at = nowText(deps);
  const datedOn = decision === "approved" ? await dayOfCorrection(deps) : undefined;
  let refusal: Refusal = nothingToCorrect;
  const decided = await saveDecidedOf(deps, order, (current) => {
    if (madeBefore(current, choice) !== undefined) return undefined;
    const judged = judge({ ...toBill, order: current }, choice);
    if (judged.kind === "refused") {
      refusal = judged;
      return undefined;
    }
    return decide(current, judged.name, { decision, by, at, datedOn });
  });
  const made = decided === undefined ? undefined : madeBefore(decided.xref, choice);
  if (made === undefined) return refusal;
  if (decision === "dismissed") return { kind: decision, orderId };
  return { kind: decision, orderId, creditNoteId: creditNoteIdOf(made), datedOn: made.datedOn };
}

function madeBefore(
  { corrections = [] }: CrossReference,
  { hash, decision }: CorrectionChoice,
): CorrectionDecision | undefined {
  return corrections.find((one) => one.hash === hash && one.decision === decision);
}

/** Whether what is proposed now is what was looked at, and can be decided so. */
function judge(toBill: OrderToBill, { hash, decision }: CorrectionChoice) {
  const { disputes } = billOrder(toBill);
  if (disputes.length === 0) return nothingToCorrect;
  const dispute = disputes.find(({ name }) => name.hash === hash);
  if (dispute === undefined) return correctionChanged;
  const { name, correction } = dispute;
  if (decision === "approved" && correction === undefined) return nothingToCorrect;
  return { kind: "found", name } as const;
}

const nothingToCorrect: Refusal = {
  kind: "refused",
  status: 409,
  code: "nothing-to-correct",
  fix: "No correction is proposed for this order: look at it under /corrections/<canonical id>.",
};

const correctionChanged: Refusal = {
  kind: "refused",
  status: 409,
  code: "correction-changed",
  fix: "The order or its invoice changed meanwhile: look at the correction again, then decide.",
};
