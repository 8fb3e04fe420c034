/**
 * Where the cases of a record's life are played: a customer, a product and a deal that both systems
 * know, with the documents that a case begins with; and what is to be seen afterwards, in words.
 */
import { isLinked, type Side, sideOf } from "#shared/domain/cross-reference.ts";
import { digestField } from "#shared/domain/fingerprint.ts";
import { ruleOf } from "#shared/domain/flow.ts";
import { type RecordType, recordTypes } from "#shared/domain/identifiers.ts";
import { formatMoney, money, subtract, sum, zero } from "#shared/domain/money.ts";
import {
  type DocumentLine,
  type Fields,
  type FieldValue,
  isLines,
  isMoney,
  isReference,
  type ObservedRecord,
  type Reference,
} from "#shared/domain/records.ts";
import { flows } from "#shared/flows/flows.ts";
import { pendingReferences, resolveInward, survivorOf } from "#shared/sync/references.ts";
import type { MemoryRemote } from "./memory-remote.ts";
import { createMemoryWorld, type MemoryWorld } from "./memory-world.ts";

/** What hangs on the customer, the product and the deal when a case begins. */
export type Documents = "none" | "draft" | "issued" | "part-paid" | "paid" | "void";

export type SystemName = "crm" | "books";

export interface LifeStage {
  readonly world: MemoryWorld;
  readonly company: string;
  readonly deal: string;
  readonly item: string;
  /** The id that the books gave to the record which the CRM knows by this one. */
  inBooks(recordType: RecordType, crmId: string): string;
  /** The deal's invoice. */
  invoice(): string;
  /** A user does something to records of a system; its webhooks follow, and all that follows from it. */
  act(
    system: SystemName,
    recordType: RecordType,
    doing: (remote: MemoryRemote) => readonly string[] | string,
  ): Promise<void>;
}

const EUR = "EUR";
const none = zero(EUR);

export function lineOf(minor: bigint, product: Reference | null = null): DocumentLine {
  const amount = money(minor, EUR);
  return {
    product,
    productCode: "W-1",
    description: "Widget",
    quantity: "1",
    unitPrice: formatMoney(amount),
    discountRate: "0",
    amount,
  };
}

export function referTo(system: SystemName, recordType: RecordType, externalId: string): Reference {
  return { connection: system, recordType, externalId };
}

export async function createLifeStage(documents: Documents): Promise<LifeStage> {
  const world = createMemoryWorld();
  world.books.complete = completeInvoice;
  const company = world.crm.edit("customer", "c1", { name: "Harbour" });
  const item = world.crm.edit("product", "p1", { code: "W-1", name: "Widget" });
  const deal = world.crm.edit("order", "d1", dealOf("1001", company, item));
  await world.poll("full");
  await world.settle();
  const stage: LifeStage = {
    world,
    company,
    deal,
    item,
    inBooks: (recordType, crmId) => booksIdOf(world, recordType, crmId),
    invoice: () => newestInvoice(world),
    act: async (system, recordType, doing) => {
      world.ports.clock.advance(1_000);
      const ids = doing(world[system]);
      for (const id of [ids].flat()) await world.hint(system, recordType, id);
      await world.settle();
    },
  };
  await bill(stage, documents);
  return stage;
}

export function dealOf(number: string, company: string, item: string): Fields {
  return {
    number,
    status: "open",
    customer: referTo("crm", "customer", company),
    orderedOn: "2026-01-05",
    currency: EUR,
    lines: [lineOf(10_000n, referTo("crm", "product", item))],
    total: money(10_000n, EUR),
  };
}

