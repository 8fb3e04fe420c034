/** Corrections that wait for a person, worked out anew at each look. */
import { billOrder, type Dispute, type OrderToBill } from "#shared/domain/bill-order.ts";
import { dateOfEpochMs } from "#shared/domain/calendar.ts";
import { type CorrectedAmount, correctionDay, creditNoteIdOf } from "#shared/domain/correction.ts";
import type { CorrectionDecision } from "#shared/domain/cross-reference.ts";
import { disputedCodes } from "#shared/domain/derive-invoice.ts";
import { type CanonicalId, externalRefKey } from "#shared/domain/identifiers.ts";
import { formatMoney } from "#shared/domain/money.ts";
import type { CalendarDate } from "#shared/domain/records.ts";
import type { OperatorDependencies } from "./dependencies.ts";
import { loadOrdersToBill } from "./order-billing.ts";
import { viewValue } from "./view-records.ts";

type Needs = Pick<
  OperatorDependencies,
  "xrefs" | "relations" | "parked" | "ledgers" | "flows" | "clock"
>;
type View = Readonly<Record<string, unknown>>;

/** One page; shorter than asked for where other things are parked between. */
export async function listCorrections(
  deps: Needs,
  limit: number,
  cursor: string | undefined,
): Promise<{ readonly corrections: readonly View[]; readonly cursor?: string }> {
  const { records, ...page } = await deps.parked.list(limit, cursor);
  const refs = records.flatMap(({ connection, recordType, externalId, failure }) =>
    recordType === "order" && externalId !== undefined && disputedCodes.has(failure.code)
      ? [{ connection, recordType, externalId }]
      : [],
  );
  const known = await deps.xrefs.findExternalRefs(refs);
  const ids = refs.flatMap((ref) => known.get(externalRefKey(ref))?.canonicalId ?? []);
  const orders = await deps.xrefs.load(ids);
  const toBill = await loadOrdersToBill(deps, [...orders.values()]);
  return {
    corrections: toBill.flatMap((one) =>
      billOrder(one).disputes.map((dispute) => headOf(one, dispute)),
    ),
    ...page,
  };
}

/**
 * The proposal with its lines, of a contract's several the one with this hash, else the first, and what
 * was decided before. Undefined where nobody knows the order.
 */
export async function viewCorrection(
  deps: Needs,
  orderId: CanonicalId,
  hash?: string,
): Promise<View | undefined> {
  const order = (await deps.xrefs.load([orderId])).get(orderId);
  if (order?.recordType !== "order") return undefined;
  const [toBill] = await loadOrdersToBill(deps, [order]);
  if (toBill === undefined) return undefined;
  const { disputes } = billOrder(toBill);
  const dispute =
    hash === undefined ? disputes[0] : disputes.find(({ name }) => name.hash === hash);
  const decisions = order.corrections?.map(viewDecision) ?? [];
  if (dispute === undefined) return { orderId, order: order.fields["number"], decisions };
  const head = headOf(toBill, dispute);
  const { correction } = dispute;
  if (correction === undefined) return { ...head, decisions };
  return {
    ...head,
    datedOn: await dayOfCorrection(deps),
    takesBack: viewValue(correction.takesBack),
    ...(correction.billsAnew === undefined ? {} : { billsAnew: viewValue(correction.billsAnew) }),
    decisions,
  };
}

/** The day that a correction is dated which is approved now. */
export async function dayOfCorrection(deps: Pick<Needs, "ledgers" | "flows" | "clock">) {
  const today: CalendarDate = dateOfEpochMs(deps.clock());
  const [books = ""] = Object.keys(deps.flows.creditNote.sides);
  return correctionDay(today, await deps.ledgers.get(books));
}

function headOf({ order }: OrderToBill, { code, fix, name, correction }: Dispute): View {
  return {
    orderId: order.canonicalId,
    order: viewValue(order.fields["number"]),
    code,
    fix,
    invoiceId: name.invoiceId,
    hash: name.hash,
    ...(correction === undefined
      ? { isApprovable: false }
      : {
          isApprovable: true,
          invoiceNumber: correction.invoiceNumber,
          number: correction.number,
          amounts: correction.amounts.map(viewAmount),
        }),
  };
}

function viewAmount({ before, after, change }: CorrectedAmount): View {
  const [from, to, difference] = [before, after, change].map(formatMoney);
  return { currency: before.currency, before: from, after: to, change: difference };
}

function viewDecision(decision: CorrectionDecision): View {
  const isApproved = decision.decision === "approved";
  return isApproved ? { ...decision, creditNoteId: creditNoteIdOf(decision) } : { ...decision };
}
