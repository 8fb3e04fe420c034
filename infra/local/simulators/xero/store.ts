/**
 * The state of one simulated organisation: its records, its counters and the events that wait to be
 * announced. All writes go through {@link Store.transaction}: refused work leaves no trace.
 */
import { createHash } from "node:crypto";
import type {
  AllocationRecord,
  ContactRecord,
  CreditNoteRecord,
  DocumentRecord,
  InvoiceRecord,
  ItemRecord,
  OverpaymentRecord,
  PaymentRecord,
  PrepaymentRecord,
  XeroRecords,
} from "./records.ts";
import { Table } from "./table.ts";

export interface ChangeEvent {
  readonly category: "CONTACT" | "INVOICE" | "CREDITNOTE";
  readonly type: "CREATE" | "UPDATE";
  readonly resourceId: string;
  readonly at: number;
  /** What only events of credit notes carry. */
  readonly data?: { readonly Type: string; readonly Status: string };
}

export interface Settings {
  readonly periodLockDate: string;
  readonly endOfYearLockDate: string;
  readonly nextInvoiceNumber: number;
  readonly nextCreditNoteNumber: number;
  /** Sequence of the last webhook event that was handed out. */
  readonly webhookSequence: number;
}

type Tables = { readonly [Type in keyof XeroRecords]: Table<XeroRecords[Type]> };
type Lists = { readonly [Type in keyof XeroRecords]: readonly XeroRecords[Type][] };

/** A state saved before a type of record or a setting was there lacks it. */
interface SavedStore extends Partial<Lists> {
  readonly version: 1;
  readonly guidCount: number;
  readonly settings: Partial<Settings>;
}

export interface StoreOptions {
  readonly seed: string;
  readonly now: () => number;
  /** Runs after each transaction that was kept. */
  readonly committed: (events: readonly ChangeEvent[]) => void;
}

/** How many lists are kept until a record changes. */
const LISTS_MAX = 8;

