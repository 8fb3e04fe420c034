/**
 * An invoice or credit note by the semantic model of EN 16931-1, as far as we have its terms. Numbers
 * such as BT-131 are the standard's own. Amounts are as the books show them; none is worked out anew,
 * so that the rules of `rules.ts` have something to check.
 */
import type { CurrencyCode, Money } from "../money.ts";
import type { CalendarDate } from "../records.ts";

export interface EInvoice {
  readonly kind: "invoice" | "credit-note";
  /** What the document claims to follow: EN 16931 alone, or Peppol BIS Billing 3.0 on top (BT-24). */
  readonly profile: "en-16931" | "peppol";
  /** BT-1. */
  readonly number: string;
  /** BT-2. */
  readonly issuedOn: CalendarDate;
  /** BT-9; of an invoice. */
  readonly dueOn: CalendarDate | null;
  /** BT-5. */
  readonly currency: CurrencyCode;
  /** BT-13: the order's number as it stands on the document. */
  readonly orderReference: string | null;
  /** BT-25, of a credit note: the number of the invoice that it takes back. */
  readonly precedingInvoice: string | null;
  /** BG-4 and BG-7. */
  readonly seller: Party;
  readonly buyer: Party;
  /** BG-16: where to pay, and what to quote. */
  readonly transfer: { readonly account: string; readonly reference: string | null } | null;
  /** BT-20. */
  readonly paymentTerms: string | null;
  /** BG-20 and BG-21. */
  readonly adjustments: readonly DocumentAdjustment[];
  /** BG-23. */
  readonly taxes: readonly TaxSubtotal[];
  readonly totals: Totals;
  /** BG-25. */
  readonly lines: readonly Line[];
}

export interface Party {
  /** BT-27, BT-44. */
  readonly name: string;
  /** BT-34, BT-49. */
  readonly endpoint: Endpoint | null;
  /** BT-31, BT-48: with its country's code before it. */
  readonly vatNumber: string | null;
  /** BT-32, of a seller: a tax number that is no VAT number. */
  readonly taxRegistration: string | null;
  /** BT-30, BT-47. */
  readonly registration: string | null;
  readonly street: string | null;
  readonly city: string | null;
  readonly postalCode: string | null;
  readonly region: string | null;
  /** ISO 3166-1, alpha-2. */
  readonly countryCode: string;
  readonly email: string | null;
  readonly phone: string | null;
}

/** An address in a network of e-invoices, by the scheme of the code list EAS. */
export interface Endpoint {
  readonly scheme: string;
  readonly id: string;
}

/**
 * Categories of tax (UNCL5305): S standard, Z zero, E exempt, AE reverse charge, K within the EU, G
 * export, O not subject to tax.
 */
export const taxCategoryCodes = ["S", "Z", "E", "AE", "K", "G", "O"] as const;
export type TaxCategoryCode = (typeof taxCategoryCodes)[number];

export interface TaxCategory {
  readonly code: TaxCategoryCode;
  /** Per cent as exact decimal text, `8.25`; null of what is not subject to tax. */
  readonly percent: string | null;
}

/** An allowance takes off, a charge puts on. */
export interface Adjustment {
  readonly isCharge: boolean;
  /** Without tax. */
  readonly amount: Money;
  /** What it is a percentage of, and that percentage; null where it is an amount alone. */
  readonly base: Money | null;
  readonly percent: string | null;
  readonly reason: string;
  /** UNCL5189 of an allowance, UNCL7161 of a charge. */
  readonly reasonCode: string | null;
}

export interface DocumentAdjustment extends Adjustment {
  readonly tax: TaxCategory;
}

export interface Line {
  /** BT-126. */
  readonly id: string;
  /** BT-153. */
  readonly name: string;
  /** BT-155: the product's code. */
  readonly productCode: string | null;
  /** BT-129: exact decimal text. */
  readonly quantity: string;
  /** BT-130, UN/ECE recommendation 20: `C62` is one. */
  readonly unitCode: string;
  /** BT-146: exact decimal text without tax, for so many as the base quantity (BT-149) says. */
  readonly price: string;
  readonly baseQuantity: string;
  /** BG-27 and BG-28. */
  readonly adjustments: readonly Adjustment[];
  /** BT-131: without tax. */
  readonly amount: Money;
  readonly tax: TaxCategory;
}

export interface TaxSubtotal extends TaxCategory {
  /** BT-116. */
  readonly taxable: Money;
  /** BT-117: as the books have it. */
  readonly tax: Money;
  /** BT-120: why there is none. */
  readonly exemptionReason: string | null;
}

/** BG-22. */
export interface Totals {
  /** BT-106. */
  readonly lines: Money;
  /** BT-107. */
  readonly allowances: Money;
  /** BT-108. */
  readonly charges: Money;
  /** BT-109. */
  readonly withoutTax: Money;
  /** BT-110. */
  readonly tax: Money;
  /** BT-112. */
  readonly withTax: Money;
  /** BT-113: what was paid or set off. */
  readonly prepaid: Money;
  /** BT-114. */
  readonly rounding: Money;
  /** BT-115. */
  readonly payable: Money;
}
