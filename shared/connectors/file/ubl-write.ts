/** An e-invoice as a document of UBL 2.1; elements stand in the order that its schema wants. */
import type {
  Adjustment,
  EInvoice,
  Line,
  Party,
  TaxCategory,
  TaxSubtotal,
} from "#shared/domain/e-invoice/model.ts";
import { formatMoney, type Money } from "#shared/domain/money.ts";
import {
  CREDIT_TRANSFER,
  OTHER_TAX,
  ublKinds,
  ublNamespaces,
  ublProfiles,
  VAT,
} from "./ubl-names.ts";
import { parentNode, textNode, writeXml, type XmlNode } from "./xml-write.ts";

type Nodes = readonly XmlNode[];

/** The same e-invoice always gives the same text. Whether it keeps the rules was asked before. */
export function writeUbl(invoice: EInvoice): string {
  const { root, namespace } = ublKinds[invoice.kind];
  const { cac, cbc } = ublNamespaces;
  return writeXml({
    name: root,
    attributes: { xmlns: namespace, "xmlns:cac": cac, "xmlns:cbc": cbc },
    content: [
      ...headNodes(invoice),
      ...partyNodes("cac:AccountingSupplierParty", invoice.seller),
      ...partyNodes("cac:AccountingCustomerParty", invoice.buyer),
      ...transferNodes(invoice),
      ...parentNode("cac:PaymentTerms", textNode("cbc:Note", invoice.paymentTerms)),
      ...invoice.adjustments.flatMap((one) =>
        adjustmentNodes(one, taxCategoryNodes("cac:TaxCategory", one.tax)),
      ),
      ...taxNodes(invoice),
      ...totalNodes(invoice),
      ...invoice.lines.flatMap((line) => lineNodes(line, invoice.kind)),
    ],
  });
}

function headNodes(invoice: EInvoice): Nodes {
  const { typeCode, type } = ublKinds[invoice.kind];
  const { customization, process } = ublProfiles[invoice.profile];
  return [
    ...textNode("cbc:CustomizationID", customization),
    ...textNode("cbc:ProfileID", process),
    ...textNode("cbc:ID", invoice.number),
    ...textNode("cbc:IssueDate", invoice.issuedOn),
    ...textNode("cbc:DueDate", invoice.dueOn),
    ...textNode(typeCode, type),
    ...textNode("cbc:DocumentCurrencyCode", invoice.currency),
    ...parentNode("cac:OrderReference", textNode("cbc:ID", invoice.orderReference)),
    ...parentNode(
      "cac:BillingReference",
      parentNode("cac:InvoiceDocumentReference", textNode("cbc:ID", invoice.precedingInvoice)),
    ),
  ];
}

function partyNodes(role: string, party: Party): Nodes {
  const { endpoint } = party;
  return parentNode(
    role,
    parentNode(
      "cac:Party",
      endpoint === null
        ? []
        : textNode("cbc:EndpointID", endpoint.id, { schemeID: endpoint.scheme }),
      parentNode(
        "cac:PostalAddress",
        textNode("cbc:StreetName", party.street),
        textNode("cbc:CityName", party.city),
        textNode("cbc:PostalZone", party.postalCode),
        textNode("cbc:CountrySubentity", party.region),
        parentNode("cac:Country", textNode("cbc:IdentificationCode", party.countryCode)),
      ),
      taxSchemeNodes(party.vatNumber, VAT),
      taxSchemeNodes(party.taxRegistration, OTHER_TAX),
      parentNode(
        "cac:PartyLegalEntity",
        textNode("cbc:RegistrationName", party.name),
        textNode("cbc:CompanyID", party.registration),
      ),
      parentNode(
        "cac:Contact",
        textNode("cbc:Telephone", party.phone),
        textNode("cbc:ElectronicMail", party.email),
      ),
    ),
  );
}

function taxSchemeNodes(number: string | null, scheme: string): Nodes {
  if (number === null) return [];
  return parentNode("cac:PartyTaxScheme", textNode("cbc:CompanyID", number), schemeNodes(scheme));
}

function schemeNodes(scheme: string): Nodes {
  return parentNode("cac:TaxScheme", textNode("cbc:ID", scheme));
}

