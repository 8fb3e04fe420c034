/**
 * Random ways an invoice is settled, acted out by the simulated bookkeeper, with a model beside it that
 * keeps what was used for what: it knows nothing of Xero's answers or of the connector.
 */
import fc from "fast-check";
import type { CreditKey } from "#infra/local/simulators/xero/records.ts";
import type { XeroUser } from "#infra/local/simulators/xero/user.ts";
import { formatMoney } from "#shared/domain/money.ts";
import type { AllocationKind } from "#shared/domain/records.ts";

const actKinds = [
  "receipt",
  "overpayment",
  "deposit",
  "credit-note",
  "use",
  "refund",
  "reversal",
  "take-back",
  "write-off",
] as const;

interface Act {
  readonly kind: (typeof actKinds)[number];
  /** How much of what is possible, in thousandths. */
  readonly part: number;
  /** Which of those there are. */
  readonly pick: number;
}

export interface PaymentHistory {
  readonly currency: "USD" | "EUR";
  readonly totalMinor: number;
  readonly acts: readonly Act[];
}

const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom(...actKinds),
  part: fc.integer({ min: 0, max: 1_000 }),
  pick: fc.nat({ max: 7 }),
});

export const paymentHistory = (actsMax: number): fc.Arbitrary<PaymentHistory> =>
  fc.record({
    currency: fc.constantFrom("USD" as const, "EUR" as const),
    totalMinor: fc.integer({ min: 1, max: 10_000_000 }),
    acts: fc.array(act, { minLength: actsMax, maxLength: actsMax }),
  });

interface Payment {
  readonly id: string;
  readonly amount: bigint;
  readonly kind: "payment" | "write-off";
  /** Absent of a payment for the invoice. */
  readonly refundOf?: Credit;
}

interface Use {
  readonly id: string;
  readonly amount: bigint;
}

interface Credit {
  readonly key: CreditKey;
  readonly kind: Exclude<AllocationKind, "payment" | "write-off">;
  readonly total: bigint;
  uses: Use[];
}

/** One invoice and all that was done about it. Amounts are minor units. */
export class SettledInvoice {
  readonly invoiceId: string;
  readonly currency: string;
  readonly total: bigint;
  readonly #user: XeroUser;
  readonly #contact: { readonly ContactID: string };
  readonly credits: Credit[] = [];
  #payments: Payment[] = [];

  constructor(user: XeroUser, contactId: string, history: PaymentHistory) {
    this.#user = user;
    this.#contact = { ContactID: contactId };
    this.currency = history.currency;
    this.total = BigInt(history.totalMinor);
    this.invoiceId = user.createInvoice({
      ...this.#document(this.total),
      Type: "ACCREC",
      DueDate: "2026-12-31",
    });
  }

  get due(): bigint {
    const paid = this.#payments.filter(({ refundOf }) => refundOf === undefined).map(amountOf);
    const used = this.credits.flatMap(({ uses }) => uses.map(amountOf));
    return this.total - sumOf([...paid, ...used]);
  }

