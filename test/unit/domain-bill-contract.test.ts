/** What becomes of a contract's issued invoices when its terms change: see `bill-order.ts`. */
import { describe, expect, it } from "vitest";
import { type Billing, billOrder, creditNotesOf } from "#shared/domain/bill-order.ts";
import { decideCorrection } from "#shared/domain/correction.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { instalmentIdsOf } from "#shared/domain/derive-contract.ts";
import { invoiceIdOf } from "#shared/domain/derive-invoice.ts";
import { money } from "#shared/domain/money.ts";
import type { Fields } from "#shared/domain/records.ts";
import { aContract, derivedInvoice, issueAll, lineOver } from "#test/support/contracts.ts";

const today = "2026-04-20";
const datedOn = "2026-04-21";
const made = { by: "jane", at: "2026-04-20T10:00:00.000Z" };
const [orderId, line] = [aContract().canonicalId, lineOver(9_000n)];
const dearer = { lines: [lineOver(10_000n)] };

/** Four months of 90.00 were issued, of the 15th of each. */
const issued = issueAll(aContract(), today);

function bill(order: CrossReference, invoices: readonly CrossReference[] = issued) {
  return billOrder({ order, invoices, today });
}

function idOf(day: string, turn = 0) {
  return instalmentIdsOf(orderId, day)[turn] ?? "";
}

function decide(
  order: CrossReference,
  { disputes }: Billing,
  decision: "approved" | "dismissed",
  index = 0,
) {
  const name = disputes[index]?.name;
  if (name === undefined) throw new Error(`there is no dispute ${index}`);
  const dated = decision === "approved" ? { datedOn } : {};
  return decideCorrection(order, name, { decision, ...made, ...dated });
}

describe("a contract whose terms change after instalments were issued", () => {
  it("asks nothing while they say what its terms say", () => {
    expect(bill(aContract())).toMatchObject({ invoices: [], disputes: [], nextOn: "2026-05-15" });
  });

  it.each([
    ["lines", dearer],
    ["tax treatment", { taxTreatment: "inclusive" }],
    ["customer", { customer: { canonicalId: "customer-000000000000000000000002" } }],
    ["currency", { currency: "USD", lines: [lineOver(9_000n, "USD")] }],
  ])("has a correction of each proposed where its %s changed, and goes on", (_name, fields) => {
    const { invoices, disputes, nextOn } = bill(aContract(fields));

    expect(invoices).toEqual([]);
    expect(disputes.map(({ name }) => name.invoiceId)).toEqual(
      issued.map(({ canonicalId }) => canonicalId),
    );
    expect(new Set(disputes.map(({ code }) => code))).toEqual(new Set(["correction-proposed"]));
    expect(nextOn).toBe("2026-05-15");
  });

  it("has its drafts follow, beside what is proposed", () => {
    const draft = derivedInvoice(idOf("2026-04-15"), { lines: [line] }, "draft");

    expect(bill(aContract(dearer), [...issued.slice(0, 3), draft])).toMatchObject({
      invoices: [{ canonicalId: draft.canonicalId, fields: dearer }],
      disputes: [{}, {}, {}],
    });
  });

  it("bills the part of a period's days that a new end leaves of it", () => {
    const { disputes } = bill(aContract({ billingEndsOn: "2026-04-24" }));

    // 10 of 30 days.
    expect(disputes).toMatchObject([
      {
        code: "correction-proposed",
        correction: {
          invoiceId: idOf("2026-04-15"),
          amounts: [{ before: money(9_000n, "EUR"), after: money(3_000n, "EUR") }],
        },
      },
    ]);
  });

  it.each([
    ["earlier end", { billingEndsOn: "2026-04-14" }, ["2026-04-15"]],
    ["longer periods", { billingPeriod: "quarterly" }, ["2026-02-15", "2026-03-15"]],
    [
      "contract that is none any more",
      { billingPeriod: "once" },
      issued.map(({ fields }) => fields["issuedOn"]),
    ],
  ])("has what was issued taken back that its terms ask for no more: %s", (_name, fields, days) => {
    const { invoices, disputes, nextOn } = bill(aContract(fields));

    const taken = disputes.filter(({ code }) => code === "contract-billed-otherwise");
    expect(taken.map(({ name }) => name.invoiceId)).toEqual(days.map((day) => idOf(String(day))));
    for (const { correction } of taken) {
      expect(correction).toMatchObject({ takesBack: [line] });
      expect(correction).not.toHaveProperty("billsAnew");
    }
    expect(taken[0]?.notice).toBe(
      `Invoice INV-${String(days[0])} (EUR 90.00) was issued for a period that the deal has no more: a credit note waits for approval.`,
    );
    expect({ invoices, nextOn }).toEqual({ invoices: [], nextOn: undefined });
  });

  it("makes no invoice beside one too many until a person decides; then it goes on", () => {
    const moved = aContract({ billingStartsOn: "2026-04-16" });
    const [one] = issued;
    if (one === undefined) throw new Error("nothing was issued");
    const before = bill(moved, [one]);
    expect(before).toMatchObject({ invoices: [], disputes: [{}], nextOn: undefined });

    const draft = { canonicalId: idOf("2026-04-16") };
    for (const decision of ["approved", "dismissed"] as const) {
      const after = bill(decide(moved, before, decision), [one]);
      expect(after).toMatchObject({ invoices: [draft], disputes: [], nextOn: "2026-05-16" });
    }
  });

  it("is left alone where the books voided what is one too many, or credited all of it", () => {
    const order = aContract({ billingEndsOn: "2026-04-14" });
    const of = (over: Fields) =>
      bill(
        order,
        issued.map((one, index) =>
          index < 3 ? one : { ...one, fields: { ...one.fields, ...over } },
        ),
      );
    const all = money(9_000n, "EUR");

    expect(of({ status: "void" }).disputes).toEqual([]);
    expect(of({ status: "paid", amountCredited: all }).disputes).toEqual([]);
    const [dispute] = of({ amountCredited: money(1n, "EUR") }).disputes;
    expect(dispute?.code).toBe("contract-billed-otherwise");
    expect(dispute).not.toHaveProperty("correction");
  });

  it("asks nothing about a contract that is lost: what was delivered was billed rightly", () => {
    expect(bill(aContract({ ...dearer, status: "lost" }))).toMatchObject({
      invoices: [],
      disputes: [],
    });
  });
});

