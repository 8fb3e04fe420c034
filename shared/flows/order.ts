import type { Flow } from "#shared/domain/flow.ts";
import { derived, rule, systemOfRecord } from "#shared/domain/policies.ts";

const crm = systemOfRecord("crm");

/**
 * Orders are the CRM's deals. The books have none: a won order gives an invoice there
 * (`shared/domain/derive-invoice.ts`), and the state of its invoices comes back in the fields from
 * `invoiceNumber` on.
 */
export const orderFlow: Flow = {
  recordType: "order",
  sides: { crm: { create: "always", whenEndedElsewhere: "keep" } },
  fields: {
    number: rule(crm, "crm"),
    customer: rule(crm, "crm"),
    status: rule(crm, "crm"),
    orderedOn: rule(crm, "crm"),
    dueOn: rule(crm, "crm"),
    currency: rule(crm, "crm"),
    taxTreatment: rule(crm, "crm"),
    lines: rule(crm, "crm"),
    shipping: rule(crm, "crm"),
    total: rule(crm, "crm"),
    billingPeriod: rule(crm, "crm"),
    billingStartsOn: rule(crm, "crm"),
    billingEndsOn: rule(crm, "crm"),
    exchangeRate: rule(crm, "crm"),
    invoiceNumber: rule(derived, "crm"),
    invoiceStatus: rule(derived, "crm"),
    amountInvoiced: rule(derived, "crm"),
    amountTax: rule(derived, "crm"),
    amountCredited: rule(derived, "crm"),
    amountPaid: rule(derived, "crm"),
    amountWrittenOff: rule(derived, "crm"),
    amountDue: rule(derived, "crm"),
    revenue: rule(derived, "crm"),
    costOfSales: rule(derived, "crm"),
    grossProfit: rule(derived, "crm"),
    marginRate: rule(derived, "crm"),
    billingNotice: rule(derived, "crm"),
  },
  match: [],
  required: ["number"],
};