function transferNodes({ transfer }: EInvoice): Nodes {
  if (transfer === null) return [];
  return parentNode(
    "cac:PaymentMeans",
    textNode("cbc:PaymentMeansCode", CREDIT_TRANSFER),
    textNode("cbc:PaymentID", transfer.reference),
    parentNode("cac:PayeeFinancialAccount", textNode("cbc:ID", transfer.account)),
  );
}

function adjustmentNodes(adjustment: Adjustment, tax: Nodes): Nodes {
  return parentNode(
    "cac:AllowanceCharge",
    textNode("cbc:ChargeIndicator", String(adjustment.isCharge)),
    textNode("cbc:AllowanceChargeReasonCode", adjustment.reasonCode),
    textNode("cbc:AllowanceChargeReason", adjustment.reason),
    textNode("cbc:MultiplierFactorNumeric", adjustment.percent),
    moneyNodes("cbc:Amount", adjustment.amount),
    adjustment.base === null ? [] : moneyNodes("cbc:BaseAmount", adjustment.base),
    tax,
  );
}

function taxCategoryNodes(name: string, tax: TaxCategory, reason: string | null = null): Nodes {
  return parentNode(
    name,
    textNode("cbc:ID", tax.code),
    textNode("cbc:Percent", tax.percent),
    textNode("cbc:TaxExemptionReason", reason),
    schemeNodes(VAT),
  );
}

function taxNodes({ taxes, totals }: EInvoice): Nodes {
  return parentNode(
    "cac:TaxTotal",
    moneyNodes("cbc:TaxAmount", totals.tax),
    ...taxes.map((subtotal: TaxSubtotal) =>
      parentNode(
        "cac:TaxSubtotal",
        moneyNodes("cbc:TaxableAmount", subtotal.taxable),
        moneyNodes("cbc:TaxAmount", subtotal.tax),
        taxCategoryNodes("cac:TaxCategory", subtotal, subtotal.exemptionReason),
      ),
    ),
  );
}

/** What is optional is written where it is not zero. */
function totalNodes({ totals }: EInvoice): Nodes {
  const unlessZero = (name: string, amount: Money): Nodes =>
    amount.minor === 0n ? [] : moneyNodes(name, amount);
  return parentNode(
    "cac:LegalMonetaryTotal",
    moneyNodes("cbc:LineExtensionAmount", totals.lines),
    moneyNodes("cbc:TaxExclusiveAmount", totals.withoutTax),
    moneyNodes("cbc:TaxInclusiveAmount", totals.withTax),
    unlessZero("cbc:AllowanceTotalAmount", totals.allowances),
    unlessZero("cbc:ChargeTotalAmount", totals.charges),
    unlessZero("cbc:PrepaidAmount", totals.prepaid),
    unlessZero("cbc:PayableRoundingAmount", totals.rounding),
    moneyNodes("cbc:PayableAmount", totals.payable),
  );
}

function lineNodes(line: Line, kind: EInvoice["kind"]): Nodes {
  const { line: name, quantity } = ublKinds[kind];
  const { unitCode } = line;
  return parentNode(
    name,
    textNode("cbc:ID", line.id),
    textNode(quantity, line.quantity, { unitCode }),
    moneyNodes("cbc:LineExtensionAmount", line.amount),
    ...line.adjustments.map((one) => adjustmentNodes(one, [])),
    parentNode(
      "cac:Item",
      textNode("cbc:Name", line.name),
      parentNode("cac:SellersItemIdentification", textNode("cbc:ID", line.productCode)),
      taxCategoryNodes("cac:ClassifiedTaxCategory", line.tax),
    ),
    parentNode(
      "cac:Price",
      textNode("cbc:PriceAmount", line.price, { currencyID: line.amount.currency }),
      line.baseQuantity === "1"
        ? []
        : textNode("cbc:BaseQuantity", line.baseQuantity, { unitCode }),
    ),
  );
}

/** The standard has two digits at the most: zeros beyond them are left out. */
function moneyNodes(name: string, amount: Money): Nodes {
  const text = formatMoney(amount).replace(/(\.\d\d)0+$/, "$1");
  return textNode(name, text, { currencyID: amount.currency });
}
