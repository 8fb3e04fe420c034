/** What a books' connection says for e-invoices; `docs/e-invoices.md` shows it filled in. */
import * as z from "zod";
import { normalizeDecimal } from "#shared/domain/decimal.ts";
import { taxCategoryCodes } from "#shared/domain/e-invoice/model.ts";

const text = z.string().trim().min(1).max(300);
const maybeText = text.nullable().default(null);

const seller = z.strictObject({
  name: text,
  /** A VAT number with its country's code before it, or another tax number. */
  taxNumber: maybeText,
  /** In a register of companies. */
  registration: maybeText,
  street: maybeText,
  city: maybeText,
  postalCode: maybeText,
  region: maybeText,
  /** Its code of two letters, or its English name. */
  country: text,
  email: maybeText,
  phone: maybeText,
  /** IBAN of where customers pay. */
  account: maybeText,
  /** Where Peppol reaches the company; absent, it follows from the VAT number. */
  endpoint: z
    .strictObject({ scheme: z.string().regex(/^\d{4}$/), id: text })
    .nullable()
    .default(null),
});

const tax = z
  .strictObject({
    category: z.enum(taxCategoryCodes),
    /** Per cent; null of what is not subject to tax. */
    percent: z
      .string()
      .regex(/^\d{1,3}(\.\d{1,4})?$/)
      .transform(normalizeDecimal)
      .nullable()
      .default(null),
    /** Why there is none; of every category but S and Z. */
    exemptionReason: maybeText,
  })
  .transform(({ category: code, ...rest }) => ({ code, ...rest }));

export const eInvoiceSettings = z.strictObject({
  seller,
  /** By the company's own names of taxes; `none` is for lines that bear no name. */
  taxes: z.record(z.string().min(1).max(100), tax),
});
