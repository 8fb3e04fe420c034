/** The flows in force, by record type. To change a rule, edit the file of its record type. */
import type { Flow } from "#shared/domain/flow.ts";
import type { RecordType } from "#shared/domain/identifiers.ts";
import { customerFlow } from "./customer.ts";
import { invoiceFlow } from "./invoice.ts";
import { orderFlow } from "./order.ts";
import { paymentFlow } from "./payment.ts";
import { productFlow } from "./product.ts";

export type Flows = Readonly<Record<RecordType, Flow>>;

export const flows: Flows = {
  customer: customerFlow,
  product: productFlow,
  order: orderFlow,
  invoice: invoiceFlow,
  payment: paymentFlow,
};
