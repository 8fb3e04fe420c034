/**
 * Names that reading and writing UBL 2.1 share (docs.oasis-open.org/ubl/os-UBL-2.1, and the syntax
 * binding of docs.peppol.eu/poacc/billing/3.0, read 2026-11).
 */
import type { EInvoice } from "#shared/domain/e-invoice/model.ts";

const UBL = "urn:oasis:names:specification:ubl:schema:xsd";

export const ublNamespaces = {
  invoice: `${UBL}:Invoice-2`,
  creditNote: `${UBL}:CreditNote-2`,
  cac: `${UBL}:CommonAggregateComponents-2`,
  cbc: `${UBL}:CommonBasicComponents-2`,
} as const;

interface UblKind {
  readonly root: string;
  readonly namespace: string;
  readonly typeCode: string;
  /** UNCL1001: 380 is a commercial invoice, 381 a credit note. */
  readonly type: string;
  readonly line: string;
  readonly quantity: string;
}

export const ublKinds: Readonly<Record<EInvoice["kind"], UblKind>> = {
  invoice: {
    root: "Invoice",
    namespace: ublNamespaces.invoice,
    typeCode: "cbc:InvoiceTypeCode",
    type: "380",
    line: "cac:InvoiceLine",
    quantity: "cbc:InvoicedQuantity",
  },
  "credit-note": {
    root: "CreditNote",
    namespace: ublNamespaces.creditNote,
    typeCode: "cbc:CreditNoteTypeCode",
    type: "381",
    line: "cac:CreditNoteLine",
    quantity: "cbc:CreditedQuantity",
  },
};

interface UblProfile {
  readonly customization: string;
  readonly process: string | null;
}

const EN_16931 = "urn:cen.eu:en16931:2017";

export const ublProfiles: Readonly<Record<EInvoice["profile"], UblProfile>> = {
  "en-16931": { customization: EN_16931, process: null },
  peppol: {
    customization: `${EN_16931}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0`,
    process: "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
  },
};

/** UNCL4461: credit transfer. */
export const CREDIT_TRANSFER = "30";
export const VAT = "VAT";
/** The scheme of a seller's tax number that is no VAT number. */
export const OTHER_TAX = "TAX";
