/** What happens to credit notes and contracts, by the words of `docs/life-of-a-record.md`. */
import { money, zero } from "#shared/domain/money.ts";
import type { Allocation, Fields } from "#shared/domain/records.ts";
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

export const contractEvents = {
  "won, monthly from today": winsContract(0),
  "won, monthly from 40 days ago": winsContract(40),
  "won, monthly from next week": winsContract(-7),
  "won, then a month passes": then(winsContract(0), aMonthPasses),
  "won with an end before its start": winsContract(0, { billingEndsOn: "2020-01-01" }),
  "won, billed, then lost": then(
    winsContract(40),
    issuesTheLast,
    editsDeal(() => ({ status: "lost" })),
  ),
  "won, then its lines are changed after one was issued": then(
    winsContract(40),
    issuesTheLast,
    editsDeal(() => ({ lines: [lineOf(12_000n)] })),
  ),
  "won, then its start is moved before anything was issued": then(
    winsContract(3),
    editsDeal((stage) => ({ billingStartsOn: dayOf(stage, -2) })),
  ),
  "won, billed, then its start is moved": then(
    winsContract(3),
    issuesTheLast,
    editsDeal((stage) => ({ billingStartsOn: dayOf(stage, -2) })),
  ),
} as const satisfies Record<string, LifeEvent>;
