/**
 * The shapes of Xero's answers, fields in use only. Numbers are decimal text, since answers are read
 * with `parseExact`. Xero leaves blank fields out, or sends null, or an empty text: all three are
 * taken. Source: XeroAPI/Xero-OpenAPI 16.1.0, `xero_accounting.yaml`, read 2026-11.
 */
import * as z from "zod";

const text = z.string().nullish();
const decimal = z.string().nullish();
const flag = z.boolean().nullish();

const address = z.object({
  AddressType: text,
  AddressLine1: text,
  AddressLine2: text,
  AddressLine3: text,
  AddressLine4: text,
  City: text,
  Region: text,
  PostalCode: text,
  Country: text,
});

const phone = z.object({
  PhoneType: text,
  PhoneCountryCode: text,
  PhoneAreaCode: text,
  PhoneNumber: text,
});

export const contactSchema = z.object({
  ContactID: z.string(),
  ContactNumber: text,
  ContactStatus: text,
  MergedToContactID: text,
  Name: text,
  EmailAddress: text,
  TaxNumber: text,
  Addresses: z.array(address).nullish(),
  Phones: z.array(phone).nullish(),
  DefaultCurrency: text,
  PaymentTerms: z.object({ Sales: z.object({ Day: decimal, Type: text }).nullish() }).nullish(),
  IsSupplier: flag,
  IsCustomer: flag,
  UpdatedDateUTC: z.string(),
});

export const itemSchema = z.object({
  ItemID: z.string(),
  Code: text,
  Name: text,
  Description: text,
  SalesDetails: z.object({ UnitPrice: decimal }).nullish(),
  PurchaseDetails: z.object({ UnitPrice: decimal }).nullish(),
  UpdatedDateUTC: z.string(),
});

const lineSchema = z.object({
  ItemCode: text,
  AccountCode: text,
  TaxType: text,
  TaxAmount: decimal,
  Item: z.object({ ItemID: text }).nullish(),
  Description: text,
  Quantity: decimal,
  UnitAmount: decimal,
  DiscountRate: decimal,
  DiscountAmount: decimal,
  LineAmount: decimal,
});

/** A payment inside a document has neither a status, nor a document, nor a time of its own. */
export const embeddedPaymentSchema = z.object({
  PaymentID: z.string(),
  Status: text,
  Date: text,
  Amount: decimal,
  Reference: text,
});

/** A document that shows what was paid for it, or paid back. */
export const payingSchema = z.object({
  CurrencyCode: z.string(),
  Payments: z.array(z.unknown()).nullish(),
});

/** An invoice, as far as it is to be known whether it may show a payment that is new. */
export const paidInvoiceSchema = z.object({
  Payments: z.array(z.unknown()).min(1),
  UpdatedDateUTC: z.string(),
});

/** A line of the list of payments to accounts of losses. */
export const writeOffSchema = z.object({ PaymentID: z.string() });

/** What was used for a document, as the document lists it. */
const settlement = z.object({
  PaymentID: text,
  CreditNoteID: text,
  PrepaymentID: text,
  OverpaymentID: text,
  Status: text,
  Date: text,
  Amount: decimal,
  AppliedAmount: decimal,
});
const settlements = z.array(settlement).nullish();

const contact = z.object({ ContactID: text }).nullish();

const document = z.object({
  Type: z.string(),
  Reference: text,
  Contact: contact,
  Status: z.string(),
  Date: text,
  CurrencyCode: z.string(),
  CurrencyRate: decimal,
  LineAmountTypes: text,
  LineItems: z.array(lineSchema).nullish(),
  SubTotal: decimal,
  TotalTax: decimal,
  Total: decimal,
  UpdatedDateUTC: z.string(),
});

export const invoiceSchema = document.extend({
  InvoiceID: z.string(),
  InvoiceNumber: text,
  DueDate: text,
  CISDeduction: decimal,
  AmountPaid: decimal,
  AmountCredited: decimal,
  AmountDue: decimal,
  Payments: settlements,
  CreditNotes: settlements,
  Prepayments: settlements,
  Overpayments: settlements,
});

/** What is used for other documents: a credit note, a prepayment, an overpayment. */
const credit = document.extend({
  RemainingCredit: decimal,
  Payments: settlements,
  Allocations: z
    .array(
      z.object({
        Invoice: z.object({ InvoiceID: text }).nullish(),
        Amount: decimal,
        Date: text,
        IsDeleted: flag,
      }),
    )
    .nullish(),
});

export const creditNoteSchema = credit.extend({ CreditNoteID: z.string(), CreditNoteNumber: text });
export const prepaymentSchema = credit.extend({ PrepaymentID: z.string() });
export const overpaymentSchema = credit.extend({ OverpaymentID: z.string() });

/** The document of a payment: shown under its own name, or any under `Invoice`. */
const paidDocument = z
  .object({ InvoiceID: text, CreditNoteID: text, CurrencyCode: text, Contact: contact })
  .nullish();

export const paymentSchema = z.object({
  PaymentID: z.string(),
  PaymentType: text,
  Status: text,
  Date: text,
  Amount: decimal,
  Reference: text,
  Invoice: paidDocument,
  CreditNote: paidDocument,
  Prepayment: paidDocument,
  Overpayment: paidDocument,
  Account: z.object({ Code: text }).nullish(),
  UpdatedDateUTC: z.string(),
});

export const organisationSchema = z.object({
  BaseCurrency: z.string(),
  PeriodLockDate: text,
  EndOfYearLockDate: text,
});
export const currencySchema = z.object({ Code: z.string() });

/** The envelope of every accounting answer; the records stand under the plural of their resource. */
export const envelopeSchema = z.record(z.string(), z.unknown());
export const paginationSchema = z.object({ pageCount: z.string().regex(/^\d{1,9}$/) });

/** How an element of a write came out, on any resource. */
export const outcomeSchema = z.object({
  StatusAttributeString: text,
  HasErrors: flag,
  HasValidationErrors: flag,
  ValidationErrors: z.array(z.unknown()).nullish(),
  UpdatedDateUTC: text,
});

/** A refusal of a whole call; the gateway's own refusals have `Detail` in place of `Type`. */
export const refusalSchema = z.object({
  Type: text,
  Elements: z.array(z.unknown()).nullish(),
});

export const tokenSchema = z.object({
  access_token: z.string().min(1),
  expires_in: z.string().regex(/^\d{1,9}$/),
});

export const webhookSchema = z.object({
  events: z.array(
    z.object({
      resourceId: z.string().min(1),
      tenantId: z.string(),
      eventCategory: z.string(),
      eventDateUtc: text,
    }),
  ),
  firstEventSequence: z.string(),
  lastEventSequence: z.string(),
});

export type RawContact = z.infer<typeof contactSchema>;
export type RawDocument = z.infer<typeof document>;
export type RawInvoice = z.infer<typeof invoiceSchema>;
export type RawCredit = z.infer<typeof credit>;
export type RawCreditNote = z.infer<typeof creditNoteSchema>;
export type RawSettlement = z.infer<typeof settlement>;
export type RawPayment = z.infer<typeof paymentSchema>;
export type RawLine = z.infer<typeof lineSchema>;
