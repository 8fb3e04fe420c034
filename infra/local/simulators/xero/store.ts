/**
 * The state of one simulated organisation: its records, its counters and the events that wait to be
 * announced. All writes go through {@link Store.transaction}: refused work leaves no trace.
 */
import { createHash } from "node:crypto";
import type {
  ContactRecord,
  InvoiceRecord,
  ItemRecord,
  PaymentRecord,
  XeroRecords,
} from "./records.ts";
import { Table } from "./table.ts";

export interface ChangeEvent {
  readonly category: "CONTACT" | "INVOICE";
  readonly type: "CREATE" | "UPDATE";
  readonly resourceId: string;
  readonly at: number;
}

export interface Settings {
  readonly periodLockDate: string;
  readonly endOfYearLockDate: string;
  readonly nextInvoiceNumber: number;
  /** Sequence of the last webhook event that was handed out. */
  readonly webhookSequence: number;
}

interface SavedStore {
  readonly version: 1;
  readonly guidCount: number;
  readonly settings: Settings;
  readonly contacts: readonly ContactRecord[];
  readonly items: readonly ItemRecord[];
  readonly invoices: readonly InvoiceRecord[];
  readonly payments: readonly PaymentRecord[];
}

export interface StoreOptions {
  readonly seed: string;
  readonly now: () => number;
  /** Runs after each transaction that was kept. */
  readonly committed: (events: readonly ChangeEvent[]) => void;
}

export class Store {
  readonly contacts: Table<ContactRecord>;
  readonly items: Table<ItemRecord>;
  readonly invoices: Table<InvoiceRecord>;
  readonly payments: Table<PaymentRecord>;
  readonly #options: StoreOptions;
  #undo: (() => void)[] = [];
  #events: ChangeEvent[] = [];
  #guidCount = 0;
  #settings: Settings = {
    periodLockDate: "",
    endOfYearLockDate: "",
    nextInvoiceNumber: 1,
    webhookSequence: 0,
  };

  constructor(options: StoreOptions, saved: unknown) {
    this.#options = options;
    const track = (undo: () => void): void => {
      this.#undo.push(undo);
    };
    this.contacts = new Table((contact) => contact.ContactID, CONTACT_INDEXES, track);
    this.items = new Table((item) => item.ItemID, ITEM_INDEXES, track);
    this.invoices = new Table((invoice) => invoice.InvoiceID, INVOICE_INDEXES, track);
    this.payments = new Table((payment) => payment.PaymentID, PAYMENT_INDEXES, track);
    if (saved !== undefined) this.#restore(saved);
    this.#undo = [];
  }

  get settings(): Settings {
    return this.#settings;
  }

  get now(): number {
    return this.#options.now();
  }

  change(settings: Partial<Settings>): void {
    const former = this.#settings;
    this.#settings = { ...former, ...settings };
    this.#undo.push(() => {
      this.#settings = former;
    });
  }

  announce(category: ChangeEvent["category"], type: ChangeEvent["type"], resourceId: string): void {
    this.#events.push({ category, type, resourceId, at: this.now });
  }

  /** The same seed and order of calls give the same ids in every run. */
  nextGuid(): string {
    this.#guidCount += 1;
    return guidOf(`${this.#options.seed}:record:${this.#guidCount}`);
  }

  /**
   * Keeps what `run` changed and announces its events if `run` returns true; else, or where it
   * throws, takes all of it back.
   */
  transaction(run: () => boolean): void {
    this.#undo = [];
    this.#events = [];
    const isKept = this.attempt(run);
    const events = this.#events;
    if (isKept && (this.#undo.length > 0 || events.length > 0)) this.#options.committed(events);
    this.#undo = [];
    this.#events = [];
  }

  /** A part of a transaction that can be taken back alone: where `run` returns false or throws. */
  attempt(run: () => boolean): boolean {
    const { length: undoMark } = this.#undo;
    const { length: eventMark } = this.#events;
    const guidCount = this.#guidCount;
    let isKept = false;
    try {
      isKept = run();
    } finally {
      if (!isKept) {
        for (const takeBack of this.#undo.splice(undoMark).reverse()) takeBack();
        this.#events.splice(eventMark);
        this.#guidCount = guidCount;
      }
    }
    return isKept;
  }

  records<Type extends keyof XeroRecords>(type: Type): readonly XeroRecords[Type][] {
    const all: { readonly [T in keyof XeroRecords]: readonly XeroRecords[T][] } = {
      contacts: this.contacts.all(),
      items: this.items.all(),
      invoices: this.invoices.all(),
      payments: this.payments.all(),
    };
    return all[type];
  }

  snapshot(): SavedStore {
    return {
      version: 1,
      guidCount: this.#guidCount,
      settings: this.#settings,
      contacts: this.contacts.all(),
      items: this.items.all(),
      invoices: this.invoices.all(),
      payments: this.payments.all(),
    };
  }

  #restore(saved: unknown): void {
    if (!isSavedStore(saved)) throw new Error("The saved state is not that of a Xero simulator");
    this.#guidCount = saved.guidCount;
    this.#settings = saved.settings;
    for (const contact of saved.contacts) this.contacts.put(contact);
    for (const item of saved.items) this.items.put(item);
    for (const invoice of saved.invoices) this.invoices.put(invoice);
    for (const payment of saved.payments) this.payments.put(payment);
  }
}

/** A version-4 shaped GUID that depends on `text` alone. */
export function guidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Names and numbers are compared without regard to case, as Xero does. */
export function foldCase(text: string): string {
  return text.toLowerCase();
}

function keyOrNone(text: string): string | undefined {
  return text === "" ? undefined : foldCase(text);
}

const CONTACT_INDEXES = {
  activeName: (contact: ContactRecord) =>
    contact.ContactStatus === "ACTIVE" ? foldCase(contact.Name) : undefined,
  number: (contact: ContactRecord) => keyOrNone(contact.ContactNumber),
};
const ITEM_INDEXES = { code: (item: ItemRecord) => foldCase(item.Code) };
const INVOICE_INDEXES = {
  number: (invoice: InvoiceRecord) => keyOrNone(invoice.InvoiceNumber),
  contact: (invoice: InvoiceRecord) => invoice.ContactID,
};
const PAYMENT_INDEXES = { invoice: (payment: PaymentRecord) => payment.InvoiceID };

function isSavedStore(saved: unknown): saved is SavedStore {
  return typeof saved === "object" && saved !== null && "version" in saved && saved.version === 1;
}
