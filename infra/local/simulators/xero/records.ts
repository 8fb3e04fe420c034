/**
 * What the simulated organisation keeps. Field names are Xero's own; amounts are decimal text of a
 * fixed scale (money 2, units and quantities 4, currency rates 6), dates `YYYY-MM-DD`, instants
 * epoch ms. Text that was never given is `""`.
 */

/** Xero's length limits (accounting OpenAPI 16.1.0). */
export const CONTACT_TEXTS = {
  ContactNumber: 50,
  AccountNumber: 50,
  FirstName: 255,
  LastName: 255,
  CompanyNumber: 50,
  EmailAddress: 255,
  TaxNumber: 50,
  BankAccountDetails: 255,
  DefaultCurrency: 3,
  AccountsReceivableTaxType: 50,
  AccountsPayableTaxType: 50,
  SalesDefaultAccountCode: 10,
  PurchasesDefaultAccountCode: 10,
} as const;

type ContactText = keyof typeof CONTACT_TEXTS;

export const ADDRESS_TEXTS = {
  AddressLine1: 500,
  AddressLine2: 500,
  AddressLine3: 500,
  AddressLine4: 500,
  City: 255,
  Region: 255,
  PostalCode: 50,
  Country: 50,
  AttentionTo: 255,
} as const;

export const PHONE_TEXTS = { PhoneNumber: 50, PhoneAreaCode: 10, PhoneCountryCode: 20 } as const;

export const ADDRESS_TYPES = ["STREET", "POBOX"] as const;
export const PHONE_TYPES = ["DDI", "DEFAULT", "FAX", "MOBILE"] as const;

type Texts<Names extends string> = { readonly [Name in Names]: string };
type Address = Texts<keyof typeof ADDRESS_TEXTS>;
type Phone = Texts<keyof typeof PHONE_TEXTS>;

export interface PaymentTerm {
  readonly Day: number;
  readonly Type: string;
}

export interface ContactPerson {
  readonly FirstName: string;
  readonly LastName: string;
  readonly EmailAddress: string;
  readonly IncludeInEmails: boolean;
}

export interface ContactRecord extends Texts<ContactText> {
  readonly ContactID: string;
  readonly ContactStatus: "ACTIVE" | "ARCHIVED";
  readonly Name: string;
  readonly MergedToContactID?: string;
  readonly Addresses: { readonly [Type in (typeof ADDRESS_TYPES)[number]]?: Address };
  readonly Phones: { readonly [Type in (typeof PHONE_TYPES)[number]]?: Phone };
  readonly ContactPersons: readonly ContactPerson[];
  readonly PaymentTerms: { readonly Sales?: PaymentTerm; readonly Bills?: PaymentTerm };
  readonly UpdatedDateUTC: number;
}

export interface ItemDetails {
  readonly UnitPrice?: string;
  readonly AccountCode: string;
  readonly TaxType: string;
}

export interface ItemRecord {
  readonly ItemID: string;
  readonly Code: string;
  readonly Name: string;
  readonly Description: string;
  readonly PurchaseDescription: string;
  readonly IsSold: boolean;
  readonly IsPurchased: boolean;
  readonly SalesDetails: ItemDetails;
  readonly PurchaseDetails: ItemDetails;
  readonly UpdatedDateUTC: number;
}

export const DOCUMENT_STATUSES = [
  "DRAFT",
  "SUBMITTED",
  "AUTHORISED",
  "PAID",
  "VOIDED",
  "DELETED",
] as const;
export type DocumentStatus = (typeof DOCUMENT_STATUSES)[number];
export const LINE_AMOUNT_TYPES = ["Exclusive", "Inclusive", "NoTax"] as const;
export type LineAmountTypes = (typeof LINE_AMOUNT_TYPES)[number];

export interface DocumentLine {
  readonly LineItemID: string;
  readonly Description: string;
  readonly ItemCode: string;
  readonly AccountCode: string;
  readonly TaxType: string;
  /** Absent on a line that is only a description. */
  readonly Quantity?: string;
  readonly UnitAmount?: string;
  readonly DiscountRate?: string;
  readonly DiscountAmount?: string;
  readonly LineAmount: string;
  readonly TaxAmount: string;
  /** Set where the caller overrode the calculated tax. */
  readonly isTaxOverridden: boolean;
}

