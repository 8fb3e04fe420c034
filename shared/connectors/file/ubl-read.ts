/**
 * Documents of UBL 2.1, Invoice and CreditNote, as e-invoices: all of one or none of it. What the
 * model has no term for is left out and named.
 */
import { parseDate } from "#shared/domain/calendar.ts";
import { normalizeDecimal } from "#shared/domain/decimal.ts";
import {
  type Adjustment,
  type DocumentAdjustment,
  type EInvoice,
  type Line,
  type Party,
  type TaxCategory,
  type TaxCategoryCode,
  type TaxSubtotal,
  type Totals,
  taxCategoryCodes,
} from "#shared/domain/e-invoice/model.ts";
import { type Money, parseCurrency, parseMoney, zero } from "#shared/domain/money.ts";
import { ublKinds, ublNamespaces, ublProfiles, VAT } from "./ubl-names.ts";
import {
  attributeOf,
  childAt,
  childrenOf,
  maybeValueAt,
  refusalAt,
  requireChild,
  requireText,
  textAt,
  valueAt,
} from "./xml-fields.ts";
import { readXml, type XmlBounds, type XmlElement } from "./xml-tree.ts";

export interface ReadUbl {
  readonly invoice: EInvoice;
  /** Elements of the document itself that were not read, in their order. */
  readonly leftOut: readonly string[];
}

const prefixes = {
  [ublNamespaces.invoice]: "",
  [ublNamespaces.creditNote]: "",
  [ublNamespaces.cac]: "cac",
  [ublNamespaces.cbc]: "cbc",
};

const readNames: ReadonlySet<string> = new Set([
  ...["CustomizationID", "ProfileID", "ID", "IssueDate", "DueDate"].map((name) => `cbc:${name}`),
  ...["InvoiceTypeCode", "CreditNoteTypeCode", "DocumentCurrencyCode"].map((name) => `cbc:${name}`),
  ...["OrderReference", "BillingReference", "PaymentMeans", "PaymentTerms"].map((n) => `cac:${n}`),
  ...["AccountingSupplierParty", "AccountingCustomerParty"].map((name) => `cac:${name}`),
  ...["AllowanceCharge", "TaxTotal", "LegalMonetaryTotal"].map((name) => `cac:${name}`),
  ...["InvoiceLine", "CreditNoteLine"].map((name) => `cac:${name}`),
]);

/** Throws SyncError `invalid-input` with a code, a fix and the place. Rules are not asked here. */
export function readUbl(content: Uint8Array, bounds?: XmlBounds): ReadUbl {
  const root = readXml(content, prefixes, bounds);
  const kind = kindOf(root);
  const currency = valueAt(root, "cbc:DocumentCurrencyCode", parseCurrency);
  const names = ublKinds[kind];
  const type = requireText(root, names.typeCode);
  if (type !== names.type) {
    throw refusalAt("ubl-type-unsupported", `Only type ${names.type} is read as a ${kind}.`, root);
  }
  const invoice: EInvoice = {
    kind,
    profile: profileOf(root),
    number: requireText(root, "cbc:ID"),
    issuedOn: valueAt(root, "cbc:IssueDate", parseDate),
    dueOn: maybeValueAt(root, "cbc:DueDate", parseDate),
    currency,
    orderReference: textAt(root, "cac:OrderReference/cbc:ID"),
    precedingInvoice: textAt(root, "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID"),
    seller: readParty(requireChild(root, "cac:AccountingSupplierParty/cac:Party")),
    buyer: readParty(requireChild(root, "cac:AccountingCustomerParty/cac:Party")),
    transfer: readTransfer(root),
    paymentTerms: textAt(root, "cac:PaymentTerms/cbc:Note"),
    adjustments: childrenOf(root, "cac:AllowanceCharge").map(readDocumentAdjustment),
    taxes: readTaxes(root, currency),
    totals: readTotals(root, currency),
    lines: childrenOf(root, names.line).map((line) => readLine(line, names.quantity)),
  };
  const others = root.children.map(({ name }) => name).filter((name) => !readNames.has(name));
  return { invoice: inOneCurrency(invoice, root), leftOut: [...new Set(others)] };
}

