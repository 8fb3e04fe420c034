/** What users do in the cases of a record's life, by the words of `docs/life-of-a-record.md`. */

import { INVOICES_PER_ORDER_MAX } from "#shared/domain/derive-invoice.ts";
import { money } from "#shared/domain/money.ts";
import { type Fields, isMoney, type RecordLife } from "#shared/domain/records.ts";
import { decideCorrection } from "#shared/sync/decide-correction.ts";
import { viewCorrection } from "#shared/sync/view-corrections.ts";
import {
  dealOf,
  type LifeStage,
  lineOf,
  pay,
  referTo,
  type SystemName,
  setInvoice,
} from "./life-stage.ts";

type LifeEvent = (stage: LifeStage) => Promise<void>;

/** What a case may be about in the CRM. */
type Subject = "customer" | "product" | "order";

/** The place of the record that a case is about. */
function placeOf(stage: LifeStage, system: SystemName, recordType: Subject): string {
  const crmIds = { customer: stage.company, product: stage.item, order: stage.deal };
  const crmId = crmIds[recordType];
  return system === "crm" ? crmId : stage.inBooks(recordType, crmId);
}

function edits(system: SystemName, recordType: Subject, fields: Fields): LifeEvent {
  return (stage) => {
    const id = placeOf(stage, system, recordType);
    return stage.act(system, recordType, (remote) => remote.edit(recordType, id, fields));
  };
}

function ends(system: SystemName, recordType: Subject, life: RecordLife): LifeEvent {
  return (stage) => {
    const id = placeOf(stage, system, recordType);
    return stage.act(system, recordType, (remote) => {
      remote.end(recordType, id, life);
      return id;
    });
  };
}

/** The second customer or deal of a merge. */
async function addSecond(stage: LifeStage, recordType: "customer" | "order"): Promise<string> {
  const id = recordType === "customer" ? "c2" : "d2";
  const fields =
    recordType === "customer" ? { name: "Quay" } : dealOf("1002", stage.company, stage.item);
  await stage.act("crm", recordType, (crm) => crm.edit(recordType, id, fields));
  return id;
}

function mergesAway(system: SystemName, recordType: "customer" | "order"): LifeEvent {
  return async (stage) => {
    const second = await addSecond(stage, recordType);
    const loser = placeOf(stage, system, recordType);
    const survivor = system === "crm" ? second : stage.inBooks(recordType, second);
    await stage.act(system, recordType, (remote) => {
      remote.merge(recordType, loser, survivor);
      return [loser, survivor];
    });
  };
}

/** The second one into the first, after `mergesAway` in another system. */
function mergesBack(system: SystemName, recordType: "customer"): LifeEvent {
  return async (stage) => {
    const survivor = placeOf(stage, system, recordType);
    const others = stage.world[system].all(recordType).map(({ externalId }) => externalId);
    const loser = others.find((id) => id !== survivor) ?? "";
    await stage.act(system, recordType, (remote) => {
      remote.merge(recordType, loser, survivor);
      return [loser, survivor];
    });
  };
}

function comesApart(system: SystemName, recordType: "customer" | "order"): LifeEvent {
  return (stage) =>
    stage.act(system, recordType, (remote) => {
      const loser = remote.all(recordType).find(({ life }) => life === "merged");
      if (loser?.mergedInto === undefined) throw new Error("nothing was merged");
      remote.unmerge(recordType, loser.externalId);
      return [loser.externalId, loser.mergedInto];
    });
}

const then =
  (...events: readonly LifeEvent[]): LifeEvent =>
  async (stage) => {
    for (const event of events) await event(stage);
  };

const setDeal = (status: string): LifeEvent => edits("crm", "order", { status });
const newDeal = (number: string, change: Fields): LifeEvent => {
  return (stage) =>
    stage.act("crm", "order", (crm) => {
      const deal = { ...dealOf(number, stage.company, stage.item), status: "won" };
      return crm.edit("order", `d-${number}`, { ...deal, ...change });
    });
};
const makeInvoice = (fields: Fields): LifeEvent => {
  return (stage) =>
    stage.act("books", "invoice", (books) =>
      books.edit("invoice", undefined, {
        customer: referTo("books", "customer", stage.inBooks("customer", stage.company)),
        currency: "EUR",
        lines: [lineOf(5_000n)],
        ...fields,
      }),
    );
};