export class Store implements Tables {
  readonly contacts: Tables["contacts"];
  readonly items: Tables["items"];
  readonly invoices: Tables["invoices"];
  readonly creditNotes: Tables["creditNotes"];
  readonly prepayments: Tables["prepayments"];
  readonly overpayments: Tables["overpayments"];
  readonly allocations: Tables["allocations"];
  readonly payments: Tables["payments"];
  readonly #options: StoreOptions;
  readonly #listed = new Map<string, readonly unknown[]>();
  #undo: (() => void)[] = [];
  #events: ChangeEvent[] = [];
  #guidCount = 0;
  #transactionAt: number | undefined;
  #settings: Settings = {
    periodLockDate: "",
    endOfYearLockDate: "",
    nextInvoiceNumber: 1,
    nextCreditNoteNumber: 1,
    webhookSequence: 0,
  };

  constructor(options: StoreOptions, saved: unknown) {
    this.#options = options;
    const track = (undo: () => void): void => {
      this.#listed.clear();
      this.#undo.push(undo);
    };
    this.contacts = new Table((contact) => contact.ContactID, CONTACT_INDEXES, track);
    this.items = new Table((item) => item.ItemID, ITEM_INDEXES, track);
    this.invoices = new Table((invoice) => invoice.InvoiceID, INVOICE_INDEXES, track);
    this.creditNotes = new Table((note) => note.CreditNoteID, CREDIT_NOTE_INDEXES, track);
    this.prepayments = new Table(
      (one: PrepaymentRecord) => one.PrepaymentID,
      DOCUMENT_INDEXES,
      track,
    );
    this.overpayments = new Table(
      (one: OverpaymentRecord) => one.OverpaymentID,
      DOCUMENT_INDEXES,
      track,
    );
    this.allocations = new Table((one) => one.AllocationID, ALLOCATION_INDEXES, track);
    this.payments = new Table((payment) => payment.PaymentID, PAYMENT_INDEXES, track);
    if (saved !== undefined) this.#restore(saved);
    this.#undo = [];
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** All that one transaction does is done at one instant. */
  get now(): number {
    return this.#transactionAt ?? this.#options.now();
  }

  change(settings: Partial<Settings>): void {
    const former = this.#settings;
    this.#settings = { ...former, ...settings };
    this.#undo.push(() => {
      this.#settings = former;
    });
  }

  announce(
    category: ChangeEvent["category"],
    type: ChangeEvent["type"],
    resourceId: string,
    data?: ChangeEvent["data"],
  ): void {
    const event = { category, type, resourceId, at: this.now };
    this.#events.push(data === undefined ? event : { ...event, data });
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
    this.#transactionAt = this.#options.now();
    let isKept = false;
    try {
      isKept = this.attempt(run);
    } finally {
      this.#transactionAt = undefined;
    }
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
        this.#listed.clear();
        for (const takeBack of this.#undo.splice(undoMark).reverse()) takeBack();
        this.#events.splice(eventMark);
        this.#guidCount = guidCount;
      }
    }
    return isKept;
  }

  records<Type extends keyof XeroRecords>(type: Type): readonly XeroRecords[Type][] {
    return this.#tables[type].all();
  }

  /** Typed by the type of record, which the fields of a class are not. */
  get #tables(): Tables {
    return this;
  }

  /**
   * The list that `make` gives for a key, kept until a record changes: reading page after page of many
   * records then costs no more than reading them.
   */
  listed<T>(key: string, make: () => readonly T[]): readonly T[] {
    const known = this.#listed.get(key);
    if (known !== undefined) return known as readonly T[];
    if (this.#listed.size >= LISTS_MAX) this.#listed.clear();
    const made = make();
    this.#listed.set(key, made);
    return made;
  }

  snapshot(): SavedStore {
    const records = RECORD_TYPES.map((type) => [type, this.records(type)] as const);
    return {
      version: 1,
      guidCount: this.#guidCount,
      settings: this.#settings,
      ...Object.fromEntries(records),
    };
  }

  #restore(saved: unknown): void {
    if (!isSavedStore(saved)) throw new Error("The saved state is not that of a Xero simulator");
    this.#guidCount = saved.guidCount;
    this.#settings = { ...this.#settings, ...saved.settings };
    const lists: Lists = { ...NO_RECORDS, ...saved };
    const putAll = <Type extends keyof XeroRecords>(type: Type): void => {
      for (const record of lists[type]) this.#tables[type].put(record);
    };
    for (const type of RECORD_TYPES) putAll(type);
  }
}

const NO_RECORDS: Lists = {
  contacts: [],
  items: [],
  invoices: [],
  creditNotes: [],
  prepayments: [],
  overpayments: [],
  allocations: [],
  payments: [],
};
const RECORD_TYPES = Object.keys(NO_RECORDS) as (keyof XeroRecords)[];

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
type TypedDocument = DocumentRecord & { readonly Type: string };
const DOCUMENT_INDEXES = {
  contact: (document: TypedDocument) => document.ContactID,
  /** What makes a contact a customer or a supplier. */
  trade: (document: TypedDocument) =>
    document.Status === "DELETED" ? undefined : `${document.ContactID}:${document.Type}`,
};
const INVOICE_INDEXES = {
  number: (invoice: InvoiceRecord) => keyOrNone(invoice.InvoiceNumber),
  ...DOCUMENT_INDEXES,
};
const CREDIT_NOTE_INDEXES = {
  number: (note: CreditNoteRecord) => keyOrNone(note.CreditNoteNumber),
  ...DOCUMENT_INDEXES,
};
const ALLOCATION_INDEXES = {
  invoice: (allocation: AllocationRecord) => allocation.InvoiceID,
  credit: (allocation: AllocationRecord) => allocation.credit.id,
};
const PAYMENT_INDEXES = {
  invoice: (payment: PaymentRecord) => keyOrNone(payment.InvoiceID),
  credit: (payment: PaymentRecord) => payment.credit?.id,
};

function isSavedStore(saved: unknown): saved is SavedStore {
  return typeof saved === "object" && saved !== null && "version" in saved && saved.version === 1;
}
