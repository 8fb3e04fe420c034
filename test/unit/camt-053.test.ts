import { describe, expect, it } from "vitest";
import { readBankStatements } from "#shared/connectors/file/camt-053.ts";
import { formatMoney, money } from "#shared/domain/money.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import { type AStatement, aBankFile, type CamtVersion } from "#test/support/bank-statements.ts";

function read(text: string) {
  return readBankStatements(new TextEncoder().encode(text));
}

function refusalOf(text: string | Uint8Array): string {
  try {
    readBankStatements(typeof text === "string" ? new TextEncoder().encode(text) : text);
  } catch (cause) {
    if (!(cause instanceof SyncError)) throw cause;
    const { kind, code, fix, field } = cause.failure;
    if (fix === undefined) throw new Error(`${code} has no fix`);
    return `${kind} ${code} ${field ?? ""}`.trim();
  }
  throw new Error("the file was not refused");
}

const euro = (minor: bigint) => money(minor, "EUR");

const full = (version: CamtVersion): AStatement => ({
  version,
  opening: "-100.00",
  closing: "24.50",
  entries: [
    {
      amount: "119.00",
      reference: "B-1",
      transactions: [
        {
          amount: "119.00",
          reference: "T-1",
          endToEndId: "E2E-7",
          unstructured: ["Invoice INV-0042", "thank you"],
          creditorReference: "RF18539007547034",
          documentNumber: "INV-0042",
          party: "Björklund &amp; Söner",
        },
      ],
    },
    { amount: "4.50", sign: "DBIT", bookedOn: "2026-11-25", note: "Fees" },
    { amount: "10.00", isReversal: true },
    { amount: "7.77", status: "PDNG" },
  ],
});

describe("readBankStatements", () => {
  it.each(["02", "08"] as const)("reads all of a statement of version %s", (version) => {
    expect(read(aBankFile(full(version)))).toEqual([
      {
        statementId: "2026-331",
        account: "DE89370400440532013000",
        currency: "EUR",
        createdAtMs: Date.UTC(2026, 10, 27, 6),
        opening: euro(-10_000n),
        closing: euro(2_450n),
        entries: [
          {
            reference: "B-1",
            status: "booked",
            bookedOn: "2026-11-26",
            amount: euro(11_900n),
            isReversal: false,
            transactions: [
              {
                reference: "T-1",
                amount: euro(11_900n),
                endToEndId: "E2E-7",
                creditorReferences: ["RF18539007547034"],
                documentNumbers: ["INV-0042"],
                remittance: ["Invoice INV-0042", "thank you"],
                counterparty: "Björklund & Söner",
              },
            ],
            note: null,
          },
          {
            reference: null,
            status: "booked",
            bookedOn: "2026-11-25",
            amount: euro(-450n),
            isReversal: false,
            transactions: [],
            note: "Fees",
          },
          {
            reference: null,
            status: "booked",
            bookedOn: "2026-11-26",
            amount: euro(1_000n),
            isReversal: true,
            transactions: [],
            note: null,
          },
          {
            reference: null,
            status: "pending",
            bookedOn: "2026-11-26",
            amount: euro(777n),
            isReversal: false,
            transactions: [],
            note: null,
          },
        ],
      },
    ]);
  });

  it.each([
    ["JPY", "1000", "1500", "500", "1500"],
    ["KWD", "1.500", "3.755", "2.255", "3.755"],
  ])("reads amounts in %s", (currency, opening, closing, amount, reached) => {
    const [statement] = read(aBankFile({ currency, opening, closing, entries: [{ amount }] }));

    expect(statement && formatMoney(statement.closing)).toBe(reached);
  });

  it("takes a payment's name of NOTPROVIDED for none, and an amount that is not there for none", () => {
    const [statement] = read(
      aBankFile({ closing: "101.00", entries: [{ amount: "1.00", transactions: [{}] }] }),
    );

    expect(statement?.entries[0]?.transactions[0]).toMatchObject({
      endToEndId: null,
      amount: null,
      counterparty: null,
      remittance: [],
    });
  });

  it("takes the day as the bank wrote it, and the value date where there is no booking date", () => {
    const file = aBankFile({ closing: "101.00", entries: [{ amount: "1.00" }] });
    const atNight = file.replace(
      "<BookgDt><Dt>2026-11-26</Dt></BookgDt>",
      "<ValDt><DtTm>2026-11-26T23:30:00-05:00</DtTm></ValDt>",
    );

    expect(read(atNight)[0]?.entries[0]?.bookedOn).toBe("2026-11-26");
  });

  it("takes the closing balance of the day before for the opening one", () => {
    const file = aBankFile({ closing: "101.00", entries: [{ amount: "1.00" }] });

    expect(read(file.replace("OPBD", "PRCD"))[0]?.opening).toEqual(euro(10_000n));
  });
});

