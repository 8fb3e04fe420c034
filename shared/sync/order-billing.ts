import type { OrderToBill } from "#shared/domain/bill-order.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import {
  INVOICES_PER_ORDER_MAX,
  invoiceIdOf,
  isSuperseded,
} from "#shared/domain/derive-invoice.ts";
import type { CanonicalId } from "#shared/domain/identifiers.ts";
import type { CrossReferenceStore } from "#shared/ports/mapping-table.ts";
import { canonicalIdIn } from "./references.ts";

type Loads = Pick<CrossReferenceStore, "load">;

/** What is needed to say what is to be billed of each order, in two reads where nothing was superseded. */
export async function loadOrdersToBill(
  store: Loads,
  orders: readonly CrossReference[],
): Promise<OrderToBill[]> {
  const customerIds = orders.flatMap(({ fields }) => canonicalIdIn(fields["customer"]) ?? []);
  const invoiceIds = orders.map(({ canonicalId }) => invoiceIdOf(canonicalId));
  const known = await store.load([...customerIds, ...invoiceIds]);
  return Promise.all(
    orders.map(async (order) => ({
      order,
      invoices: await invoicesOf(store, order, known),
      customer: known.get(canonicalIdIn(order.fields["customer"]) ?? ""),
    })),
  );
}

/** The order's invoices, the oldest first; those after the first are read only where there are any. */
async function invoicesOf(
  store: Loads,
  order: CrossReference,
  known: ReadonlyMap<CanonicalId, CrossReference>,
): Promise<CrossReference[]> {
  const { canonicalId } = order;
  const first = known.get(invoiceIdOf(canonicalId));
  const invoices = first === undefined ? [] : [first];
  for (let last = first; last !== undefined && isSuperseded(order, last); ) {
    if (invoices.length >= INVOICES_PER_ORDER_MAX) break;
    const id = invoiceIdOf(canonicalId, invoices.length);
    last = (await store.load([id])).get(id);
    if (last !== undefined) invoices.push(last);
  }
  return invoices;
}