export const customerEvents = {
  "created in the CRM": () => Promise.resolve(),
  "created in the books": (stage) =>
    stage.act("books", "customer", (books) => books.edit("customer", "b9", { name: "Quay" })),
  "renamed in the CRM": edits("crm", "customer", { name: "Harbour Coffee" }),
  "renamed in the books": edits("books", "customer", { name: "Harbor" }),
  "archived in the CRM": ends("crm", "customer", "archived"),
  "archived in the CRM, then restored there": then(
    ends("crm", "customer", "archived"),
    ends("crm", "customer", "live"),
  ),
  "archived in the CRM, then sold to": then(
    ends("crm", "customer", "archived"),
    newDeal("1003", {}),
  ),
  "archived in the CRM, then sold to, then restored there": then(
    ends("crm", "customer", "archived"),
    newDeal("1003", {}),
    ends("crm", "customer", "live"),
  ),
  "archived in the books, then sold to, then restored there": then(
    ends("books", "customer", "archived"),
    newDeal("1003", {}),
    ends("books", "customer", "live"),
  ),
  "deleted in the CRM": ends("crm", "customer", "deleted"),
  "merged into another in the CRM": mergesAway("crm", "customer"),
  "merged in the CRM, then un-merged": then(
    mergesAway("crm", "customer"),
    comesApart("crm", "customer"),
  ),
  "merged in the CRM, then the other way in the books": then(
    mergesAway("crm", "customer"),
    mergesBack("books", "customer"),
  ),
  "archived in the books": ends("books", "customer", "archived"),
  "archived in the books, then restored there": then(
    ends("books", "customer", "archived"),
    ends("books", "customer", "live"),
  ),
  "archived in the books, then sold to": then(
    ends("books", "customer", "archived"),
    newDeal("1003", {}),
  ),
  "archived in the books, then archived in the CRM": then(
    ends("books", "customer", "archived"),
    ends("crm", "customer", "archived"),
  ),
  "archived in the CRM, then restored in the books": then(
    ends("crm", "customer", "archived"),
    ends("books", "customer", "live"),
  ),
  "merged into another in the books": mergesAway("books", "customer"),
  "merged in the books, then un-merged": then(
    mergesAway("books", "customer"),
    comesApart("books", "customer"),
  ),
  "merged in the books, then the other way in the CRM": then(
    mergesAway("books", "customer"),
    mergesBack("crm", "customer"),
  ),
  "merged in the books, then the other way in the CRM, then un-merged there": then(
    mergesAway("books", "customer"),
    mergesBack("crm", "customer"),
    comesApart("crm", "customer"),
  ),
} as const satisfies Record<string, LifeEvent>;

export const productEvents = {
  "created in the CRM": () => Promise.resolve(),
  "created in the books": (stage) =>
    stage.act("books", "product", (books) =>
      books.edit("product", "b9", { code: "G-1", name: "Gadget" }),
    ),
  "renamed in the CRM": edits("crm", "product", { name: "Wide widget" }),
  "renamed in the books": edits("books", "product", { name: "Vidget" }),
  "archived in the CRM": ends("crm", "product", "archived"),
  "archived in the CRM, then restored there": then(
    ends("crm", "product", "archived"),
    ends("crm", "product", "live"),
  ),
  "archived in the CRM, then sold": then(ends("crm", "product", "archived"), newDeal("1003", {})),
  "deleted in the CRM": ends("crm", "product", "deleted"),
  "deleted in the books": ends("books", "product", "deleted"),
  "deleted in the books, then sold": then(ends("books", "product", "deleted"), newDeal("1003", {})),
} as const satisfies Record<string, LifeEvent>;

const lostAndWon = then(setDeal("won"), setDeal("lost"));

/** A person decides about the correction of the deal's invoice, twice, as an impatient one does. */
export function decidesCorrection(decision: "approved" | "dismissed") {
  return async ({ world, deal }: LifeStage): Promise<void> => {
    const ref = { connection: "crm", recordType: "order", externalId: deal } as const;
    const known = await world.ports.xrefs.findExternalRefs([ref]);
    const [orderId = ""] = [...known.values()].map(({ canonicalId }) => canonicalId);
    const hash = String((await viewCorrection(world.deps, orderId))?.["hash"]);
    for (const by of ["jane", "jane"]) {
      const choice = { orderId, hash, decision, by };
      const outcome = await decideCorrection(world.deps, choice);
      if (outcome.kind !== decision) throw new Error(`not ${decision}: ${outcome.kind}`);
    }
    await world.settle();
  };
}

