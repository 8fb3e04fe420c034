/**
 * An e-invoice from an invoice or credit note as the books show it, or the reason why there is none.
 * Tax is the books' own, line by line; totals are the books' own too, so that a document whose parts
 * do not add up is found by the rules and does not leave the house.
 */
import { add, type Money, subtract, sum, zero } from "../money.ts";
import { isOneOf } from "../identifiers.ts";
import { type Fields, isLines, isMoney, taxTreatments } from "../records.ts";
import { buildLines, type TaxTable } from "./build-lines.ts";
import { buildTaxes } from "./build-taxes.ts";
import { countryCodeOf } from "./country-codes.ts";
import type { EInvoice, Party, Totals } from "./model.ts";
import type { EInvoiceRefusal } from "./refusal.ts";
import { checkEInvoice } from "./rules.ts";
import type { RuleFinding } from "./rule-finding.ts";
import { cleanText } from "./clean-text.ts";
import { endpointOf, vatNumberOf } from "./vat-numbers.ts";

/** What the settings of the books' connection say for e-invoices. */
export interface EInvoiceSettings {
  readonly seller: Omit<Party, "countryCode" | "vatNumber" | "taxRegistration"> & {
    readonly country: string;
    readonly taxNumber: string | null;
    /** Where customers pay, as IBAN. */
    readonly account: string | null;
  };
  readonly taxes: TaxTable;
}

export interface EInvoiceSource {
  readonly kind: EInvoice["kind"];
  /** The document as the books show it now. */
  readonly document: Fields;
  readonly customer: Fields;
  /** Of a credit note, where it is known. */
  readonly precedingInvoice: string | null;
}

export type BuiltEInvoice =
  /** Every rule holds; the findings are notes. */
  | { readonly kind: "built"; readonly invoice: EInvoice; readonly notes: readonly RuleFinding[] }
  | EInvoiceRefusal;

const issued = new Set(["issued", "paid"]);
const ended = new Set(["void", "deleted"]);

/** A credit note has no due date, and the standard wants to be told what becomes of it. */
const CREDIT_TERMS = "Set off against invoices or paid back";

export function buildEInvoice(source: EInvoiceSource, settings: EInvoiceSettings): BuiltEInvoice {
  const { document, kind } = source;
  const state = refuseState(document);
  if (state !== undefined) return state;
  const read = readDocument(document, kind);
  if (typeof read === "string") return incomplete(read);
  const buyer = buyerOf(source.customer);
  if ("code" in buyer) return buyer;
  const seller = sellerOf(settings);
  if ("code" in seller) return seller;

  const parts = buildLines(read.lines, read.treatment, settings.taxes);
  if (parts.kind === "refused") return parts;
  const taxes = buildTaxes(parts, settings.taxes, read.tax);
  if (taxes.kind === "refused") return taxes;
  const orderReference = textIn(document, "reference");
  const isReachable = seller.endpoint !== null && buyer.endpoint !== null;
  const invoice: EInvoice = {
    kind,
    profile: isReachable && orderReference !== null ? "peppol" : "en-16931",
    number: read.number,
    issuedOn: read.issuedOn,
    dueOn: kind === "invoice" ? textIn(document, "dueOn") : null,
    currency: read.currency,
    orderReference,
    precedingInvoice: kind === "credit-note" ? source.precedingInvoice : null,
    seller,
    buyer,
    transfer:
      kind === "invoice" && settings.seller.account !== null
        ? { account: settings.seller.account, reference: read.number }
        : null,
    paymentTerms: kind === "credit-note" ? CREDIT_TERMS : null,
    adjustments: parts.adjustments,
    taxes: taxes.taxes,
    totals: totalsOf(read, parts),
    lines: parts.lines,
  };
  const findings = checkEInvoice(invoice);
  const broken = findings.filter(({ severity }) => severity === "error");
  if (broken.length === 0) return { kind: "built", invoice, notes: findings };
  return {
    kind: "refused",
    code: "e-invoice-rule-broken",
    fix: "See the rules that are named; correct the document or the settings they are about.",
    field: broken.map(({ rule }) => rule).join(", "),
    findings: broken,
  };
}