function kindOf(root: XmlElement): EInvoice["kind"] {
  const kinds = ["invoice", "credit-note"] as const;
  const kind = kinds.find(
    (one) => ublKinds[one].root === root.name && ublKinds[one].namespace === root.namespace,
  );
  if (kind !== undefined) return kind;
  throw refusalAt("ubl-root-unknown", "Only Invoice and CreditNote of UBL 2 are read.", root);
}

/** Anything but Peppol's own is read as the standard alone, which asks less. */
function profileOf(root: XmlElement): EInvoice["profile"] {
  const customization = textAt(root, "cbc:CustomizationID") ?? "";
  return customization.startsWith(ublProfiles.peppol.customization) ? "peppol" : "en-16931";
}

function readParty(party: XmlElement): Party {
  const endpoint = childAt(party, "cbc:EndpointID");
  const numberOf = (isVat: boolean): string | null => {
    const schemes = childrenOf(party, "cac:PartyTaxScheme").filter(
      (one) => (textAt(one, "cac:TaxScheme/cbc:ID")?.toUpperCase() === VAT) === isVat,
    );
    const [scheme, twin] = schemes;
    if (twin !== undefined) {
      throw refusalAt("xml-element-repeated", "A party has one tax number of a kind.", twin);
    }
    return scheme === undefined ? null : textAt(scheme, "cbc:CompanyID");
  };
  return {
    name:
      textAt(party, "cac:PartyLegalEntity/cbc:RegistrationName") ??
      requireText(party, "cac:PartyName/cbc:Name"),
    endpoint:
      endpoint === undefined
        ? null
        : {
            scheme: attributeOf(endpoint, "schemeID", String),
            id: requireText(party, "cbc:EndpointID"),
          },
    vatNumber: numberOf(true),
    taxRegistration: numberOf(false),
    registration: textAt(party, "cac:PartyLegalEntity/cbc:CompanyID"),
    street: textAt(party, "cac:PostalAddress/cbc:StreetName"),
    city: textAt(party, "cac:PostalAddress/cbc:CityName"),
    postalCode: textAt(party, "cac:PostalAddress/cbc:PostalZone"),
    region: textAt(party, "cac:PostalAddress/cbc:CountrySubentity"),
    countryCode: requireText(party, "cac:PostalAddress/cac:Country/cbc:IdentificationCode"),
    email: textAt(party, "cac:Contact/cbc:ElectronicMail"),
    phone: textAt(party, "cac:Contact/cbc:Telephone"),
  };
}

/** The first that names an account; a document may offer several. */
function readTransfer(root: XmlElement): EInvoice["transfer"] {
  for (const means of childrenOf(root, "cac:PaymentMeans")) {
    const account = textAt(means, "cac:PayeeFinancialAccount/cbc:ID");
    if (account !== null) return { account, reference: textAt(means, "cbc:PaymentID") };
  }
  return null;
}

function readDocumentAdjustment(element: XmlElement): DocumentAdjustment {
  return { ...readAdjustment(element), tax: readTax(requireChild(element, "cac:TaxCategory")) };
}

function readAdjustment(element: XmlElement): Adjustment {
  const indicator = requireText(element, "cbc:ChargeIndicator");
  if (indicator !== "true" && indicator !== "false") {
    throw refusalAt("value-unknown", "ChargeIndicator is true or false.", element);
  }
  const isCharge = indicator === "true";
  const reasonCode = textAt(element, "cbc:AllowanceChargeReasonCode");
  const reason = textAt(element, "cbc:AllowanceChargeReason") ?? reasonCode;
  return {
    isCharge,
    amount: moneyAt(element, "cbc:Amount"),
    base: maybeMoneyAt(element, "cbc:BaseAmount"),
    percent: maybeValueAt(element, "cbc:MultiplierFactorNumeric", normalizeDecimal),
    reason: reason ?? requireText(element, "cbc:AllowanceChargeReason"),
    reasonCode,
  };
}

function readTax(category: XmlElement): TaxCategory {
  const code = requireText(category, "cbc:ID");
  if (!isTaxCategory(code)) {
    throw refusalAt("ubl-tax-category-unknown", `The tax category ${code} is not read.`, category);
  }
  return { code, percent: maybeValueAt(category, "cbc:Percent", normalizeDecimal) };
}