/** What the books compute by themselves. */
function completeInvoice(
  recordType: RecordType,
  fields: Record<string, FieldValue | undefined>,
): void {
  if (recordType !== "invoice" && recordType !== "creditNote") return;
  const { lines } = fields;
  fields["status"] ??= "draft";
  fields["number"] ??= `INV-${String(fields["reference"])}`;
  fields["tax"] ??= none;
  fields["amountPaid"] ??= none;
  const total = isLines(lines)
    ? sum(
        lines.map(({ amount }) => amount),
        EUR,
      )
    : none;
  fields["total"] = total;
  const isOver = fields["status"] === "void" || fields["status"] === "deleted";
  const [paid, credited] = [fields["amountPaid"], fields["amountCredited"]].map((amount) =>
    isMoney(amount) ? amount : none,
  );
  fields["amountDue"] = isOver ? none : subtract(subtract(total, paid ?? none), credited ?? none);
}

async function bill(stage: LifeStage, documents: Documents): Promise<void> {
  if (documents === "none") return;
  await stage.act("crm", "order", (crm) => crm.edit("order", stage.deal, { status: "won" }));
  if (documents === "draft") return;
  await setInvoice(stage, { status: "issued" });
  if (documents === "void") await setInvoice(stage, { status: "void" });
  if (documents === "part-paid") await pay(stage, 4_000n);
  if (documents === "paid") await pay(stage, 10_000n);
}

export function setInvoice(stage: LifeStage, fields: Fields): Promise<void> {
  const invoice = stage.invoice();
  return stage.act("books", "invoice", (books) => books.edit("invoice", invoice, fields));
}

export async function pay(stage: LifeStage, minor: bigint): Promise<void> {
  const invoice = stage.invoice();
  const total = stage.world.books.get("invoice", invoice)?.fields["total"];
  const isAll = isMoney(total) && total.minor === minor;
  await stage.act("books", "payment", (books) =>
    books.edit("payment", "pay-1", {
      invoice: referTo("books", "invoice", invoice),
      status: "settled",
      amount: money(minor, EUR),
      paidOn: "2026-01-06",
    }),
  );
  const amountPaid = money(minor, EUR);
  await setInvoice(stage, { amountPaid, ...(isAll ? { status: "paid" } : {}) });
}

function booksIdOf(world: MemoryWorld, recordType: RecordType, crmId: string): string {
  const xref = world.ports
    .all()
    .find((one) => one.recordType === recordType && sideOf(one, "crm").externalId === crmId);
  const id = xref && sideOf(xref, "books").externalId;
  if (id === undefined) throw new Error(`the books do not have ${recordType} ${crmId}`);
  return id;
}

function newestInvoice(world: MemoryWorld): string {
  const invoice = world.books.all("invoice").at(-1);
  if (invoice === undefined) throw new Error("there is no invoice");
  return invoice.externalId;
}

/** The records of a system in one line of text: name, life, and what money hangs on them. */
export function seenIn(remote: MemoryRemote, recordType: RecordType): string {
  const records = remote.all(recordType).map(wordsOf);
  return records.length === 0 ? "nothing" : records.join("; ");
}

function wordsOf({ recordType, life, fields }: ObservedRecord): string {
  const lived = life === "merged" ? "merged away" : life;
  const { name, code, number, reference, status, amount } = fields;
  switch (recordType) {
    case "customer":
      return [`${text(name)} ${lived}`, ...amounts(fields, customerAmounts)].join(", ");
    case "product":
      return `${text(code)} “${text(name)}” ${lived}`;
    case "order": {
      const billed = text(fields["invoiceStatus"]);
      const invoice = billed === "" ? [] : [`invoice ${billed}`];
      const parts = [`${text(number)} ${text(status)} ${lived}`, ...invoice];
      return [...parts, ...amounts(fields, billingAmounts)].join(", ");
    }
    case "invoice": {
      const label = `${text(reference)} ${text(status)} ${moneyText(fields["total"])}`;
      return [label, ...amounts(fields, invoiceAmounts)].join(", ");
    }
    case "creditNote":
      return `credit of ${text(reference)} ${text(status)} ${moneyText(fields["total"])}`;
    case "payment":
      return `${moneyText(amount)} ${text(status)}`;
    default:
      throw new Error(`no words for ${String(recordType)}`);
  }
}