function refuseState({ status }: Fields): EInvoiceRefusal | undefined {
  if (typeof status === "string" && issued.has(status)) return undefined;
  if (typeof status === "string" && ended.has(status)) {
    const fix = "It was voided or deleted in the books; there is nothing to send.";
    return { kind: "refused", code: "document-ended", fix };
  }
  const fix = "Approve the document in the books, then export it.";
  return { kind: "refused", code: "document-not-issued", fix };
}

/** What a document must have; the name of the first field that is missing otherwise. */
function readDocument(document: Fields, kind: EInvoice["kind"]) {
  const [number, issuedOn, currency] = ["number", "issuedOn", "currency"].map((field) =>
    textIn(document, field),
  );
  const { lines, subtotal, tax, total, taxTreatment: treatment } = document;
  const open = document[kind === "invoice" ? "amountDue" : "amountOpen"];
  if (!number) return "number";
  if (!issuedOn) return "issuedOn";
  if (!currency) return "currency";
  if (!isLines(lines) || lines.length === 0) return "lines";
  if (!isOneOf(taxTreatments, treatment)) return "taxTreatment";
  if (!isMoney(subtotal)) return "subtotal";
  if (!isMoney(tax)) return "tax";
  if (!isMoney(total)) return "total";
  const payable = isMoney(open) ? open : total;
  return { number, issuedOn, currency, lines, treatment, subtotal, tax, total, payable };
}

type ReadDocument = Exclude<ReturnType<typeof readDocument>, string>;

/** Lines and adjustments are summed; all that the books have a total for is theirs. */
function totalsOf(
  { currency, subtotal, tax, total, payable }: ReadDocument,
  { lines, adjustments }: Pick<EInvoice, "lines" | "adjustments">,
): Totals {
  const adjusted = (isCharge: boolean): Money =>
    sum(
      adjustments.filter((one) => one.isCharge === isCharge).map(({ amount }) => amount),
      currency,
    );
  return {
    lines: lines.reduce((sofar, { amount }) => add(sofar, amount), zero(currency)),
    allowances: adjusted(false),
    charges: adjusted(true),
    withoutTax: subtotal,
    tax,
    withTax: total,
    prepaid: subtract(total, payable),
    rounding: zero(currency),
    payable,
  };
}

function sellerOf({ seller }: EInvoiceSettings): Party | EInvoiceRefusal {
  const { country, taxNumber, account: _, ...rest } = seller;
  const countryCode = countryCodeOf(country);
  if (countryCode === undefined) return countryUnknown("seller.country");
  const vatNumber = vatNumberOf(taxNumber);
  return {
    ...rest,
    endpoint: rest.endpoint ?? endpointOf(vatNumber),
    vatNumber,
    taxRegistration: vatNumber === null ? taxNumber : null,
    countryCode,
  };
}

function buyerOf(customer: Fields): Party | EInvoiceRefusal {
  const name = textIn(customer, "name");
  if (name === null) return incomplete("customer.name");
  const countryCode = countryCodeOf(textIn(customer, "country") ?? "");
  if (countryCode === undefined) return countryUnknown("customer.country");
  const taxNumber = textIn(customer, "taxNumber");
  const vatNumber = vatNumberOf(taxNumber);
  return {
    name,
    endpoint: endpointOf(vatNumber),
    vatNumber,
    taxRegistration: null,
    registration: vatNumber === null ? taxNumber : null,
    street: textIn(customer, "street"),
    city: textIn(customer, "city"),
    postalCode: textIn(customer, "postalCode"),
    region: textIn(customer, "region"),
    countryCode,
    email: textIn(customer, "email"),
    phone: textIn(customer, "phone"),
  };
}

function textIn(fields: Fields, field: string): string | null {
  const value = fields[field];
  return typeof value === "string" ? cleanText(value) : null;
}

function incomplete(field: string): EInvoiceRefusal {
  const fix = "Fill in the field that is named, then export the document again.";
  return { kind: "refused", code: "e-invoice-field-missing", fix, field };
}

function countryUnknown(field: string): EInvoiceRefusal {
  const fix = "Write the country as its code of two letters or its English name.";
  return { kind: "refused", code: "country-unknown", fix, field };
}