export const orderEvents = {
  "created, still open": () => Promise.resolve(),
  won: setDeal("won"),
  "won without a company": newDeal("1003", { customer: null }),
  "won without line items": newDeal("1003", { lines: [] }),
  "won with a date out of the calendar": newDeal("1003", { orderedOn: "9999-12-20" }),
  "lines changed": edits("crm", "order", {
    lines: [lineOf(12_000n)],
    total: money(12_000n, "EUR"),
  }),
  "lines changed, then changed back": then(
    edits("crm", "order", { lines: [lineOf(12_000n)] }),
    edits("crm", "order", { lines: [lineOf(10_000n)] }),
  ),
  "lines changed, then the correction is approved": then(
    edits("crm", "order", { lines: [lineOf(12_000n)], total: money(12_000n, "EUR") }),
    decidesCorrection("approved"),
  ),
  "lines changed, then the correction is dismissed": then(
    edits("crm", "order", { lines: [lineOf(12_000n)], total: money(12_000n, "EUR") }),
    decidesCorrection("dismissed"),
  ),
  "lost, then the credit note is approved": then(setDeal("lost"), decidesCorrection("approved")),
  lost: setDeal("lost"),
  "lost, then its total is corrected": then(
    setDeal("lost"),
    edits("crm", "order", { total: money(9_000n, "EUR") }),
  ),
  "archived, then told of again": then(
    ends("crm", "order", "archived"),
    ends("crm", "order", "archived"),
  ),
  "lost, then won again": then(setDeal("lost"), setDeal("won")),
  "won and lost ten times, then won again": then(
    ...Array.from({ length: INVOICES_PER_ORDER_MAX }, () => lostAndWon),
    setDeal("won"),
  ),
  archived: ends("crm", "order", "archived"),
  "archived, then restored": then(ends("crm", "order", "archived"), ends("crm", "order", "live")),
  deleted: ends("crm", "order", "deleted"),
  "merged into another deal": mergesAway("crm", "order"),
  "merged, then un-merged": then(mergesAway("crm", "order"), comesApart("crm", "order")),
} as const satisfies Record<string, LifeEvent>;

export const invoiceEvents = {
  "made by a bookkeeper, no deal": makeInvoice({ reference: "2001", status: "issued" }),
  "made by a bookkeeper with the deal's number, then the deal is won": then(
    makeInvoice({ reference: "1001", status: "draft" }),
    setDeal("won"),
  ),
  "lines changed in the books": (stage) => setInvoice(stage, { lines: [lineOf(9_000n)] }),
  "issued in the books": (stage) => setInvoice(stage, { status: "issued" }),
  "void in the books": (stage) => setInvoice(stage, { status: "void" }),
  "void in the books, then the deal is lost": then(
    (stage) => setInvoice(stage, { status: "void" }),
    setDeal("lost"),
  ),
  "void in the books, then the deal is lost and won again": then(
    (stage) => setInvoice(stage, { status: "void" }),
    setDeal("lost"),
    setDeal("won"),
  ),
  "void in the books while the deal is lost": then(setDeal("lost"), (stage) =>
    setInvoice(stage, { status: "void" }),
  ),
  "deleted in the books": (stage) => setInvoice(stage, { status: "deleted" }),
  "deleted in the books, then the deal's lines are changed": then(
    (stage) => setInvoice(stage, { status: "deleted" }),
    edits("crm", "order", { lines: [lineOf(12_000n)], total: money(12_000n, "EUR") }),
  ),
} as const satisfies Record<string, LifeEvent>;

export const paymentEvents = {
  "recorded in the books, in part": (stage) => pay(stage, 4_000n),
  "recorded in the books, in full": (stage) => pay(stage, 10_000n),
  "written off in the books": async (stage) => {
    const invoice = stage.invoice();
    const total = money(10_000n, "EUR");
    const due = stage.world.books.get("invoice", invoice)?.fields["amountDue"];
    if (!isMoney(due)) throw new Error("nothing is due");
    await stage.act("books", "payment", (books) =>
      books.edit("payment", "loss-1", {
        kind: "write-off",
        invoice: referTo("books", "invoice", invoice),
        status: "settled",
        amount: due,
        paidOn: "2026-01-09",
      }),
    );
    const [target, allocatedOn] = [invoice, "2026-01-09"];
    const loss = { kind: "write-off", source: "loss-1", target, amount: due, allocatedOn } as const;
    await setInvoice(stage, { amountPaid: total, allocations: [loss], status: "paid" });
  },
  "removed in the books": async (stage) => {
    await stage.act("books", "payment", (books) =>
      books.edit("payment", "pay-1", { status: "deleted" }),
    );
    await setInvoice(stage, { amountPaid: money(0n, "EUR"), status: "issued" });
  },
} as const satisfies Record<string, LifeEvent>;