const customerAmounts = [
  ["owes", "openBalance"],
  ["billed", "revenue"],
  ["has credit of", "openCredit"],
] as const;
const invoiceAmounts = [
  ["paid", "amountPaid"],
  ["credited", "amountCredited"],
] as const;
const billingAmounts = [
  ["billed", "amountInvoiced"],
  ["paid", "amountPaid"],
  ["credited", "amountCredited"],
  ["written off", "amountWrittenOff"],
  ["due", "amountDue"],
] as const;

/** Blank and zero amounts say nothing. */
function amounts(fields: Fields, named: readonly (readonly [string, string])[]): string[] {
  return named.flatMap(([word, field]) => {
    const value = fields[field];
    return isMoney(value) && value.minor !== 0n ? [`${word} ${formatMoney(value)}`] : [];
  });
}

function moneyText(value: FieldValue | undefined): string {
  return isMoney(value) ? formatMoney(value) : "-";
}

function text(value: FieldValue | undefined): string {
  return typeof value === "string" ? value : "";
}

/** The codes that people see, parked ones and those of waits, each with the system it is about. */
export async function toldPeople(world: MemoryWorld): Promise<string[]> {
  const parked = (await world.ports.parked.list(100)).records;
  const waiting = (await world.ports.parked.listWaiting(100)).records;
  const told = [...parked, ...waiting].map(
    ({ connection, failure }) => `${failure?.code ?? "waits"} (${connection})`,
  );
  return told.sort();
}

/**
 * Where a system, its side and the golden record do not tell the same. Empty when all agree: a live
 * record is linked and shows the golden values, one that ended is tombstoned.
 */
export async function disagreements(world: MemoryWorld): Promise<string[]> {
  const found: string[] = [];
  for (const system of ["crm", "books"] as const) {
    for (const recordType of recordTypes) {
      for (const record of world[system].all(recordType)) {
        found.push(...(await disagreementsOf(world, system, record)));
      }
    }
  }
  return found;
}

async function disagreementsOf(
  world: MemoryWorld,
  system: SystemName,
  record: ObservedRecord,
): Promise<string[]> {
  const { recordType, externalId, life } = record;
  const name = `${system} ${recordType} ${externalId}`;
  const xref = world.ports
    .all()
    .find((one) => one.recordType === recordType && sideOf(one, system).externalId === externalId);
  if (xref === undefined) return [`${name} has no side`];
  const side: Side = sideOf(xref, system);
  if (isLinked(side) !== (life === "live")) return [`${name} is ${life}, its side ${side.state}`];
  if (life !== "live" || side.state === "blocked" || xref.mergedInto !== undefined) return [];
  const refs = pendingReferences(record.fields);
  const known = await world.ports.xrefs.findExternalRefs(refs);
  const shown = resolveInward(record.fields, known);
  const byId = new Map(world.ports.all().map((one) => [one.canonicalId, one]));
  // Who refers to a record that was merged away means the one that took it in.
  const meant = (value: FieldValue): FieldValue => {
    if (!isReference(value) || !("canonicalId" in value)) return value;
    const { canonicalId } = survivorOf(byId, value.canonicalId) ?? value;
    return { canonicalId };
  };
  return Object.entries(shown).flatMap(([field, value]) => {
    const golden = meant(xref.fields[field] ?? null);
    const isOurs = ruleOf(flows[recordType], field) !== undefined;
    if (!isOurs || value === undefined || digestField(meant(value)) === digestField(golden)) {
      return [];
    }
    return [`${name} ${field}`];
  });
}

/** All that a check could have changed: what was called, saved and told. */
export async function footprint(world: MemoryWorld): Promise<unknown> {
  return {
    writes: [world.crm.calls.write, world.books.calls.write],
    revisions: world.ports.all().map(({ canonicalId, revision }) => `${canonicalId} ${revision}`),
    told: await toldPeople(world),
  };
}