describe("a statement that cannot be trusted", () => {
  const good = aBankFile(full("02"));
  const change = (from: string | RegExp, to: string): string => {
    const changed = good.replace(from, to);
    if (changed === good) throw new Error("nothing was changed");
    return changed;
  };

  it.each([
    [
      "does not add up",
      change(">24.50<", ">24.51<"),
      "bank-statement-does-not-add-up line 5: Stmt",
    ],
    [
      "lacks an entry",
      change(/<Ntry><Amt Ccy="EUR">4.50[\s\S]*?<\/Ntry>/, ""),
      "bank-statement-does-not-add-up line 5: Stmt",
    ],
    [
      "has no closing balance",
      change("CLBD", "ITBD"),
      "bank-statement-balance-missing line 5: Stmt",
    ],
    ["has two opening balances", change("CLBD", "OPBD"), "xml-element-repeated line 8: Bal"],
    [
      "has an entry in another currency",
      change('"EUR">119.00', '"USD">119.00'),
      "currencies-differ line 5: Stmt",
    ],
    [
      "has a currency nobody knows",
      change('"EUR">119.00', '"ABC">119.00'),
      "currency-unreadable line 9: Amt",
    ],
    [
      "has an amount with too many digits",
      change('"EUR">119.00', '"EUR">119.001'),
      "amount-too-precise line 9: Amt",
    ],
    [
      "has an amount with a comma",
      change('"EUR">119.00', '"EUR">119,00'),
      "number-unreadable line 9: Amt",
    ],
    [
      "has an amount with a sign",
      change('"EUR">119.00', '"EUR">-119.00'),
      "value-unknown line 9: Ntry",
    ],
    [
      "has an amount without a currency",
      change(' Ccy="EUR">119.00', ">119.00"),
      "xml-element-missing line 9: Amt/@Ccy",
    ],
    [
      "has two amounts",
      change(
        "<CdtDbtInd>CRDT</CdtDbtInd><Sts>",
        '<Amt Ccy="EUR">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>',
      ),
      "xml-element-repeated line 9: Amt/Amt",
    ],
    [
      "does not say which way",
      change("<CdtDbtInd>CRDT</CdtDbtInd><Sts>", "<Sts>"),
      "xml-element-missing line 9: Ntry/CdtDbtInd",
    ],
    [
      "says neither way",
      change("<CdtDbtInd>CRDT</CdtDbtInd><Sts>", "<CdtDbtInd>C</CdtDbtInd><Sts>"),
      "value-unknown line 9: Ntry",
    ],
    ["has a status nobody knows", change("<Sts>PDNG", "<Sts>MAYBE"), "value-unknown line 12: Ntry"],
    [
      "has a day that is not in the calendar",
      change("<Dt>2026-11-25", "<Dt>2026-11-31"),
      "date-unreadable line 10: Dt",
    ],
    [
      "is of no known time",
      change("<CreDtTm>2026-11-27T06:00:00</", "<CreDtTm>today</"),
      "date-unreadable line 5: Stmt",
    ],
    [
      "is of another version",
      good.replaceAll("053.001.02", "053.001.99"),
      "bank-statement-version-unknown line 2: {urn:iso:std:iso:20022:tech:xsd:camt.053.001.99}Document",
    ],
    [
      "is of no namespace",
      change(/ xmlns="[^"]*"/, ""),
      "bank-statement-version-unknown line 2: {}Document",
    ],
    [
      "is none",
      change(/<Stmt>[\s\S]*<\/Stmt>/, ""),
      "xml-element-missing line 3: BkToCstmrStmt/Stmt",
    ],
  ])("%s", (_, text, refusal) => {
    expect(refusalOf(text)).toBe(`invalid-input ${refusal}`);
  });

  it("is refused when it is cut off, wherever that is", () => {
    const bytes = new TextEncoder().encode(good.trimEnd());
    const codes = new Set<string>();
    for (let length = 0; length < bytes.length; length += 1) {
      codes.add(refusalOf(bytes.subarray(0, length)).split(" ")[1] ?? "");
    }

    // Cut within a letter of two bytes it is not even text.
    expect([...codes].sort()).toEqual(["encoding-not-utf8", "xml-malformed"]);
  });
});
