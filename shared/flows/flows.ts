/** The flows in force, by record type. To change a rule, edit the file of its record type. */
import { type CustomField, flowWith } from "#shared/domain/custom-field.ts";
import { requireSound } from "#shared/domain/custom-field-problems.ts";
import type { FileProfile } from "#shared/domain/file-profile.ts";
import type { Flow } from "#shared/domain/flow.ts";
import type { ConnectionId, RecordType } from "#shared/domain/identifiers.ts";
import { creditNoteFlow } from "./credit-note.ts";
import { customFields } from "./custom-fields.ts";
import { customerFlow } from "./customer.ts";
import { fileProfiles } from "./files/profiles.ts";
import { invoiceFlow } from "./invoice.ts";
import { orderFlow } from "./order.ts";
import { paymentFlow } from "./payment.ts";
import { productFlow } from "./product.ts";

export type Flows = Readonly<Record<RecordType, Flow>>;

const ownFlows: Flows = {
  customer: customerFlow,
  product: productFlow,
  order: orderFlow,
  invoice: invoiceFlow,
  creditNote: creditNoteFlow,
  payment: paymentFlow,
};

export const flows: Flows = flowsWith(customFields, fileProfiles);

/**
 * The flows with a table of custom fields. Throws SyncError `invalid-input` where the table cannot be
 * used, so that a deployment with such a table does not start.
 */
export function flowsWith(fields: readonly CustomField[], profiles: readonly FileProfile[]): Flows {
  requireSound(fields, {
    sidesOf,
    inFiles: new Set(profiles.flatMap(fieldsOfFile)),
  });
  return {
    customer: flowWith(ownFlows.customer, fields),
    product: flowWith(ownFlows.product, fields),
    order: flowWith(ownFlows.order, fields),
    invoice: flowWith(ownFlows.invoice, fields),
    creditNote: flowWith(ownFlows.creditNote, fields),
    payment: flowWith(ownFlows.payment, fields),
  };
}

/** The connections that take part in a record type's flow. */
export function sidesOf(recordType: RecordType): readonly ConnectionId[] {
  return Object.keys(ownFlows[recordType].sides);
}

function fieldsOfFile({ recordType, columns }: FileProfile): string[] {
  return Object.values(columns).flatMap((rule) =>
    typeof rule === "string"
      ? []
      : rule.flatMap((target) => ("field" in target ? [`${recordType}.${target.field}`] : [])),
  );
}