/** What invoices, credit notes, prepayments and overpayments have in common. */
export interface DocumentRecord {
  readonly ContactID: string;
  readonly Status: DocumentStatus;
  readonly Reference: string;
  readonly LineAmountTypes: LineAmountTypes;
  readonly LineItems: readonly DocumentLine[];
  readonly Date: string;
  readonly CurrencyCode: string;
  readonly CurrencyRate: string;
  readonly SubTotal: string;
  readonly TotalTax: string;
  readonly Total: string;
  readonly UpdatedDateUTC: number;
}

export interface InvoiceRecord extends DocumentRecord {
  readonly InvoiceID: string;
  readonly Type: "ACCREC" | "ACCPAY";
  readonly InvoiceNumber: string;
  readonly Url: string;
  readonly BrandingThemeID: string;
  readonly DueDate: string;
  readonly ExpectedPaymentDate: string;
  readonly PlannedPaymentDate: string;
  readonly FullyPaidOnDate: string;
  readonly SentToContact: boolean;
  /** While the invoice stands: Total less AmountPaid less AmountCredited. */
  readonly AmountDue: string;
  readonly AmountPaid: string;
  /** By credit notes, prepayments and overpayments together. */
  readonly AmountCredited: string;
}

/** A document that an invoice can be settled with, or that is paid back. */
export interface CreditRecord extends DocumentRecord {
  readonly Type: "ACCRECCREDIT" | "ACCPAYCREDIT" | "RECEIVE-PREPAYMENT" | "RECEIVE-OVERPAYMENT";
  /** While it stands: Total less what is allocated and what is refunded. */
  readonly RemainingCredit: string;
  readonly FullyPaidOnDate: string;
}

export interface CreditNoteRecord extends CreditRecord {
  readonly CreditNoteID: string;
  readonly Type: "ACCRECCREDIT" | "ACCPAYCREDIT";
  readonly CreditNoteNumber: string;
  readonly BrandingThemeID: string;
  readonly DueDate: string;
  readonly SentToContact: boolean;
}

/** Money that came in before there was an invoice; its lines say what for. */
export interface PrepaymentRecord extends CreditRecord {
  readonly PrepaymentID: string;
  readonly Type: "RECEIVE-PREPAYMENT";
  readonly AccountID: string;
}

/** Money that came in beyond what was owed; its one line is on accounts receivable, without tax. */
export interface OverpaymentRecord extends CreditRecord {
  readonly OverpaymentID: string;
  readonly Type: "RECEIVE-OVERPAYMENT";
  readonly AccountID: string;
}

export type CreditKind = "CreditNote" | "Prepayment" | "Overpayment";

export interface CreditKey {
  readonly kind: CreditKind;
  readonly id: string;
}

export interface AllocationRecord {
  readonly AllocationID: string;
  readonly credit: CreditKey;
  readonly InvoiceID: string;
  readonly Amount: string;
  readonly Date: string;
}

type PaymentType =
  | "ACCRECPAYMENT"
  | "ACCPAYPAYMENT"
  | "ARCREDITPAYMENT"
  | "APCREDITPAYMENT"
  | "ARPREPAYMENTPAYMENT"
  | "AROVERPAYMENTPAYMENT";

export interface PaymentRecord {
  readonly PaymentID: string;
  /** `""` where it pays a credit back. */
  readonly InvoiceID: string;
  readonly credit?: CreditKey;
  readonly AccountID: string;
  readonly PaymentType: PaymentType;
  readonly Status: "AUTHORISED" | "DELETED";
  readonly Date: string;
  readonly Amount: string;
  readonly BankAmount: string;
  readonly CurrencyRate: string;
  readonly Reference: string;
  readonly IsReconciled: boolean;
  readonly UpdatedDateUTC: number;
}

export interface XeroRecords {
  readonly contacts: ContactRecord;
  readonly items: ItemRecord;
  readonly invoices: InvoiceRecord;
  readonly creditNotes: CreditNoteRecord;
  readonly prepayments: PrepaymentRecord;
  readonly overpayments: OverpaymentRecord;
  readonly allocations: AllocationRecord;
  readonly payments: PaymentRecord;
}
