/**
 * What is billed of orders, and of contracts, which are billed again and again:
 *
 * 1. a won order's draft invoice, or that of each period of a contract whose day has come, is made and
 *    follows it, and is taken back when it is won no more or does not ask for it any more;
 * 2. what cannot be billed, or only by a correction, is parked with code and fix, and said in the CRM;
 * 3. an approved correction's credit note is made; the invoice after it is the next draft;
 * 4. the day before a contract is billed next is noted, so that the nightly check finds it on its day.
 */
import { limits } from "#shared/config/limits.ts";
import {
  type BilledDocument,
  type Billing,
  billOrder,
  creditNotesOf,
  type OrderToBill,
} from "#shared/domain/bill-order.ts";
import { addDays } from "#shared/domain/calendar.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { owedConnections } from "#shared/domain/owed.ts";
import { concurrently } from "./concurrently.ts";
import type { DeriveDependencies } from "./dependencies.ts";
import { deriveOnto } from "./derive-onto.ts";
import type { HintSender } from "./hint-sender.ts";
import { hasBillingTerms, loadOrdersToBill } from "./order-billing.ts";
import { parkOrder } from "./park-order.ts";
import type { Counted } from "./tally.ts";

export async function deriveBilling(
  deps: DeriveDependencies,
  orders: readonly CrossReference[],
  counted: Counted,
  hints: HintSender,
): Promise<void> {
  const toBill = await loadOrdersToBill(deps, orders);
  await concurrently(toBill, limits.tableConcurrencyMax, async (one) => {
    const { order } = one;
    const cause = { ...counted, runId: counted.runId ?? order.runId };
    const billing = billOrder(one);
    for (const draft of billing.invoices) await deriveInvoiceOf(deps, one, draft, cause, hints);
    await tellPeople(deps, order, billing, cause, hints);
    await makeCreditNotes(deps, one, cause, hints);
    // Last: whoever dies before it comes back by what was noted before.
    if (hasBillingTerms(order)) await noteNextDay(deps, order, billing);
  });
}

function deriveInvoiceOf(
  deps: DeriveDependencies,
  { invoices }: OrderToBill,
  { canonicalId, fields }: BilledDocument,
  cause: Counted,
  hints: HintSender,
): Promise<void> {
  const xref = invoices.find((invoice) => invoice.canonicalId === canonicalId);
  const compute = async () => fields;
  return deriveOnto(deps, { canonicalId, recordType: "invoice", xref, compute }, cause, hints);
}

async function tellPeople(
  deps: DeriveDependencies,
  order: CrossReference,
  { held, disputes: [dispute] }: Billing,
  cause: Counted,
  hints: HintSender,
): Promise<void> {
  await parkOrder(deps, order, held ?? dispute);
  const billingNotice = held === undefined ? (dispute?.notice ?? null) : null;
  if ((order.fields["billingNotice"] ?? null) === billingNotice) return;
  const { canonicalId, recordType } = order;
  const compute = async () => ({ billingNotice });
  await deriveOnto(deps, { canonicalId, recordType, xref: order, compute }, cause, hints);
}

async function noteNextDay(
  { relations }: Pick<DeriveDependencies, "relations">,
  { canonicalId }: CrossReference,
  { nextOn }: Billing,
): Promise<void> {
  await relations.setDueOn(canonicalId, nextOn === undefined ? undefined : addDays(nextOn, -1));
}

/** Made once, as it was approved: what becomes of it then is the books'. */
async function makeCreditNotes(
  deps: DeriveDependencies,
  toBill: OrderToBill,
  cause: Counted,
  hints: HintSender,
): Promise<void> {
  const creditNotes = creditNotesOf(toBill);
  if (creditNotes.length === 0) return;
  const known = await deps.xrefs.load(creditNotes.map(({ canonicalId }) => canonicalId));
  for (const { canonicalId, fields } of creditNotes) {
    const made = known.get(canonicalId);
    if (made === undefined) {
      const compute = async () => fields;
      const derivation = { canonicalId, recordType: "creditNote", xref: made, compute } as const;
      await deriveOnto(deps, derivation, cause, hints);
      // Whoever made it may have died before it hinted.
    } else hints.add(made, owedConnections(made, deps.flows.creditNote), cause);
  }
}
