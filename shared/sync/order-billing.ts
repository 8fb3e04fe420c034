import { limits } from "#shared/config/limits.ts";
import type { OrderToBill } from "#shared/domain/bill-order.ts";
import { isContract } from "#shared/domain/billing-schedule.ts";
import { dateOfEpochMs } from "#shared/domain/calendar.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { billedDays, instalmentIdsOf } from "#shared/domain/derive-contract.ts";
import { idsInTurn, invoiceIdOf, isSuperseded } from "#shared/domain/derive-invoice.ts";
import type { CanonicalId } from "#shared/domain/identifiers.ts";
import type { CalendarDate } from "#shared/domain/records.ts";
import { concurrently } from "./concurrently.ts";
import type { SyncDependencies } from "./dependencies.ts";
import { canonicalIdIn } from "./references.ts";

type Needs = Pick<SyncDependencies, "xrefs" | "relations" | "clock">;

/** A contract, or an order that was one: what its periods gave is to be looked after. */
export function hasBillingTerms(order: CrossReference): boolean {
  return isContract(order.fields) || order.sources["billingPeriod"] !== undefined;
}

/**
 * What is needed to say what is to be billed of each order: of ordinary ones in two reads where nothing
 * was superseded, of a contract all invoices that it was billed by.
 */
export async function loadOrdersToBill(
  deps: Needs,
  orders: readonly CrossReference[],
): Promise<OrderToBill[]> {
  const customerIds = orders.flatMap(({ fields }) => canonicalIdIn(fields["customer"]) ?? []);
  const invoiceIds = orders.map(({ canonicalId }) => invoiceIdOf(canonicalId));
  const known = await deps.xrefs.load([...customerIds, ...invoiceIds]);
  const today = dateOfEpochMs(deps.clock());
  return concurrently(orders, limits.tableConcurrencyMax, async (order) => ({
    order,
    invoices: await invoicesOf(deps, order, known.get(invoiceIdOf(order.canonicalId)), today),
    customer: known.get(canonicalIdIn(order.fields["customer"]) ?? ""),
    today,
  }));
}

/** `first`: the order's first invoice of its own, where there is one. */
async function invoicesOf(
  { xrefs, relations }: Needs,
  order: CrossReference,
  first: CrossReference | undefined,
  today: CalendarDate,
): Promise<readonly CrossReference[]> {
  const { canonicalId } = order;
  const invoices = new Map(first === undefined ? [] : [[first.canonicalId, first]]);
  const documents = hasBillingTerms(order) ? await relations.list(canonicalId) : [];
  const related = documents.flatMap((one) => (one.kind === "invoice" ? one.canonicalId : []));
  for (const [id, invoice] of await xrefs.load(related)) invoices.set(id, invoice);
  const days = billedDays(order.fields, today);
  const ofPeriods = days.map((day) => instalmentIdsOf(canonicalId, day));
  const own = idsInTurn((count) => invoiceIdOf(canonicalId, count));
  // What follows a superseded one is read only where there is one.
  const isOver = ([id = ""]: readonly CanonicalId[]) => {
    const invoice = invoices.get(id);
    return invoice === undefined || !isSuperseded(order, invoice);
  };
  let open: readonly (readonly CanonicalId[])[] = isOver(own) ? ofPeriods : [...ofPeriods, own];
  while (open.length > 0) {
    const ids = open.flatMap(([id]) => id ?? []);
    const loaded = await xrefs.load(ids.filter((id) => !invoices.has(id)));
    for (const [id, invoice] of loaded) invoices.set(id, invoice);
    open = open.filter((turns) => !isOver(turns)).map((turns) => turns.slice(1));
  }
  return [...invoices.values()];
}
