/** A contract and its issued invoices, for tests of the domain. */
import { billOrder } from "#shared/domain/bill-order.ts";
import { type CrossReference, newCrossReference } from "#shared/domain/cross-reference.ts";
import { digestField } from "#shared/domain/fingerprint.ts";
import type { CanonicalId } from "#shared/domain/identifiers.ts";
import { formatMoney, money, sum } from "#shared/domain/money.ts";
import { type DocumentLine, type Fields, isLines } from "#shared/domain/records.ts";

const orderId = "order-000000000000000000000001";
const at = "2026-01-05T10:00:00.000Z";

export function lineOver(minor: bigint, currency = "EUR"): DocumentLine {
  const amount = money(minor, currency);
  return {
    product: null,
    productCode: "S-1",
    description: "Support",
    quantity: "1",
    unitPrice: formatMoney(amount),
    discountRate: "0",
    amount,
  };
}

/** Monthly from 15 January, without an end. */
export function aContract(fields: Fields = {}): CrossReference {
  return {
    ...newCrossReference(orderId, "order", at),
    fields: {
      number: "SO-17",
      status: "won",
      customer: { canonicalId: "customer-000000000000000000000001" },
      orderedOn: "2026-01-05",
      currency: "EUR",
      taxTreatment: "exclusive",
      lines: [lineOver(9_000n)],
      billingPeriod: "monthly",
      billingStartsOn: "2026-01-15",
      ...fields,
    },
  };
}

/** As it was derived, and then given this status in the books. */
export function derivedInvoice(
  canonicalId: CanonicalId,
  fields: Fields,
  status = "issued",
): CrossReference {
  const observed = Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [field, digestField(value ?? null)]),
  );
  const lines = isLines(fields["lines"]) ? fields["lines"] : [];
  const amounts = lines.map(({ amount }) => amount);
  const total = sum(amounts, amounts[0]?.currency ?? "EUR");
  return {
    ...newCrossReference(canonicalId, "invoice", at),
    fields: { ...fields, status, number: `INV-${String(fields["issuedOn"])}`, total },
    sides: { tieout: { state: "linked", observed, sent: observed } },
  };
}

/** All invoices that the contract asks for, issued as they are. */
export function issueAll(order: CrossReference, today: string): CrossReference[] {
  return billOrder({ order, invoices: [], today }).invoices.map(({ canonicalId, fields }) =>
    derivedInvoice(canonicalId, fields),
  );
}
