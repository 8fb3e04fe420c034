/** What goes wrong between two systems, one of each kind, and the class that it must be given. */
import { snapshotTypeOf } from "#shared/domain/tie-out/snapshot-rows.ts";
import { isMoney, isLines, type Fields, type ObservedRecord } from "#shared/domain/records.ts";
import { add, money } from "#shared/domain/money.ts";
import { startedAtMs, type Damage, type Sale, type SaleKind } from "./tie-out-sale.ts";

type Side = "crm" | "books";

function first(sale: Sale, side: Side): ObservedRecord {
  const [record] = sale[side];
  if (record === undefined) throw new Error(`Sale ${sale.index} has nothing on the side ${side}`);
  return record;
}

function nameOf(side: string, { recordType, externalId }: ObservedRecord): string {
  return `${side} ${snapshotTypeOf(recordType)} ${externalId}`;
}

/** Changes the first record of a side. */
function change(sale: Sale, side: Side, by: Partial<ObservedRecord>, fields: Fields = {}): string {
  const record = first(sale, side);
  const changed = { ...record, ...by, fields: { ...record.fields, ...fields } };
  sale[side] = [changed, ...sale[side].slice(1)];
  return nameOf(side, record);
}

function drop(sale: Sale, side: Side): string {
  const other = first(sale, side === "crm" ? "books" : "crm");
  sale[side] = [];
  return nameOf(side === "crm" ? "books" : "crm", other);
}

function copy(sale: Sale, side: Side, fields: Fields = {}): string {
  const record = first(sale, side);
  const twin = {
    ...record,
    externalId: `${record.externalId}x`,
    fields: { ...record.fields, ...fields },
  };
  sale[side] = [record, twin, ...sale[side].slice(1)];
  return nameOf(side, record);
}

/** Adds minor units to amounts of the first record of a side. */
function shift(sale: Sale, side: Side, minor: bigint, ...names: readonly string[]): string {
  const { fields } = first(sale, side);
  const shifted = names.map((name) => {
    const amount = fields[name];
    if (!isMoney(amount)) throw new Error(`${name} is no amount`);
    return [name, add(amount, money(minor, amount.currency))] as const;
  });
  return change(sale, side, {}, Object.fromEntries(shifted));
}

/** A line of the order is changed by so much after it was billed. */
function reprice(sale: Sale, minor: bigint): string {
  const { lines } = first(sale, "crm").fields;
  if (!isLines(lines)) throw new Error("An order without lines");
  const [line, ...others] = lines;
  if (line === undefined) throw new Error("An order without lines");
  const amount = add(line.amount, money(minor, line.amount.currency));
  return change(sale, "crm", {}, { lines: [{ ...line, amount }, ...others] });
}

function damage(
  name: string,
  of: Damage["class"],
  to: SaleKind,
  run: Damage["do"],
  month?: string,
): Damage {
  return { name, class: of, to, do: run, ...(month === undefined ? {} : { month }) };
}

function unpaid(sale: Sale): void {
  sale.books = sale.books.filter(({ recordType }) => recordType !== "payment");
  sale.bank = [];
}

/** A sale that is paid, whatever was drawn: the payment and its bank entry are what is damaged. */
function payment(sale: Sale, damaged: () => void): string {
  const invoice = first(sale, "books");
  const { total, issuedOn } = invoice.fields;
  if (!isMoney(total) || typeof issuedOn !== "string")
    throw new Error("An invoice without a total");
  change(
    sale,
    "crm",
    {},
    { invoiceStatus: "paid", amountPaid: total, amountDue: money(0n, "EUR") },
  );
  change(sale, "books", {}, { status: "paid", amountPaid: total, amountDue: money(0n, "EUR") });
  const paid: ObservedRecord = {
    ...invoice,
    recordType: "payment",
    externalId: `p${sale.index}`,
    fields: {
      kind: "receipt",
      invoice: { connection: "books", recordType: "invoice", externalId: invoice.externalId },
      amount: total,
      paidOn: issuedOn,
      status: "settled",
    },
  };
  sale.books = [first(sale, "books"), paid];
  sale.bank = [
    {
      record_key: `INV-${sale.index}`,
      external_id: `b${sale.index}`,
      document_date: issuedOn,
      currency: "EUR",
      gross_minor: total.minor,
      status: "settled",
      changed_at_ms: 1n,
      excluded_by: null,
    },
  ];
  damaged();
  return `books payment p${sale.index}`;
}

function bankChange(sale: Sale, by: Partial<Sale["bank"][number]>): void {
  sale.bank = sale.bank.map((row) => ({ ...row, ...by }));
}

const CLOSED = "2026-02";
const LAST_DAYS = "2026-11-19";

