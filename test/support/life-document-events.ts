/** What happens to credit notes and contracts, by the words of `docs/life-of-a-record.md`. */
import { money, zero } from "#shared/domain/money.ts";
import type { Allocation, Fields } from "#shared/domain/records.ts";
import { decidesCorrection } from "./life-events.ts";
import { type LifeStage, lineOf, referTo, setInvoice } from "./life-stage.ts";

type LifeEvent = (stage: LifeStage) => Promise<void>;

const EUR = "EUR";
const DAY_MS = 86_400_000;

/** A bookkeeper credits so much and uses so much of it for the deal's invoice. */
function credits(minor: bigint, usedMinor: bigint): LifeEvent {
  return async (stage) => {
    const invoice = stage.invoice();
    const used: Allocation = {
      kind: "credit-note",
      source: "cn-1",
      target: invoice,
      amount: money(usedMinor, EUR),
      allocatedOn: "2026-01-07",
    };
    const allocations = usedMinor === 0n ? [] : [used];
    await setCreditNote(stage, {
      number: "CN-1",
      reference: "1001",
      customer: referTo("books", "customer", stage.inBooks("customer", stage.company)),
      status: usedMinor === minor ? "paid" : "issued",
      currency: EUR,
      lines: [lineOf(minor)],
      allocations,
      amountOpen: money(minor - usedMinor, EUR),
    });
    if (usedMinor > 0n) await useCredit(stage, usedMinor, allocations);
  };
}

function setCreditNote(stage: LifeStage, fields: Fields): Promise<void> {
  return stage.act("books", "creditNote", (books) => books.edit("creditNote", "cn-1", fields));
}

function useCredit(stage: LifeStage, minor: bigint, allocations: readonly Allocation[]) {
  const status = minor === 10_000n ? "paid" : "issued";
  return setInvoice(stage, { amountCredited: money(minor, EUR), allocations, status });
}

export const creditNoteEvents = {
  "made by a bookkeeper, used for nothing yet": credits(3_000n, 0n),
  "used for the deal's invoice, in part": credits(3_000n, 3_000n),
  "used for the deal's invoice, in full": credits(10_000n, 10_000n),
  "used in full, then void": async (stage) => {
    await credits(10_000n, 10_000n)(stage);
    await setCreditNote(stage, { status: "void", allocations: [], amountOpen: zero(EUR) });
    await useCredit(stage, 0n, []);
  },
} as const satisfies Record<string, LifeEvent>;

/** The deal is won, and billed each month from so many days ago. */
function winsContract(daysAgo: number, terms: Fields = {}): LifeEvent {
  return (stage) => {
    const billingStartsOn = dayOf(stage, -daysAgo);
    const fields = { status: "won", billingPeriod: "monthly", billingStartsOn, ...terms };
    return stage.act("crm", "order", (crm) => crm.edit("order", stage.deal, fields));
  };
}

function editsDeal(fieldsOf: (stage: LifeStage) => Fields): LifeEvent {
  return (stage) =>
    stage.act("crm", "order", (crm) => crm.edit("order", stage.deal, fieldsOf(stage)));
}

const aMonthPasses: LifeEvent = async ({ world }) => {
  world.ports.clock.advance(31 * DAY_MS);
  await world.poll("full");
  await world.settle();
};

const issuesTheLast: LifeEvent = (stage) => setInvoice(stage, { status: "issued" });

function dayOf({ world }: LifeStage, days: number): string {
  return new Date(world.ports.clock() + days * DAY_MS).toISOString().slice(0, 10);
}

const then =
  (...events: readonly LifeEvent[]): LifeEvent =>
  async (stage) => {
    for (const event of events) await event(stage);
  };

const costsMore = editsDeal(() => ({ lines: [lineOf(12_000n)] }));
const startsADayLater = editsDeal((stage) => ({ billingStartsOn: dayOf(stage, -2) }));
/** Billed from 3 days ago, and that was issued. */
const billedOnce = then(winsContract(3), issuesTheLast);
/** Billed from 40 days ago; the second month was issued, and the first is a draft. */
const billedTwice = then(winsContract(40), issuesTheLast);
const approves = decidesCorrection("approved");
const dismisses = decidesCorrection("dismissed");

export const contractEvents = {
  "won, monthly from today": winsContract(0),
  "won, monthly from 40 days ago": winsContract(40),
  "won, monthly from next week": winsContract(-7),
  "won, then a month passes": then(winsContract(0), aMonthPasses),
  "won with an end before its start": winsContract(0, { billingEndsOn: "2020-01-01" }),
  "won, billed, then lost": then(
    billedTwice,
    editsDeal(() => ({ status: "lost" })),
  ),
  "won, then its lines are changed after one was issued": then(billedTwice, costsMore),
  "won, billed, its lines changed, then the correction is approved": then(
    billedTwice,
    costsMore,
    approves,
  ),
  "won, billed, its lines changed, corrected, then lost": then(
    billedTwice,
    costsMore,
    approves,
    editsDeal(() => ({ status: "lost" })),
  ),
  "won, billed, its lines changed, then the correction is dismissed": then(
    billedTwice,
    costsMore,
    dismisses,
  ),
  "won, billed, its lines changed, the correction dismissed, then a month passes": then(
    billedTwice,
    costsMore,
    dismisses,
    aMonthPasses,
  ),
  "won, billed, then its lines are changed and set back": then(
    billedTwice,
    costsMore,
    editsDeal(() => ({ lines: [lineOf(10_000n)] })),
  ),
  "won, billed, then its tax is": then(
    winsContract(3, { taxTreatment: "exclusive" }),
    issuesTheLast,
    editsDeal(() => ({ taxTreatment: "inclusive" })),
  ),
  "won, billed, then it ends within the period": then(
    winsContract(3, { billingPeriod: "yearly" }),
    issuesTheLast,
    editsDeal((stage) => ({ billingEndsOn: dayOf(stage, 69) })),
  ),
  "won, billed, then it ends before the period": then(
    billedTwice,
    editsDeal((stage) => ({ billingEndsOn: dayOf(stage, -20) })),
  ),
  "won, then its start is moved before anything was issued": then(winsContract(3), startsADayLater),
  "won, billed, then its start is moved": then(billedOnce, startsADayLater),
  "won, billed, its start moved, then the credit note is approved": then(
    billedOnce,
    startsADayLater,
    approves,
  ),
  "won, billed, its start moved, then the credit note is dismissed": then(
    billedOnce,
    startsADayLater,
    dismisses,
  ),
  "won, billed, then it is billed each quarter": then(
    billedTwice,
    editsDeal(() => ({ billingPeriod: "quarterly" })),
  ),
  "won, billed, then it is billed once": then(
    billedTwice,
    editsDeal(() => ({ billingPeriod: "once" })),
  ),
  "won, billed, then it is billed once, and the credit note is approved": then(
    billedTwice,
    editsDeal(() => ({ billingPeriod: "once" })),
    approves,
  ),
} as const satisfies Record<string, LifeEvent>;
