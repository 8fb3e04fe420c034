import { describe, expect, it } from "vitest";
import type { Flow } from "#shared/domain/flow.ts";
import type { Fields } from "#shared/domain/records.ts";
import { customerFlow } from "#shared/flows/customer.ts";
import { flows } from "#shared/flows/flows.ts";
import { invoiceFlow } from "#shared/flows/invoice.ts";
import { productFlow } from "#shared/flows/product.ts";

/** All keys a record has, by kind. */
function keysOf(flow: Flow, fields: Fields): Record<string, string | undefined> {
  return Object.fromEntries(flow.match.map(({ kind, keyOf }) => [kind, keyOf(fields)]));
}

describe("a customer", () => {
  it("is found by the tax number first, then by domain and name together", () => {
    expect(customerFlow.match.map(({ kind }) => kind)).toEqual(["tax-number", "domain-and-name"]);
  });

  it("has the same keys however its fields are written", () => {
    const inTheCrm = keysOf(customerFlow, {
      name: "Harbour Coffee, Ltd.",
      email: "ann@harbour.example",
      taxNumber: "GB 123 4567 89",
    });
    const inTheBooks = keysOf(customerFlow, {
      name: "HARBOUR COFFEE LTD",
      email: "Accounts@Harbour.Example",
      taxNumber: "gb123456789",
    });

    expect(inTheCrm).toEqual({
      "tax-number": "GB123456789",
      "domain-and-name": "harbour.example harbour coffee ltd",
    });
    expect(inTheBooks).toEqual(inTheCrm);
  });

  it("takes the website where there is no e-mail address", () => {
    const fields = { name: "Harbour", email: null, website: "https://www.harbour.example/shop" };

    expect(keysOf(customerFlow, fields)["domain-and-name"]).toBe("harbour.example harbour");
  });

  it.each([
    ["a name alone", { name: "Harbour Coffee" }],
    ["a domain alone", { email: "ann@harbour.example" }],
    ["a shared mail provider", { name: "Ann Smith", email: "ann@gmail.com" }],
    ["a phone number", { name: "Ann", phone: "+44 20 7946 0000" }],
    ["a placeholder for a tax number", { name: "Ann", taxNumber: "n/a" }],
    ["blanks", { name: null, email: null, website: null, taxNumber: null }],
    ["nothing", {}],
  ])("is never found by %s", (_name, fields) => {
    expect(keysOf(customerFlow, fields)).toEqual({
      "tax-number": undefined,
      "domain-and-name": undefined,
    });
  });

  it("is not another one at the same domain", () => {
    const sales = keysOf(customerFlow, { name: "Harbour Sales", email: "a@harbour.example" });
    const rents = keysOf(customerFlow, { name: "Harbour Rents", email: "a@harbour.example" });

    expect(sales).not.toEqual(rents);
  });
});

describe("a product", () => {
  it("is found by its code, outer blanks left out, case kept", () => {
    expect(keysOf(productFlow, { code: " W-1 " })).toEqual({ code: "W-1" });
    expect(keysOf(productFlow, { code: "w-1" })).not.toEqual(keysOf(productFlow, { code: "W-1" }));
  });

  it.each([[{}], [{ code: null }], [{ name: "Widget" }]])("is not found by %j", (fields) => {
    expect(keysOf(productFlow, fields)).toEqual({ code: undefined });
  });
});

describe("an invoice", () => {
  const customer = { canonicalId: "customer-1" };

  it("is found by its reference and its customer together", () => {
    const fields = { reference: " SO-17 ", customer, status: "draft" };

    expect(keysOf(invoiceFlow, fields)).toEqual({ "reference-and-customer": "customer-1 SO-17" });
  });

  it.each([
    ["is void", { reference: "SO-17", customer, status: "void" }],
    ["is deleted", { reference: "SO-17", customer, status: "deleted" }],
    ["has no reference", { reference: null, customer, status: "draft" }],
    ["has no customer", { reference: "SO-17", customer: null }],
    [
      "has a customer we do not know yet",
      {
        reference: "SO-17",
        customer: { connection: "books", recordType: "customer", externalId: "7" } as const,
      },
    ],
  ])("is not found while it %s", (_name, fields) => {
    expect(keysOf(invoiceFlow, fields)).toEqual({ "reference-and-customer": undefined });
  });
});

describe("orders and payments", () => {
  it("live in one system, so there is nothing to match", () => {
    expect(flows.order.match).toEqual([]);
    expect(flows.payment.match).toEqual([]);
  });
});
