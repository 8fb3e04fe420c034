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
  UpdatedDateUTC: z.string(),
});

const lineSchema = z.object({
  ItemCode: text,
  Item: z.object({ ItemID: text }).nullish(),
  Description: text,
  Quantity: decimal,
  UnitAmount: decimal,
  DiscountRate: decimal,
  DiscountAmount: decimal,
  LineAmount: decimal,
});

/** A payment inside an invoice has neither a status, nor an invoice, nor a time of its own. */
export const embeddedPaymentSchema = z.object({
  PaymentID: z.string(),
  Status: text,
  Date: text,
  Amount: decimal,
  Reference: text,
});

export const invoiceSchema = z.object({
  InvoiceID: z.string(),
  Type: z.string(),
  InvoiceNumber: text,
  Reference: text,
  Contact: z.object({ ContactID: text }).nullish(),
  Status: z.string(),
  Date: text,
  DueDate: text,
  CurrencyCode: z.string(),
  LineItems: z.array(lineSchema).nullish(),
  SubTotal: decimal,
  TotalTax: decimal,
  Total: decimal,
  AmountPaid: decimal,
  AmountCredited: decimal,
  AmountDue: decimal,
  Payments: z.array(z.unknown()).nullish(),
  UpdatedDateUTC: z.string(),
});

export const paymentSchema = z.object({
  PaymentID: z.string(),
  PaymentType: text,
  Status: text,
  Date: text,
  Amount: decimal,
  Reference: text,
  Invoice: z.object({ InvoiceID: text, CurrencyCode: text }).nullish(),
  UpdatedDateUTC: z.string(),
});

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
export type RawInvoice = z.infer<typeof invoiceSchema>;
export type RawLine = z.infer<typeof lineSchema>;
