/** That our rule for tax by line is the one by which Xero, as simulated, works tax out. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startXeroSimulator, type XeroSimulator } from "#infra/local/simulators/xero/index.ts";
import { xeroDefinition } from "#shared/connectors/xero/definition.ts";
import { parseExact } from "#shared/domain/json.ts";
import { formatMoney, parseMoney } from "#shared/domain/money.ts";
import { type TaxRule, taxByDocument, taxByLine } from "#shared/domain/tax.ts";

const TENANT = "fe79f7dd-b6d4-4a92-ba7b-538af6289c58";
const CURRENCY = "USD";
const CONTACT = { Name: "Laughing Bacchus" };

/** The organisation's tax rates as its TaxType and a fraction. */
const rates: ReadonlyMap<string, string> = new Map([
  ["OUTPUT", "0.15"],
  ["TAX001", "0.0825"],
  ["NONE", "0"],
]);

let sim: XeroSimulator;

beforeAll(async () => {
  sim = await startXeroSimulator({
    token: "fixed-token",
    tenantId: TENANT,
    webhookKey: "webhook-key",
    clientId: "client",
    clientSecret: "secret",
    now: () => Date.UTC(2026, 9, 1, 12),
    limits: { perMinute: 1_000, perDay: 10_000 },
  });
});

afterAll(async () => {
  await sim.close();
});

interface TaxedInvoice {
  readonly SubTotal: string;
  readonly TotalTax: string;
  readonly Total: string;
  readonly LineItems: readonly { readonly LineAmount: string; readonly TaxAmount: string }[];
}

type Line = readonly [amount: string, taxType: string];

async function makeInvoice(lineAmountTypes: string, lines: readonly Line[]): Promise<TaxedInvoice> {
  const response = await fetch(`${sim.url}/api.xro/2.0/Invoices?unitdp=4`, {
    method: "PUT",
    headers: {
      authorization: `Bearer ${sim.token}`,
      "xero-tenant-id": TENANT,
      "content-type": "application/json",
      accept: "application/json",
    },
    body: JSON.stringify({
      Type: "ACCREC",
      Contact: CONTACT,
      LineAmountTypes: lineAmountTypes,
      LineItems: lines.map(([amount, taxType]) => ({
        Description: "Wine",
        Quantity: 1,
        UnitAmount: Number(amount),
        AccountCode: "200",
        TaxType: taxType,
      })),
    }),
  });
  const { Invoices: invoices } = parseExact(await response.text()) as {
    Invoices: readonly [TaxedInvoice];
  };
  return invoices[0];
}

function foretell(rule: TaxRule, lines: readonly Line[]) {
  const taxed = lines.map(([amount, taxType]) => ({
    amount: parseMoney(amount, CURRENCY),
    rate: rates.get(taxType) ?? "",
  }));
  const { taxes, total } = taxByLine(taxed, rule);
  return {
    taxes: taxes.map(formatMoney),
    total: formatMoney(total),
    byDocument: formatMoney(taxByDocument(taxed, rule).total),
  };
}

/** Fixed, and of every remainder: lines of cents that a rate of 15 or 8.25 % does not divide. */
const manyLines: readonly Line[] = Array.from({ length: 120 }, (_, index) => [
  `${(index * 37) % 400}.${String((index * 53) % 100).padStart(2, "0")}`,
  ["OUTPUT", "TAX001", "NONE"][index % 3] ?? "",
]);

describe("Xero's tax", () => {
  it("is declared to be rounded at each line", () => {
    expect(xeroDefinition.money.taxRounding).toBe("per-line");
  });

  it("is 11.44 on 76.30 at 15 %, where the document as a whole would give 11.45", async () => {
    const lines: readonly Line[] = [
      ["30.09", "OUTPUT"],
      ["46.21", "OUTPUT"],
    ];
    const rule = { treatment: "exclusive", mode: "half-up", currency: CURRENCY } as const;
    const invoice = await makeInvoice("Exclusive", lines);

    expect([invoice.SubTotal, invoice.TotalTax, invoice.Total]).toEqual([
      "76.30",
      "11.44",
      "87.74",
    ]);
    expect(foretell(rule, lines)).toEqual({
      taxes: ["4.51", "6.93"],
      total: "11.44",
      byDocument: "11.45",
    });
  });

  it.each([
    ["Exclusive", "exclusive"],
    ["Inclusive", "inclusive"],
    ["NoTax", "none"],
  ] as const)("is what taxByLine gives for each of 120 lines, %s", async (types, treatment) => {
    const rule = { treatment, mode: "half-up", currency: CURRENCY } as const;
    const invoice = await makeInvoice(types, manyLines);
    const { taxes, total } = foretell(rule, manyLines);

    expect(invoice.LineItems.map((line) => line.TaxAmount)).toEqual(taxes);
    expect(invoice.TotalTax).toBe(total);
  });
});
