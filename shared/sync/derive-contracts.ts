/**
 * What is billed of contracts, orders that are billed again and again:
 *
 * 1. a won contract gives a draft invoice for each period whose day has come;
 * 2. drafts that its terms do not ask for any more are taken back; what was issued stays;
 * 3. the day before the next one is noted, so that the nightly check finds the contract on its day.
 */
import { limits } from "#shared/config/limits.ts";
import { isContract } from "#shared/domain/billing-schedule.ts";
import { addDays, dateOfEpochMs } from "#shared/domain/calendar.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { billedDays, deriveContract, instalmentIdsOf } from "#shared/domain/derive-contract.ts";
import { INVOICES_PER_ORDER_MAX, isWithdrawn } from "#shared/domain/derive-invoice.ts";
import type { CanonicalId } from "#shared/domain/identifiers.ts";
import type { CalendarDate } from "#shared/domain/records.ts";
import { concurrently } from "./concurrently.ts";
import type { DeriveDependencies } from "./dependencies.ts";
import { deriveOnto } from "./derive-onto.ts";
import type { HintSender } from "./hint-sender.ts";
import { parkOrder } from "./park-order.ts";
import { canonicalIdIn } from "./references.ts";
import type { Counted } from "./tally.ts";

/** A contract, or an order that was one: its drafts are to be looked after. */
function hasBillingTerms(order: CrossReference): boolean {
  return isContract(order.fields) || order.sources["billingPeriod"] !== undefined;
}

export async function deriveContracts(
  deps: DeriveDependencies,
  orders: readonly CrossReference[],
  cause: Counted,
  hints: HintSender,
): Promise<void> {
  await concurrently(orders.filter(hasBillingTerms), limits.tableConcurrencyMax, (order) =>
    deriveFromContract(deps, order, { ...cause, runId: cause.runId ?? order.runId }, hints),
  );
}

async function deriveFromContract(
  deps: DeriveDependencies,
  order: CrossReference,
  cause: Counted,
  hints: HintSender,
): Promise<void> {
  const today = dateOfEpochMs(deps.clock());
  const customerId = canonicalIdIn(order.fields["customer"]);
  const ids = customerId === undefined ? [] : [customerId];
  const terms = (await deps.xrefs.load(ids)).get(customerId ?? "")?.fields["paymentTermsDays"];
  const termsDays = typeof terms === "number" ? terms : undefined;
  const known = await loadInvoices(deps, order, today);
  const invoices = [...known.values()];
  const derivation = deriveContract({ order, termsDays, invoices, today });
  if (isContract(order.fields)) {
    await parkOrder(deps, order, derivation.kind === "held" ? derivation : undefined);
  }
  if (derivation.kind === "held") return deps.relations.setDueOn(order.canonicalId, undefined);
  for (const { canonicalId, fields } of derivation.invoices) {
    const xref = known.get(canonicalId);
    const compute = async () => fields;
    await deriveOnto(deps, { canonicalId, recordType: "invoice", xref, compute }, cause, hints);
  }
  // Last: whoever dies before it comes back by what was noted before.
  const { nextOn } = derivation;
  const dayBefore = nextOn === undefined ? undefined : addDays(nextOn, -1);
  await deps.relations.setDueOn(order.canonicalId, dayBefore);
}

/**
 * All invoices of the order: those of the days that have come, and whatever else it was billed by. One
 * that follows a withdrawn one is read only where there is one.
 */
async function loadInvoices(
  deps: Pick<DeriveDependencies, "xrefs" | "relations">,
  order: CrossReference,
  today: CalendarDate,
): Promise<ReadonlyMap<CanonicalId, CrossReference>> {
  const days = billedDays(order.fields, today);
  const turns = days.map((day) => instalmentIdsOf(order.canonicalId, day));
  const documents = await deps.relations.list(order.canonicalId);
  const related = documents.flatMap((one) => (one.kind === "invoice" ? one.canonicalId : []));
  const invoices = new Map(await deps.xrefs.load(related));
  let open = turns;
  for (let turn = 0; turn < INVOICES_PER_ORDER_MAX && open.length > 0; turn += 1) {
    const loaded = await deps.xrefs.load(open.flatMap((ids) => ids[turn] ?? []));
    for (const [id, invoice] of loaded) invoices.set(id, invoice);
    open = open.filter((ids) => {
      const invoice = loaded.get(ids[turn] ?? "");
      return invoice !== undefined && isWithdrawn(invoice);
    });
  }
  return invoices;
}
