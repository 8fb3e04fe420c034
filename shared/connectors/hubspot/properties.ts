/**
 * The custom properties the connector relies on, all in the group `tieout`, and how they come to be.
 * Whether a property is unique is decided when it is made and never after (developers.hubspot.com,
 * properties, read 2026-11).
 */
import type { CustomPlace } from "#shared/domain/custom-field.ts";
import type { BillingPeriod, TaxTreatment } from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { HubspotClient, ObjectType, PropertyDefinition } from "./client.ts";
import { requireNamed } from "./custom-places.ts";
import { ID_PROPERTY, LINE_ID_PROPERTY } from "./mapping.ts";
import { billingTable } from "./mapping-billing.ts";
import { customerTable } from "./mapping-customer.ts";
import { TAX_CODE_PROPERTY } from "./mapping-lines.ts";
import { orderTable } from "./mapping-order.ts";

const group = { name: "tieout", label: "Tieout" } as const;
const ROUNDS_MAX = 2;

/** HubSpot's form shows the labels; its API and we know the values. */
const taxTreatmentLabels: Readonly<Record<TaxTreatment, string>> = {
  exclusive: "Tax comes on top",
  inclusive: "Tax is included",
  none: "No tax",
};

const billingPeriodLabels: Readonly<Record<BillingPeriod, string>> = {
  once: "Once",
  monthly: "Monthly",
  quarterly: "Quarterly",
  "half-yearly": "Every six months",
  yearly: "Yearly",
};

export const customProperties: Readonly<Record<ObjectType, readonly PropertyDefinition[]>> = {
  companies: [
    unique(ID_PROPERTY, "Tieout id"),
    text(customerTable.email, "Email for invoices"),
    text(customerTable.segment, "Value segment"),
    text(customerTable.taxNumber, "Tax number"),
    number(customerTable.paymentTermsDays, "Payment terms (days)"),
    text(customerTable.balanceCurrency, "Balance currency"),
    number(customerTable.openBalance, "Open balance"),
    number(customerTable.overdueBalance, "Overdue balance"),
    number(customerTable.revenue, "Revenue"),
    number(customerTable.costOfSales, "Cost of sales"),
    number(customerTable.grossProfit, "Gross profit"),
    number(customerTable.marginRate, "Margin (0.25 is 25%)"),
    number(customerTable.costCoverageRate, "Revenue with known cost (0.25 is 25%)"),
    number(customerTable.openCredit, "Open credit"),
    text(customerTable.currency, "Billing currency"),
    date(customerTable.lastPaymentOn, "Last payment"),
    text(customerTable.balanceSummary, "Open balances"),
  ],
  deals: [
    unique(ID_PROPERTY, "Tieout id"),
    text(orderTable.number, "Order number"),
    date(orderTable.dueOn, "Due date"),
    choice(orderTable.taxTreatment, "Tax in prices", taxTreatmentLabels),
    number(orderTable.shipping, "Shipping"),
    choice(billingTable.billingPeriod, "Billed", billingPeriodLabels),
    date(billingTable.billingStartsOn, "Billing starts on"),
    date(billingTable.billingEndsOn, "Billed until"),
    number(orderTable.exchangeRate, "Exchange rate"),
    text(orderTable.invoiceNumber, "Invoice number"),
    text(orderTable.invoiceStatus, "Invoice status"),
    number(orderTable.amountInvoiced, "Amount invoiced"),
    number(orderTable.amountTax, "Tax in the amount invoiced"),
    number(orderTable.amountCredited, "Amount credited"),
    number(orderTable.amountPaid, "Amount paid"),
    number(orderTable.amountWrittenOff, "Amount written off"),
    number(orderTable.amountDue, "Amount due"),
    number(orderTable.revenue, "Revenue"),
    number(orderTable.costOfSales, "Cost of sales"),
    number(orderTable.grossProfit, "Gross profit"),
    number(orderTable.marginRate, "Margin (0.25 is 25%)"),
    text(orderTable.billingNotice, "Billing notice"),
  ],
  line_items: [unique(LINE_ID_PROPERTY, "Tieout line id"), text(TAX_CODE_PROPERTY, "Tax code")],
  // HubSpot allows no unique property of ours on products, and they need no other.
  products: [],
  quotes: [],
};

