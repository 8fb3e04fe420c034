/**
 * Two sides and a bank that agree in every record, and damage done to some of them: what a tie-out must
 * find, and nothing beside it. Seeded: the same seed gives the same world.
 */
import type { BankRow } from "#shared/domain/bank-rows.ts";
import { invoiceIdOf } from "#shared/domain/derive-invoice.ts";
import { canonicalIdOf } from "#shared/domain/fingerprint.ts";
import { externalRefKey, type RecordType } from "#shared/domain/identifiers.ts";
import { type Money, money } from "#shared/domain/money.ts";
import type { Fields, ObservedRecord } from "#shared/domain/records.ts";
import type { DifferenceClass } from "#shared/domain/tie-out/classes.ts";
import type {
  SnapshotRecordType,
  SnapshotRow,
  SnapshotSide,
} from "#shared/domain/tie-out/snapshot-row.ts";
import { bankRowOf, snapshotRowOf, snapshotTypeOf } from "#shared/domain/tie-out/snapshot-rows.ts";
import { Random } from "#test/lab/random.ts";
import { damages } from "./tie-out-damage.ts";
import { type Sale, type SaleKind, startedAtMs } from "./tie-out-sale.ts";

export const lockedThrough = "2026-03-31";
/** Of damage that a closed period must not hide, and of all that is not damaged. */
const openMonths = ["2026-04", "2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10"];
const longAgoMs = startedAtMs - 90 * 86_400_000;

interface WorldPart {
  readonly side: SnapshotSide;
  readonly recordType: SnapshotRecordType;
  readonly rows: SnapshotRow[];
}

export interface TieOutWorld {
  readonly parts: readonly WorldPart[];
  /** Rows of all parts. */
  readonly records: number;
  /** `side record-type external-id` of one record to the class that its difference must have. */
  readonly planted: ReadonlyMap<string, { readonly name: string; readonly class: DifferenceClass }>;
}

/** Rows of a sale, as many as a plain one has: order, invoice, payment in the books, entry at the bank. */
const ROWS_OF_SALE = 4;

export interface WorldOptions {
  readonly seed: number;
  readonly records: number;
  readonly damaged: number;
}

export function createTieOutWorld({ seed, records, damaged }: WorldOptions): TieOutWorld {
  const random = new Random(seed);
  const planted = new Map<string, { name: string; class: DifferenceClass }>();
  const parts = new Map<string, WorldPart>();
  const addRow = (side: SnapshotSide, recordType: SnapshotRecordType, row: SnapshotRow): void => {
    const key = `${side} ${recordType}`;
    const part = parts.get(key) ?? { side, recordType, rows: [] };
    part.rows.push(row);
    parts.set(key, part);
  };
  const customers = Math.max(10, Math.trunc(records / 40));
  const sales = Math.max(damages.length, Math.trunc((records - 2 * customers) / ROWS_OF_SALE));
  // Spread over the whole set, so that every part of a snapshot has some.
  const every = Math.max(1, Math.trunc(sales / Math.max(1, damaged)));
  let done = 0;
  for (let index = 0; index < customers; index += 1) {
    for (const side of ["crm", "books"] as const) {
      addRow(side, "customer", rowOf(side, customerOf(side, index)));
    }
  }
  for (let index = 0; index < sales; index += 1) {
    const isDamaged = done < damaged && index % every === 0;
    const damage = isDamaged ? damages[done % damages.length] : undefined;
    const kind = damage?.to ?? kindOf(random);
    const sale = saleOf(
      kind,
      index,
      index % customers,
      damage?.month ?? random.pick(openMonths),
      random,
    );
    if (damage !== undefined) {
      planted.set(damage.do(sale), { name: damage.name, class: damage.class });
      done += 1;
    }
    for (const side of ["crm", "books"] as const) {
      for (const record of sale[side]) {
        addRow(side, snapshotTypeOf(record.recordType), rowOf(side, record));
      }
    }
    for (const row of sale.bank) addRow("bank", "payment", bankRowOf(row));
  }
  // The first and the last day of the statements, so that every payment is covered by them.
  for (const [index, day] of ["2026-01-01", "2026-11-20"].entries()) {
    addRow(
      "bank",
      "payment",
      bankRowOf({ ...bankOf(`edge-${index}`, day, -1n, null), excluded_by: null }),
    );
  }
  const all = [...parts.values()];
  return { parts: all, planted, records: all.reduce((sofar, { rows }) => sofar + rows.length, 0) };
}

function kindOf(random: Random): SaleKind {
  return random.weigh({
    plain: 76,
    "billed-in-parts": 6,
    corrected: 6,
    credited: 8,
    "written-off": 4,
  });
}

function rowOf(side: SnapshotSide, record: ObservedRecord): SnapshotRow {
  return snapshotRowOf(side, record, ({ taxNumber }) =>
    typeof taxNumber === "string" ? `customer#tax-number#${taxNumber}` : undefined,
  );
}