describe("a decision about one of a contract's invoices", () => {
  const order = aContract(dearer);
  const before = bill(order);

  it("is about that one alone: approved, it is credited and billed anew", () => {
    const approved = decide(order, before, "approved", 2);
    const after = bill(approved);

    expect(after.invoices).toMatchObject([
      {
        canonicalId: idOf("2026-03-15", 1),
        fields: {
          reference: "SO-17/2026-03-15/002",
          issuedOn: datedOn,
          dueOn: "2026-05-21",
          ...dearer,
        },
      },
    ]);
    expect(after.disputes).toHaveLength(3);
    expect(creditNotesOf({ order: approved, invoices: issued, today })).toMatchObject([
      { fields: { invoice: { canonicalId: idOf("2026-03-15") }, lines: [line] } },
    ]);
  });

  it("stays while others are decided about, and asks anew where the terms change again", () => {
    let decided = order;
    for (const left of [4, 3, 2, 1]) {
      const billing = bill(decided);
      expect(billing.disputes).toHaveLength(left);
      decided = decide(decided, billing, "dismissed");
    }

    expect(bill(decided)).toMatchObject({ invoices: [], disputes: [], nextOn: "2026-05-15" });
    const again = { ...decided, fields: { ...decided.fields, lines: [lineOver(11_000n)] } };
    expect(bill(again).disputes).toHaveLength(4);
  });

  it("may be followed by another change: what was billed anew is corrected in its turn", () => {
    const approved = decide(order, before, "approved");
    const second = derivedInvoice(idOf("2026-01-15", 1), { ...dearer, issuedOn: datedOn });
    const again = { ...approved, fields: { ...approved.fields, lines: [lineOver(12_000n)] } };
    const [dispute] = bill(again, [...issued, second]).disputes;

    expect(dispute?.name).toMatchObject({ number: 2, invoiceId: second.canonicalId });
  });
});

describe("an order that becomes a contract after its invoice was issued", () => {
  it("has that taken back: a person decides before its periods are billed", () => {
    const own = derivedInvoice(invoiceIdOf(orderId), { lines: [line] });

    expect(bill(aContract(), [own])).toMatchObject({
      invoices: [],
      disputes: [{ code: "contract-billed-otherwise", name: { invoiceId: own.canonicalId } }],
    });
  });
});