/**
 * Makes what is missing on a type of object, and was not deleted there. Throws SyncError `rejected`
 * (`property-unsuitable`) where a property of that name exists and is of another kind: only a person can
 * remove it. Properties that the company's own table names are not made; see {@link requireNamed} for
 * what it throws.
 */
export async function ensureProperties(
  client: HubspotClient,
  type: ObjectType,
  named: readonly CustomPlace[],
  signal: AbortSignal,
): Promise<void> {
  // A second look where another worker was making the same at the same moment.
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const missing = await findMissing(client, type, named, signal);
    if (missing.length === 0) return;
    await toleratingExisting(() => client.createPropertyGroup(type, group, signal));
    const isDone = await toleratingExisting(() =>
      client.createProperties(type, group.name, missing, signal),
    );
    if (isDone) return;
  }
  throw new SyncError({ kind: "retryable", code: "properties-unsettled" });
}

async function findMissing(
  client: HubspotClient,
  type: ObjectType,
  named: readonly CustomPlace[],
  signal: AbortSignal,
): Promise<PropertyDefinition[]> {
  const wanted = customProperties[type];
  if (wanted.length + named.length === 0) return [];
  const existing = new Map(
    (await client.readProperties(type, signal)).map((property) => [property.name, property]),
  );
  requireNamed(existing, type, named);
  for (const property of wanted) {
    const found = existing.get(property.name);
    if (found !== undefined && !isSuitable(property, found)) throw unsuitable(property.name);
  }
  const missing = wanted.filter((property) => !existing.has(property.name));
  return missing.length === 0 ? [] : withoutDeleted(client, type, missing, signal);
}

/**
 * Leaves out what somebody deleted in HubSpot. Made anew it would be blank for every record, and a
 * blank reads as a value that its user cleared; restored it has its values again. Until then reads say
 * nothing of it, and writes of it are refused as `property-missing`.
 */
async function withoutDeleted(
  client: HubspotClient,
  type: ObjectType,
  missing: readonly PropertyDefinition[],
  signal: AbortSignal,
): Promise<PropertyDefinition[]> {
  const deleted = new Map(
    (await client.readProperties(type, signal, true)).map((property) => [property.name, property]),
  );
  return missing.filter((property) => {
    const found = deleted.get(property.name);
    return found === undefined || !isSuitable(property, found);
  });
}

function isSuitable(
  wanted: PropertyDefinition,
  found: { readonly type: string; readonly hasUniqueValue: boolean },
): boolean {
  return found.type === wanted.type && found.hasUniqueValue === wanted.hasUniqueValue;
}

function unsuitable(name: string): SyncError {
  return new SyncError({
    kind: "rejected",
    code: "property-unsuitable",
    field: name,
    fix: "Delete this property in HubSpot, or rename it; it is then made anew with the right type.",
  });
}

/** False where what was to be made was there already. */
async function toleratingExisting(make: () => Promise<void>): Promise<boolean> {
  try {
    await make();
    return true;
  } catch (cause) {
    if (cause instanceof SyncError && cause.failure.code === "unique-value-taken") return false;
    throw cause;
  }
}

function unique(name: string, label: string): PropertyDefinition {
  const description = "Set by Tieout; links this record with the other systems.";
  return { name, label, description, type: "string", fieldType: "text", hasUniqueValue: true };
}

function text(name: string, label: string): PropertyDefinition {
  const description = "Kept by Tieout.";
  return { name, label, description, type: "string", fieldType: "text", hasUniqueValue: false };
}

function number(name: string, label: string): PropertyDefinition {
  const description = "Kept by Tieout.";
  return { name, label, description, type: "number", fieldType: "number", hasUniqueValue: false };
}

function date(name: string, label: string): PropertyDefinition {
  const description = "Kept by Tieout.";
  return { name, label, description, type: "date", fieldType: "date", hasUniqueValue: false };
}

function choice(
  name: string,
  label: string,
  labels: Readonly<Record<string, string>>,
): PropertyDefinition {
  return {
    name,
    label,
    description: "Kept by Tieout.",
    type: "enumeration",
    fieldType: "select",
    hasUniqueValue: false,
    options: Object.entries(labels).map(([value, text]) => ({ value, label: text, hidden: false })),
  };
}
