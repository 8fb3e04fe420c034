import type { Flow } from "#shared/domain/flow.ts";
import { companyDomain, normalizeName, normalizeTaxNumber } from "#shared/domain/normalize.ts";
import { derived, newest, rule, systemOfRecord } from "#shared/domain/policies.ts";
import { type Fields, type FieldValue, isMoney } from "#shared/domain/records.ts";

const crm = systemOfRecord("crm");
const books = systemOfRecord("books");

/** Customers, both ways: the CRM knows who they are, the books know what they owe. */
export const customerFlow: Flow = {
  recordType: "customer",
  sides: {
    crm: { create: "always", whenEndedElsewhere: "keep" },
    books: { create: "always", whenEndedElsewhere: "archive" },
  },
  fields: {
    name: rule(crm, "crm", "books"),
    phone: rule(crm, "crm", "books"),
    street: rule(crm, "crm", "books"),
    city: rule(crm, "crm", "books"),
    region: rule(crm, "crm", "books"),
    postalCode: rule(crm, "crm", "books"),
    country: rule(crm, "crm", "books"),
    website: rule(crm, "crm"),
    segment: rule(crm, "crm"),
    email: rule(newest, "crm", "books"),
    taxNumber: rule(books, "crm", "books"),
    paymentTermsDays: rule(books, "crm", "books"),
    currency: rule(crm, "crm", "books"),
    balanceCurrency: rule(derived, "crm"),
    openBalance: rule(derived, "crm"),
    overdueBalance: rule(derived, "crm"),
    revenue: rule(derived, "crm"),
    costOfSales: rule(derived, "crm"),
    grossProfit: rule(derived, "crm"),
    marginRate: rule(derived, "crm"),
    costCoverageRate: rule(derived, "crm"),
    openCredit: rule(derived, "crm"),
    lastPaymentOn: rule(derived, "crm"),
    balanceSummary: rule(derived, "crm"),
  },
  match: [
    { kind: "tax-number", keyOf: taxNumberKey },
    { kind: "domain-and-name", keyOf: domainAndNameKey },
  ],
  holdsMoney: ({ openBalance, openCredit, revenue }) =>
    [openBalance, openCredit, revenue].some(isFilledAmount),
  required: ["name"],
};

function isFilledAmount(value: FieldValue | undefined): boolean {
  return isMoney(value) && value.minor !== 0n;
}

function taxNumberKey(fields: Fields): string | undefined {
  const taxNumber = textOf(fields["taxNumber"]);
  return taxNumber === undefined ? undefined : normalizeTaxNumber(taxNumber);
}

function domainAndNameKey(fields: Fields): string | undefined {
  const name = normalizeName(textOf(fields["name"]) ?? "");
  const address = textOf(fields["email"]) ?? textOf(fields["website"]);
  const domain = address === undefined ? undefined : companyDomain(address);
  return name === "" || domain === undefined ? undefined : `${domain} ${name}`;
}

function textOf(value: FieldValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
