/** What the API shows: one cross-reference, one customer as both systems know it. */
import {
  type CrossReference,
  type FieldConflict,
  isLinked,
  sideOf,
} from "#shared/domain/cross-reference.ts";
import { derivedBy } from "#shared/domain/flow.ts";
import type { CanonicalId, ExternalRef } from "#shared/domain/identifiers.ts";
import { externalRefKey } from "#shared/domain/identifiers.ts";
import { formatMoney, type Money } from "#shared/domain/money.ts";
import { owedFields } from "#shared/domain/owed.ts";
import {
  type FieldValue,
  isAllocations,
  isLines,
  isMoney,
  isReference,
} from "#shared/domain/records.ts";
import type {
  RelatedCreditNote,
  RelatedInvoice,
  RelatedPayment,
} from "#shared/domain/related-document.ts";
import type { ViewDependencies } from "./dependencies.ts";

export async function findCrossReference(
  deps: ViewDependencies,
  ref: ExternalRef,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const refs = await deps.xrefs.findExternalRefs([ref]);
  const id = refs.get(externalRefKey(ref))?.canonicalId;
  if (id === undefined) return undefined;
  const xref = (await deps.xrefs.load([id])).get(id);
  return xref === undefined ? undefined : viewCrossReference(deps, xref);
}

export async function viewCustomer(
  deps: ViewDependencies,
  canonicalId: CanonicalId,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const xref = (await deps.xrefs.load([canonicalId])).get(canonicalId);
  if (xref === undefined || xref.recordType !== "customer") return undefined;
  const documents = await deps.relations.list(canonicalId);
  return {
    ...viewCrossReference(deps, xref),
    invoices: documents.filter((one) => one.kind === "invoice").map(viewInvoice),
    creditNotes: documents.filter((one) => one.kind === "credit-note").map(viewCreditNote),
    payments: documents.filter((one) => one.kind === "payment").map(viewPayment),
  };
}

/** Fields with who set them and when, and each side's state: no digests, nothing internal. */
function viewCrossReference(
  deps: ViewDependencies,
  xref: CrossReference,
): Readonly<Record<string, unknown>> {
  const flow = deps.flows[xref.recordType];
  const connections = Object.keys(xref.sides).filter((connection) => connection !== derivedBy);
  return {
    canonicalId: xref.canonicalId,
    recordType: xref.recordType,
    createdAt: xref.createdAt,
    changedAt: xref.changedAt,
    fields: Object.fromEntries(
      Object.entries(xref.fields).map(([name, value]) => [
        name,
        { value: viewValue(value), setBy: xref.sources[name]?.by, setAt: xref.sources[name]?.at },
      ]),
    ),
    sides: Object.fromEntries(
      connections.map((connection) => {
        const side = sideOf(xref, connection);
        return [
          connection,
          {
            state: side.state,
            externalId: side.externalId,
            isLinked: isLinked(side),
            remoteVersionAt:
              side.remoteVersion === undefined
                ? undefined
                : new Date(side.remoteVersion).toISOString(),
            owed: owedFields(xref, connection, flow),
            waitsFor: side.waitsFor,
            failure: side.failure,
            conflicts: side.conflicts?.map(viewConflict),
            review: side.review,
          },
        ];
      }),
    ),
  };
}

/** Both values, for whoever decides between them. */
function viewConflict({ field, golden, goldenBy, proposed, proposedBy, at }: FieldConflict) {
  return {
    field,
    golden: viewValue(golden),
    goldenBy,
    proposed: viewValue(proposed),
    proposedBy,
    at,
  };
}

function viewInvoice(invoice: RelatedInvoice) {
  const { canonicalId, number, status, dueOn } = invoice;
  return {
    canonicalId,
    number,
    status,
    dueOn,
    currency: invoice.total.currency,
    total: formatMoney(invoice.total),
    tax: formatMoney(invoice.tax),
    paid: formatMoney(invoice.amountPaid),
    credited: formatMoney(invoice.amountCredited),
    writtenOff: formatMoney(invoice.amountWrittenOff),
    due: formatMoney(invoice.amountDue),
    costOfSales: amountText(invoice.costOfSales),
  };
}

function viewCreditNote(creditNote: RelatedCreditNote) {
  const { canonicalId, number, status } = creditNote;
  return {
    canonicalId,
    number,
    status,
    currency: creditNote.total.currency,
    total: formatMoney(creditNote.total),
    tax: formatMoney(creditNote.tax),
    used: formatMoney(creditNote.amountUsed),
    open: formatMoney(creditNote.amountOpen),
    costOfSales: amountText(creditNote.costOfSales),
  };
}

function viewPayment({ canonicalId, paymentKind, isSettled, paidOn, ...rest }: RelatedPayment) {
  const currency = rest.amount?.currency ?? null;
  const amounts = { amount: amountText(rest.amount), open: amountText(rest.amountOpen) };
  return { canonicalId, kind: paymentKind, isSettled, paidOn, currency, ...amounts };
}

function amountText(amount: Money | null): string | null {
  return amount === null ? null : formatMoney(amount);
}

/** Money as major-unit text with its currency, so that no reader meets a binary float. */
export function viewValue(value: FieldValue | undefined): unknown {
  if (isMoney(value)) return { amount: formatMoney(value), currency: value.currency };
  if (isLines(value)) {
    return value.map((line) => ({
      ...line,
      amount: viewValue(line.amount),
      ...(line.tax === undefined ? {} : { tax: viewValue(line.tax) }),
    }));
  }
  if (isAllocations(value)) {
    return value.map((one) => ({ ...one, amount: viewValue(one.amount) }));
  }
  if (isReference(value)) return value;
  return value ?? null;
}