function record(
  recordType: RecordType,
  externalId: string,
  fields: Fields,
  rest: Partial<ObservedRecord> = {},
): ObservedRecord {
  return { recordType, externalId, version: longAgoMs, life: "live", fields, ...rest };
}

/** A third carries our id in the books, a third in the CRM, and a third is known by its tax number alone. */
function customerOf(side: "crm" | "books", index: number): ObservedRecord {
  const externalId = `${side === "crm" ? "c" : "k"}${index}`;
  const other = side === "crm" ? "books" : "crm";
  const otherId = `${side === "crm" ? "k" : "c"}${index}`;
  const isCarrier = index % 3 === (side === "crm" ? 1 : 0);
  const ref = { connection: other, recordType: "customer" as const, externalId: otherId };
  const registered = isCarrier
    ? { registeredId: canonicalIdOf("customer", externalRefKey(ref)) }
    : {};
  return record("customer", externalId, { taxNumber: `TAX${index}` }, registered);
}

function bankOf(id: string, day: string, minor: bigint, names: string | null): BankRow {
  return {
    record_key: names ?? `bank:${id}`,
    external_id: id,
    document_date: day,
    currency: "EUR",
    gross_minor: minor,
    status: "settled",
    changed_at_ms: BigInt(longAgoMs),
    excluded_by: null,
  };
}

function saleOf(
  kind: SaleKind,
  index: number,
  customer: number,
  month: string,
  random: Random,
): Sale {
  if (kind === "customer") {
    const id = canonicalIdOf("customer", `sale ${index}`);
    const crm = record("customer", `cx${index}`, {}, { registeredId: id });
    const books = record("customer", `kx${index}`, {}, { registeredId: id });
    return { index, crm: [crm], books: [books], bank: [] };
  }
  if (kind === "product") {
    const fields = { code: `SKU-${index}`, name: "Thing" };
    const crm = record("product", `px${index}`, fields);
    const books = record("product", `ix${index}`, fields);
    return { index, crm: [crm], books: [books], bank: [] };
  }
  const day = String(1 + random.below(27)).padStart(2, "0");
  const amounts = amountsOf(BigInt(1_000 + random.below(5_000_000)));
  const sale = new SaleMaker(index, customer, `${month}-${day}`, amounts);
  switch (kind) {
    case "plain":
      return sale.plain(random.chance(0.7));
    case "billed-in-parts":
      return sale.billedInParts();
    case "corrected":
      return sale.corrected();
    case "credited":
      return sale.credited();
    case "written-off":
      return sale.writtenOff();
  }
}

interface Amounts {
  readonly net: bigint;
  readonly tax: bigint;
  readonly gross: bigint;
}

function amountsOf(net: bigint): Amounts {
  const tax = (net * 21n + 50n) / 100n;
  return { net, tax, gross: net + tax };
}

const euro = (minor: bigint): Money => money(minor, "EUR");

/** The sales a company has, each as both sides and the bank show it once all of it was carried over. */
class SaleMaker {
  readonly #index: number;
  readonly #customer: number;
  readonly #day: string;
  readonly #amounts: Amounts;

  constructor(index: number, customer: number, day: string, amounts: Amounts) {
    this.#index = index;
    this.#customer = customer;
    this.#day = day;
    this.#amounts = amounts;
  }

  plain(isPaid: boolean): Sale {
    const { gross } = this.#amounts;
    const paid = isPaid ? gross : 0n;
    const status = isPaid ? "paid" : "issued";
    const order = this.#order({ ...this.#amounts, paid, credited: 0n, open: gross - paid, status });
    const invoice = this.#invoice("", this.#amounts, { paid, credited: 0n, status });
    return this.#with([order], [invoice], isPaid ? gross : 0n);
  }