function isTaxCategory(code: string): code is TaxCategoryCode {
  return taxCategoryCodes.some((known) => known === code);
}

/** The total in the document's currency; one in the currency of accounting may stand beside it. */
function taxTotalOf(root: XmlElement, currency: string): XmlElement {
  const totals = childrenOf(root, "cac:TaxTotal").filter(
    (one) => moneyAt(one, "cbc:TaxAmount").currency === currency,
  );
  const [total, twin] = totals;
  if (twin !== undefined) {
    throw refusalAt("xml-element-repeated", "A document has one TaxTotal in its currency.", twin);
  }
  return total ?? requireChild(root, "cac:TaxTotal");
}

function readTaxes(root: XmlElement, currency: string): readonly TaxSubtotal[] {
  return childrenOf(taxTotalOf(root, currency), "cac:TaxSubtotal").map((subtotal) => {
    const category = requireChild(subtotal, "cac:TaxCategory");
    return {
      ...readTax(category),
      taxable: moneyAt(subtotal, "cbc:TaxableAmount"),
      tax: moneyAt(subtotal, "cbc:TaxAmount"),
      exemptionReason:
        textAt(category, "cbc:TaxExemptionReason") ??
        textAt(category, "cbc:TaxExemptionReasonCode"),
    };
  });
}

function readTotals(root: XmlElement, currency: string): Totals {
  const totals = requireChild(root, "cac:LegalMonetaryTotal");
  const orZero = (name: string): Money => maybeMoneyAt(totals, name) ?? zero(currency);
  return {
    lines: moneyAt(totals, "cbc:LineExtensionAmount"),
    allowances: orZero("cbc:AllowanceTotalAmount"),
    charges: orZero("cbc:ChargeTotalAmount"),
    withoutTax: moneyAt(totals, "cbc:TaxExclusiveAmount"),
    tax: moneyAt(taxTotalOf(root, currency), "cbc:TaxAmount"),
    withTax: moneyAt(totals, "cbc:TaxInclusiveAmount"),
    prepaid: orZero("cbc:PrepaidAmount"),
    rounding: orZero("cbc:PayableRoundingAmount"),
    payable: moneyAt(totals, "cbc:PayableAmount"),
  };
}

function readLine(element: XmlElement, quantityName: string): Line {
  const quantity = requireChild(element, quantityName);
  const price = requireChild(element, "cac:Price");
  return {
    id: requireText(element, "cbc:ID"),
    name: requireText(element, "cac:Item/cbc:Name"),
    productCode: textAt(element, "cac:Item/cac:SellersItemIdentification/cbc:ID"),
    quantity: valueAt(element, quantityName, normalizeDecimal),
    unitCode: attributeOf(quantity, "unitCode", String),
    price: valueAt(price, "cbc:PriceAmount", normalizeDecimal),
    baseQuantity: maybeValueAt(price, "cbc:BaseQuantity", normalizeDecimal) ?? "1",
    adjustments: childrenOf(element, "cac:AllowanceCharge").map(readAdjustment),
    amount: moneyAt(element, "cbc:LineExtensionAmount"),
    tax: readTax(requireChild(element, "cac:Item/cac:ClassifiedTaxCategory")),
  };
}

function moneyAt(element: XmlElement, name: string): Money {
  const currency = attributeOf(requireChild(element, name), "currencyID", parseCurrency);
  return valueAt(element, name, (text) => parseMoney(text, currency));
}

function maybeMoneyAt(element: XmlElement, name: string): Money | null {
  return textAt(element, name) === null ? null : moneyAt(element, name);
}

function inOneCurrency(invoice: EInvoice, root: XmlElement): EInvoice {
  const { totals, taxes, lines, adjustments, currency } = invoice;
  const amounts = [
    ...Object.values<Money>({ ...totals }),
    ...taxes.flatMap(({ taxable, tax }) => [taxable, tax]),
    ...[...lines, ...lines.flatMap((line) => line.adjustments), ...adjustments].map(
      ({ amount }) => amount,
    ),
  ];
  if (amounts.every((amount) => amount.currency === currency)) return invoice;
  throw refusalAt("currencies-differ", `All amounts must be in ${currency}.`, root);
}