  /** Money that came in, whenever it did. */
  get received(): bigint {
    const payments = this.#payments.filter(
      ({ kind, refundOf }) => kind === "payment" && refundOf === undefined,
    );
    const advances = this.credits.filter(({ kind }) => kind !== "credit-note");
    const uses = advances.flatMap((advance) => advance.uses);
    return sumOf([...payments.map(amountOf), ...uses.map(amountOf)]);
  }

  get writtenOff(): bigint {
    return sumOf(this.#payments.filter(({ kind }) => kind === "write-off").map(amountOf));
  }

  openOf(credit: Credit): bigint {
    const refunded = this.#payments.filter(({ refundOf }) => refundOf === credit).map(amountOf);
    return credit.total - sumOf([...credit.uses.map(amountOf), ...refunded]);
  }

  /** What the invoice must show: each payment, and each credit once. */
  invoiceAllocations(): string[] {
    const payments = this.#payments.filter(({ refundOf }) => refundOf === undefined);
    const credits = this.credits.filter(({ uses }) => uses.length > 0);
    return [
      ...payments.map(({ id, amount, kind }) => `${kind} ${id} ${amount}`),
      ...credits.map(({ kind, key, uses }) => `${kind} ${key.id} ${sumOf(uses.map(amountOf))}`),
    ].sort();
  }

  /** What a credit must show: each use, and each refund. */
  creditAllocations(credit: Credit): string[] {
    const refunds = this.#payments.filter(({ refundOf }) => refundOf === credit);
    return [
      ...credit.uses.map(({ amount }) => `${credit.kind} ${this.invoiceId} ${amount}`),
      ...refunds.map(({ amount }) => `payment ${credit.key.id} ${amount}`),
    ].sort();
  }

  /** Acts where there is something to act on; else nothing happens, as in life. */
  act({ kind, part, pick }: Act): void {
    const acts: Readonly<Record<Act["kind"], () => void>> = {
      receipt: () => this.#pay(partOf(this.due, part)),
      "write-off": () => this.#writeOff(),
      overpayment: () => {
        this.#pay(this.due);
        this.#receive("Overpayment", "overpayment", BigInt(part + 1));
      },
      deposit: () => this.#receiveAndUse("Prepayment", "deposit", part),
      "credit-note": () => this.#receiveAndUse("CreditNote", "credit-note", part),
      use: () => this.#use(pickFrom(this.credits, pick), part),
      refund: () => this.#refund(pickFrom(this.credits, pick), part),
      reversal: () => this.#reverse(pickFrom(this.#payments, pick)),
      "take-back": () => this.#takeBack(pick),
    };
    acts[kind]();
  }

  #pay(amount: bigint): void {
    if (amount === 0n) return;
    const id = this.#user.pay(this.invoiceId, this.#payment(amount));
    this.#payments.push({ id, amount, kind: "payment" });
  }

  #writeOff(): void {
    const amount = this.due;
    if (amount === 0n) return;
    this.#payments.push({
      id: this.#user.writeOff(this.invoiceId, { Date: "2026-11-20" }),
      amount,
      kind: "write-off",
    });
  }

  #receiveAndUse(noun: "Prepayment" | "CreditNote", kind: Credit["kind"], part: number): void {
    this.#receive(noun, kind, partOf(this.total, part));
    this.#use(this.credits.at(-1), 1_000 - part);
  }

  #receive(noun: CreditKey["kind"], kind: Credit["kind"], total: bigint): void {
    const bank = { ...this.#document(total), BankAccount: this.#account() };
    const made = {
      Prepayment: () => this.#user.receivePrepayment(bank),
      Overpayment: () => this.#user.receiveOverpayment({ ...bank, Amount: this.#text(total) }),
      CreditNote: () =>
        this.#user.createCreditNote({ ...this.#document(total), Type: "ACCRECCREDIT" }),
    };
    this.credits.push({ key: { kind: noun, id: made[noun]() }, kind, total, uses: [] });
  }

  #use(credit: Credit | undefined, part: number): void {
    if (credit === undefined) return;
    const [open, due] = [this.openOf(credit), this.due];
    const amount = partOf(open < due ? open : due, part);
    if (amount === 0n) return;
    const Invoice = { InvoiceID: this.invoiceId };
    const id = this.#user.allocate(credit.key, { Invoice, Amount: this.#text(amount) });
    credit.uses.push({ id, amount });
  }

  #refund(credit: Credit | undefined, part: number): void {
    const amount = credit === undefined ? 0n : partOf(this.openOf(credit), part);
    if (credit === undefined || amount === 0n) return;
    const id = this.#user.refund(credit.key, this.#payment(amount));
    this.#payments.push({ id, amount, kind: "payment", refundOf: credit });
  }

  #reverse(payment: Payment | undefined): void {
    if (payment === undefined) return;
    this.#user.deletePayment(payment.id);
    this.#payments = this.#payments.filter((one) => one !== payment);
  }

  #takeBack(pick: number): void {
    const credit = pickFrom(
      this.credits.filter(({ uses }) => uses.length > 0),
      pick,
    );
    const use = pickFrom(credit?.uses ?? [], pick);
    if (credit === undefined || use === undefined) return;
    this.#user.removeAllocation(use.id);
    credit.uses = credit.uses.filter((one) => one !== use);
  }

  #document(total: bigint) {
    return {
      Contact: this.#contact,
      Date: "2026-11-01",
      Status: "AUTHORISED",
      CurrencyCode: this.currency,
      LineAmountTypes: "NoTax",
      LineItems: [
        { Description: "Work", Quantity: "1", UnitAmount: this.#text(total), AccountCode: "200" },
      ],
    };
  }

  #payment(amount: bigint) {
    return { Amount: this.#text(amount), Date: "2026-11-10", Account: this.#account() };
  }

  /** The bank account in the invoice's currency. */
  #account() {
    return { Code: this.currency === "EUR" ? "091" : "090" };
  }

  #text(minor: bigint): string {
    return formatMoney({ minor, currency: this.currency });
  }
}

function partOf(whole: bigint, part: number): bigint {
  return whole <= 1n ? whole : 1n + ((whole - 1n) * BigInt(part)) / 1_000n;
}

function pickFrom<Element>(elements: readonly Element[], pick: number): Element | undefined {
  return elements[pick % Math.max(1, elements.length)];
}

function amountOf({ amount }: { readonly amount: bigint }): bigint {
  return amount;
}

function sumOf(amounts: readonly bigint[]): bigint {
  return amounts.reduce((left, right) => left + right, 0n);
}