  /** A contract: `SO-7/2026-01-31`, `SO-7/2026-02-28`. The order shows what was billed so far. */
  billedInParts(): Sale {
    const { net, tax, gross } = this.#amounts;
    const whole = { net, tax: tax * 2n, gross: gross * 2n };
    const order = this.#order(
      { ...whole, paid: 0n, credited: 0n, open: whole.gross, status: "issued" },
      { billingPeriod: "monthly" },
    );
    const invoices = ["/2026-01-31", "/2026-02-28"].map((part) =>
      this.#invoice(part, this.#amounts, { paid: 0n, credited: 0n, status: "issued" }),
    );
    return this.#with([order], invoices, 0n);
  }

  /** The order was changed after it was billed: credit note, and a new invoice that says it follows. */
  corrected(): Sale {
    const { net, tax, gross } = this.#amounts;
    const first = amountsOf(net + 1_000n);
    const billed = { tax: tax + first.tax, gross: gross + first.gross };
    const order = this.#order({
      net,
      ...billed,
      paid: 0n,
      credited: first.gross,
      open: gross,
      status: "issued",
    });
    const taken = this.#invoice(
      "",
      first,
      { paid: 0n, credited: first.gross, status: "paid" },
      "a",
    );
    const anew = this.#invoice(
      "/002",
      this.#amounts,
      { paid: 0n, credited: 0n, status: "issued" },
      "b",
    );
    return this.#with([order], [taken, anew, this.#creditNote(first, taken)], 0n);
  }

  /** A part was taken back and the order stays as it was sold. */
  credited(): Sale {
    const { net, gross } = this.#amounts;
    const back = amountsOf(net / 4n);
    const open = gross - back.gross;
    const state = { paid: 0n, credited: back.gross, status: "issued" };
    const order = this.#order({ ...this.#amounts, ...state, open });
    const invoice = this.#invoice("", this.#amounts, state);
    return this.#with([order], [invoice, this.#creditNote(back, invoice)], 0n);
  }

  /** A part came in; the rest is a loss, which the books count as paid and the bank never sees. */
  writtenOff(): Sale {
    const { gross } = this.#amounts;
    const lost = gross / 3n;
    const paid = gross - lost;
    const state = { credited: 0n, status: "paid" };
    const order = this.#order(
      { ...this.#amounts, ...state, paid, open: 0n },
      { amountWrittenOff: euro(lost) },
    );
    const { fields, ...invoice } = this.#invoice("", this.#amounts, { ...state, paid: gross });
    const target = invoice.externalId;
    const loss = record("payment", `l${this.#index}`, {
      kind: "write-off",
      invoice: { connection: "books", recordType: "invoice", externalId: target },
      amount: euro(lost),
      paidOn: this.#day,
      status: "settled",
    });
    const use = { target, allocatedOn: this.#day };
    const allocations = [
      { ...use, kind: "payment" as const, source: `p${this.#index}`, amount: euro(paid) },
      { ...use, kind: "write-off" as const, source: loss.externalId, amount: euro(lost) },
    ];
    return this.#with([order], [{ ...invoice, fields: { ...fields, allocations } }, loss], paid);
  }

  #with(crm: ObservedRecord[], books: ObservedRecord[], paid: bigint): Sale {
    const index = this.#index;
    if (paid === 0n) return { index, crm, books, bank: [] };
    const invoice = {
      connection: "books",
      recordType: "invoice" as const,
      externalId: `i${index}`,
    };
    const payment = record("payment", `p${index}`, {
      kind: "receipt",
      invoice,
      amount: euro(paid),
      paidOn: this.#day,
      status: "settled",
    });
    // Every third payer names no document.
    const names = index % 3 === 0 ? null : `INV-${index}`;
    const bank = bankOf(`b${index}`, this.#day, paid, names);
    return { index, crm, books: [...books, payment], bank: [bank] };
  }

  #order(
    of: Amounts & { paid: bigint; credited: bigint; open: bigint; status: string },
    more: Fields = {},
  ): ObservedRecord {
    const amount = euro(of.net);
    const line = { product: null, productCode: "SKU", description: null, quantity: "1", amount };
    return record("order", `o${this.#index}`, {
      number: `SO-${this.#index}`,
      customer: { connection: "crm", recordType: "customer", externalId: `c${this.#customer}` },
      status: "won",
      orderedOn: this.#day,
      currency: "EUR",
      taxTreatment: "exclusive",
      lines: [{ ...line, unitPrice: "1", discountRate: "0" }],
      invoiceStatus: of.status,
      amountInvoiced: euro(of.gross),
      amountTax: euro(of.tax),
      amountCredited: euro(of.credited),
      amountPaid: euro(of.paid),
      amountDue: euro(of.open),
      ...more,
    });
  }

  #invoice(
    part: string,
    of: Amounts,
    state: { paid: bigint; credited: bigint; status: string },
    suffix = part,
  ): ObservedRecord {
    const id = `i${this.#index}${suffix}`;
    const registeredId = invoiceIdOf(canonicalIdOf("order", `crm#order#o${this.#index}`));
    return record(
      "invoice",
      id,
      {
        number: `INV-${this.#index}${suffix}`,
        reference: `SO-${this.#index}${part}`,
        customer: { connection: "books", recordType: "customer", externalId: `k${this.#customer}` },
        status: state.status,
        issuedOn: this.#day,
        currency: "EUR",
        taxTreatment: "exclusive",
        subtotal: euro(of.net),
        tax: euro(of.tax),
        total: euro(of.gross),
        amountPaid: euro(state.paid),
        amountCredited: euro(state.credited),
        amountDue: euro(of.gross - state.paid - state.credited),
      },
      { registeredId },
    );
  }

  #creditNote(of: Amounts, { externalId, fields }: ObservedRecord): ObservedRecord {
    const amount = euro(of.gross);
    const id = `n${this.#index}`;
    const used = { kind: "credit-note" as const, source: id, target: externalId, amount };
    return record("creditNote", id, {
      number: `CN-${this.#index}`,
      reference: fields["reference"],
      customer: fields["customer"],
      invoice: { connection: "books", recordType: "invoice", externalId },
      status: "paid",
      issuedOn: this.#day,
      currency: "EUR",
      taxTreatment: "exclusive",
      subtotal: euro(of.net),
      tax: euro(of.tax),
      total: amount,
      allocations: [{ ...used, allocatedOn: this.#day }],
      amountOpen: euro(0n),
    });
  }
}