export const damages: readonly Damage[] = [
  damage("only the books have it", "missing-in-crm", "plain", (sale) => drop(sale, "crm")),
  damage("won and never billed", "missing-in-books", "plain", (sale) => {
    unpaid(sale);
    return drop(sale, "books");
  }),
  damage("lost after it was billed", "status", "plain", (sale) =>
    change(sale, "crm", {}, { status: "lost" }),
  ),
  damage("voided in the books", "status", "plain", (sale) => {
    unpaid(sale);
    return change(sale, "books", {}, { status: "void" });
  }),
  damage("two orders of one number", "identity", "plain", (sale) => copy(sale, "crm")),
  damage("billed twice", "identity", "plain", (sale) => copy(sale, "books")),
  damage("billed twice in parts", "identity", "billed-in-parts", (sale) => copy(sale, "books")),
  damage("another customer in the books", "identity", "plain", (sale) =>
    change(
      sale,
      "books",
      {},
      { customer: { connection: "books", recordType: "customer", externalId: "k3" } },
    ),
  ),
  damage("another currency", "currency", "plain", (sale) => {
    unpaid(sale);
    return change(sale, "books", {}, { currency: "USD" });
  }),
  damage("ordered a cent more", "amount", "plain", (sale) => reprice(sale, 1n)),
  damage("a corrected order changed again", "amount", "corrected", (sale) => reprice(sale, -1n)),
  damage("the books' net is off", "amount", "plain", (sale) =>
    shift(sale, "books", 100n, "subtotal", "total"),
  ),
  damage("the CRM shows another sum as invoiced", "amount", "plain", (sale) =>
    shift(sale, "crm", -1n, "amountInvoiced"),
  ),
  damage("a part was not told", "amount", "billed-in-parts", (sale) => {
    sale.books = sale.books.slice(0, 1);
    return nameOf("books", first(sale, "books"));
  }),
  damage("the books' tax is off by a cent", "tax", "plain", (sale) =>
    shift(sale, "books", 1n, "tax", "total"),
  ),
  damage("the CRM shows another tax", "tax", "plain", (sale) =>
    shift(sale, "crm", -1n, "amountTax"),
  ),
  damage("the CRM shows an old state", "status", "plain", (sale) =>
    change(sale, "crm", {}, { invoiceStatus: "draft" }),
  ),
  damage("the CRM shows nothing of the invoice", "status", "plain", (sale) =>
    change(sale, "crm", {}, { invoiceStatus: null, amountInvoiced: null, amountTax: null }),
  ),
  damage("the CRM shows less as paid", "status", "plain", (sale) =>
    shift(sale, "crm", -7n, "amountPaid"),
  ),
  damage("the CRM shows less as credited", "status", "credited", (sale) =>
    shift(sale, "crm", -7n, "amountCredited"),
  ),
  damage("the CRM shows more as open", "status", "plain", (sale) =>
    shift(sale, "crm", 7n, "amountDue"),
  ),
  damage("dated in two months", "timing", "plain", (sale) =>
    change(sale, "crm", {}, { orderedOn: "2026-11-02" }),
  ),
  damage("changed as the snapshot was taken", "timing", "plain", (sale) => {
    change(sale, "crm", { version: startedAtMs + 1 });
    return reprice(sale, 5_000n);
  }),
  damage("a closed period's amount", "period-locked", "plain", (sale) => reprice(sale, 1n), CLOSED),
  damage(
    "never billed in a closed period",
    "period-locked",
    "plain",
    (sale) => {
      unpaid(sale);
      return drop(sale, "books");
    },
    CLOSED,
  ),
  damage(
    "a closed period's tax",
    "period-locked",
    "plain",
    (sale) => shift(sale, "books", 1n, "tax", "total"),
    CLOSED,
  ),
  damage("a customer that only the books have", "missing-in-crm", "customer", (sale) =>
    drop(sale, "crm"),
  ),
  damage("a customer that only the CRM has", "missing-in-books", "customer", (sale) =>
    drop(sale, "books"),
  ),
  damage("a customer twice", "identity", "customer", (sale) => copy(sale, "books")),
  damage("a customer archived in the books", "status", "customer", (sale) =>
    change(sale, "books", { life: "archived" }),
  ),
  damage("a product that only the CRM has", "missing-in-books", "product", (sale) =>
    drop(sale, "books"),
  ),
  damage("a code twice", "identity", "product", (sale) => copy(sale, "crm")),
  damage("a payment that no bank has", "missing-at-bank", "plain", (sale) =>
    payment(sale, () => {
      sale.bank = [];
    }),
  ),
  damage("a payment that is not booked", "missing-in-books", "plain", (sale) => {
    payment(sale, () => {
      sale.books = sale.books.slice(0, 1);
    });
    return `bank payment b${sale.index}`;
  }),
  damage("charges were kept", "amount", "plain", (sale) =>
    payment(sale, () =>
      bankChange(sale, { gross_minor: (sale.bank[0]?.gross_minor ?? 0n) - 300n }),
    ),
  ),
  damage("money on its way", "timing", "plain", (sale) => {
    const name = payment(sale, () => {
      sale.bank = [];
    });
    const [invoice, paid] = sale.books;
    if (invoice === undefined || paid === undefined) throw new Error("A sale without a payment");
    sale.books = [invoice, { ...paid, fields: { ...paid.fields, paidOn: LAST_DAYS } }];
    return name;
  }),
  damage("a supplier among the contacts", "excluded", "customer", (sale) => {
    sale.crm = [];
    return change(sale, "books", { excluded: "supplier-only" });
  }),
  damage("lost and never billed", "excluded", "plain", (sale) => {
    unpaid(sale);
    sale.books = [];
    return change(sale, "crm", {}, { status: "lost" });
  }),
];
