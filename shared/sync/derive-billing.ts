/**
 * What is billed of orders:
 *
 * 1. a won order's draft invoice is made and follows it, and is taken back when it is won no more;
 * 2. what cannot be billed, or only by a correction, is parked with code and fix, and said in the CRM;
 * 3. an approved correction's credit note is made; the invoice after it is the order's next draft.
 */
import { limits } from "#shared/config/limits.ts";
import {
  type Billing,
  billOrder,
  creditNotesOf,
  type OrderToBill,
} from "#shared/domain/bill-order.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { owedConnections } from "#shared/domain/owed.ts";
import { concurrently } from "./concurrently.ts";
import type { DeriveDependencies } from "./dependencies.ts";
import { deriveOnto } from "./derive-onto.ts";
import type { HintSender } from "./hint-sender.ts";
import { loadOrdersToBill } from "./order-billing.ts";
import { parkOrder } from "./park-order.ts";
import type { Counted } from "./tally.ts";

export async function deriveBilling(
  deps: DeriveDependencies,
  orders: readonly CrossReference[],
  receipt: string,
  hints: HintSender,
): Promise<void> {
  const toBill = await loadOrdersToBill(deps.xrefs, orders);
  await concurrently(toBill, limits.tableConcurrencyMax, async (one) => {
    const cause = { runId: one.order.runId, receipt };
    const billing = billOrder(one);
    if (billing.kind === "invoice") await deriveInvoiceOf(deps, one, billing, cause, hints);
    await tellPeople(deps, one.order, billing, cause, hints);
    await makeCreditNotes(deps, one, cause, hints);
  });
}

function deriveInvoiceOf(
  deps: DeriveDependencies,
  { invoices }: OrderToBill,
  { canonicalId, fields }: Billing & { readonly kind: "invoice" },
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
  billing: Billing,
  cause: Counted,
  hints: HintSender,
): Promise<void> {
  const isHeld = billing.kind === "held" || billing.kind === "disputed";
  await parkOrder(deps, order, isHeld ? billing : undefined);
  const billingNotice = billing.kind === "disputed" ? billing.notice : null;
  if ((order.fields["billingNotice"] ?? null) === billingNotice) return;
  const { canonicalId, recordType } = order;
  const compute = async () => ({ billingNotice });
  await deriveOnto(deps, { canonicalId, recordType, xref: order, compute }, cause, hints);
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
