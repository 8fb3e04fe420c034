/**
 * All records, by type and id. Reads by id see a change at once, a search when its index has come so
 * far. Ids come from one counter and are never used twice.
 */
import * as z from "zod";
import type { TextHabits } from "../text-habits.ts";
import { defaultsOnCreate, type Properties, withCalculated } from "./calculated.ts";
import { invalid } from "./errors.ts";
import { OBJECT_KINDS, OBJECT_TYPES, type ObjectKind, type ObjectType } from "./object-types.ts";
import type { PropertyCatalog } from "./properties.ts";
import {
  type ChangeSource,
  currentVersion,
  isLive,
  noteHistory,
  pushVersion,
  type RecordState,
  type RecordVersion,
  recordSchema,
  type StoredRecord,
  stateAt,
} from "./records.ts";
import type { SearchIndex } from "./search-index.ts";
import { UniqueIndex } from "./unique-index.ts";
import {
  type CheckedWrite,
  type Claims,
  checkWrite,
  type GivenProperties,
} from "./write-checks.ts";

const FIRST_ID = 101;

export const storeStateSchema = z.object({ nextId: z.number(), records: z.array(recordSchema) });
export type StoreState = z.infer<typeof storeStateSchema>;

export interface StoreOptions {
  readonly catalog: PropertyCatalog;
  readonly textHabits: TextHabits;
  readonly searchIndex: SearchIndex;
  readonly now: () => number;
  readonly currency: string;
  readonly portalId: number;
}

export interface WriteOutcome {
  readonly record: StoredRecord;
  /** Properties whose value changed, without those HubSpot calculates. */
  readonly changed: readonly string[];
}

export class RecordStore {
  readonly #options: StoreOptions;
  readonly #unique: UniqueIndex;
  readonly #byId = new Map<string, StoredRecord>();
  readonly #byType: Record<ObjectType, StoredRecord[]> = {
    companies: [],
    contacts: [],
    products: [],
    deals: [],
    quotes: [],
    line_items: [],
  };
  #nextId = FIRST_ID;

  constructor(options: StoreOptions, state?: StoreState) {
    this.#options = options;
    this.#unique = new UniqueIndex(options.catalog);
    if (state === undefined) return;
    this.#nextId = state.nextId;
    for (const record of state.records) {
      this.#insert(record);
      if (isLive(record)) {
        this.#unique.add(record.type, record.id, currentVersion(record).properties);
      }
    }
  }

  /** Every record ever made of a type, in the order of their ids. */
  all(type: ObjectType): readonly StoredRecord[] {
    return this.#byType[type];
  }

  /** The state a record is in now. */
  stateOf(record: StoredRecord): RecordState {
    return stateAt(record, this.#options.now());
  }

  /**
   * The record an id leads to, live or archived; the id of a merged record leads to the one it is
   * part of now. `idProperty` must name a property with unique values.
   */
  find(kind: ObjectKind, id: string, idProperty?: string): StoredRecord | undefined {
    if (idProperty === undefined || idProperty === "hs_object_id") {
      let record = this.#byId.get(id);
      while (record?.mergedInto !== undefined) record = this.#byId.get(record.mergedInto);
      if (record?.type !== kind.type) return undefined;
      return this.stateOf(record) === "purged" ? undefined : record;
    }
    if (this.#options.catalog.find(kind.type, idProperty)?.hasUniqueValue !== true) {
      throw invalid(
        `Unable to perform update/upsert by non-unique ${kind.typeId} property: ${idProperty}`,
      );
    }
    const isEmail = kind.type === "contacts" && idProperty === "email";
    const value = isEmail ? id.trim().toLowerCase() : id.trim();
    const holder = this.#unique.holder(kind.type, idProperty, value);
    return holder === undefined ? undefined : this.#byId.get(holder);
  }

  findLive(kind: ObjectKind, id: string, idProperty?: string): StoredRecord | undefined {
    const record = this.find(kind, id, idProperty);
    return record !== undefined && isLive(record) ? record : undefined;
  }

  /** Throws what HubSpot answers to a write it refuses; changes nothing. */
  check(
    kind: ObjectKind,
    target: StoredRecord | undefined,
    given: GivenProperties,
    claims: Claims = new Map(),
  ): CheckedWrite {
    const { catalog, textHabits, portalId } = this.#options;
    // Rows of a batch that are still to be created must not be taken for one another.
    const newId = target?.id ?? String(this.#nextId + claims.size);
    return checkWrite(
      { catalog, unique: this.#unique, textHabits, portalId },
      kind,
      target,
      given,
      newId,
      claims,
    );
  }

  commit(write: CheckedWrite, source: ChangeSource): WriteOutcome {
    return write.target === undefined
      ? this.#create(write, source)
      : this.#update(write.target, write, source);
  }

  /** Sets properties that HubSpot itself keeps; where a value changes, the record counts as modified. */
  setCalculated(record: StoredRecord, values: Properties): void {
    const before = currentVersion(record).properties;
    this.#replace(record, { ...before, ...values }, CALCULATED);
  }

  archive(record: StoredRecord): void {
    this.#leave(record, "archived");
  }

  /**
   * Brings an archived record back as one that was modified now. Throws where another record has taken
   * a unique value of it meanwhile: then it cannot come back.
   */
  restore(record: StoredRecord): void {
    const kind = OBJECT_KINDS[record.type];
    const { properties } = currentVersion(record);
    for (const [name, value] of Object.entries(properties)) {
      if (this.#options.catalog.find(record.type, name)?.hasUniqueValue !== true) continue;
      const holder = this.#unique.holder(record.type, name, value);
      if (holder === undefined) continue;
      throw invalid(`${record.id} cannot be restored: ${holder} has its value of ${name}`);
    }
    const atMs = this.#options.now();
    const restored = { ...properties, [kind.modifiedProperty]: new Date(atMs).toISOString() };
    this.#unique.add(record.type, record.id, restored);
    this.#push(record, { atMs, properties: restored, state: "live" });
  }

  /** Ends a record for good, at once and everywhere. */
  purge(record: StoredRecord): void {
    this.#unique.remove(record.type, record.id, currentVersion(record).properties);
    record.versions = [{ atMs: this.#options.now(), properties: {}, state: "purged" }];
    record.history = {};
    delete record.formerLinks;
  }

  /** Forgets who bears the unique values of a property. */
  unindex(type: ObjectType, name: string): void {
    for (const { id, value } of this.#bearers(type, name)) {
      this.#unique.remove(type, id, { [name]: value });
    }
  }

  /** Remembers again who bears the unique values of a property. */
  index(type: ObjectType, name: string): void {
    for (const { id, value } of this.#bearers(type, name)) {
      this.#unique.add(type, id, { [name]: value });
    }
  }

  #bearers(type: ObjectType, name: string): { id: string; value: string }[] {
    return this.#byType[type].filter(isLive).flatMap((record) => {
      const value = currentVersion(record).properties[name];
      return value === undefined ? [] : [{ id: record.id, value }];
    });
  }

  /** Takes every value of a property, former ones too, out of the records of a type. */
  dropValues(type: ObjectType, name: string): void {
    for (const record of this.#byType[type]) {
      record.versions = record.versions.map((version) => {
        const { [name]: _dropped, ...properties } = version.properties;
        return { ...version, properties };
      });
      delete record.history[name];
    }
  }

  /** Puts a new record in the place of two: the primary's values, then the other's where it had none. */
  merge(primary: StoredRecord, other: StoredRecord): StoredRecord {
    const kept = currentVersion(primary).properties;
    const given = currentVersion(other).properties;
    const mergedIds = [primary, other].flatMap((record) => {
      const earlier = currentVersion(record).properties["hs_merged_object_ids"];
      return earlier === undefined ? [record.id] : [...earlier.split(";"), record.id];
    });
    for (const record of [primary, other]) this.#leave(record, "merged");
    const id = this.#takeId();
    const atMs = this.#options.now();
    const survivor = this.#add(
      OBJECT_KINDS[primary.type],
      id,
      {
        ...given,
        ...kept,
        hs_object_id: id,
        hs_merged_object_ids: [...new Set(mergedIds)].join(";"),
        [OBJECT_KINDS[primary.type].modifiedProperty]: new Date(atMs).toISOString(),
      },
      atMs,
    );
    survivor.createdAtMs = primary.createdAtMs;
    primary.mergedInto = id;
    other.mergedInto = id;
    return survivor;
  }

  snapshot(): StoreState {
    return { nextId: this.#nextId, records: OBJECT_TYPES.flatMap((type) => this.#byType[type]) };
  }

  #create({ kind, values }: CheckedWrite, source: ChangeSource): WriteOutcome {
    const given = withoutNulls(values);
    const productId = given["hs_product_id"];
    const product =
      kind.type === "line_items" && productId !== undefined
        ? this.findLive(OBJECT_KINDS.products, productId)
        : undefined;
    const defaults = defaultsOnCreate(kind.type, {
      currency: this.#options.currency,
      product: product === undefined ? undefined : currentVersion(product).properties,
    });
    const id = this.#takeId();
    const atMs = this.#options.now();
    const now = new Date(atMs).toISOString();
    const written = { ...defaults, ...given };
    const all = withCalculated(kind.type, {}, written, atMs);
    const record = this.#add(
      kind,
      id,
      {
        createdate: now,
        [kind.modifiedProperty]: now,
        hs_object_id: id,
        hs_object_source: source.changeSource,
        hs_object_source_id: source.sourceId,
        hs_object_source_label: source.changeSource,
        ...all,
      },
      atMs,
    );
    return { record, changed: Object.keys(written) };
  }

  #update(record: StoredRecord, { values }: CheckedWrite, source: ChangeSource): WriteOutcome {
    const before = currentVersion(record).properties;
    const written = withoutNulls({ ...before, ...values });
    const after = withCalculated(record.type, before, written, this.#options.now());
    const changed = this.#replace(record, after, source);
    return { record, changed: changed.filter((name) => !this.#isCalculated(record.type, name)) };
  }

  /** Answers the changed properties; a write that changes nothing leaves no trace. */
  #replace(record: StoredRecord, after: Properties, source: ChangeSource): string[] {
    const before = currentVersion(record).properties;
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    const changed = [...names].filter((name) => before[name] !== after[name]);
    if (changed.length === 0) return [];
    const atMs = this.#options.now();
    const { modifiedProperty } = OBJECT_KINDS[record.type];
    const properties = { ...after, [modifiedProperty]: new Date(atMs).toISOString() };
    this.#unique.remove(record.type, record.id, before);
    this.#unique.add(record.type, record.id, properties);
    this.#push(record, { atMs, properties, state: "live" });
    noteHistory(record, changed, before, properties, { ...source, atMs });
    return changed;
  }

  #add(kind: ObjectKind, id: string, properties: Properties, atMs: number): StoredRecord {
    const record: StoredRecord = {
      id,
      type: kind.type,
      createdAtMs: atMs,
      versions: [{ atMs, properties, state: "live" }],
      history: {},
    };
    this.#insert(record);
    this.#unique.add(kind.type, id, properties);
    return record;
  }

  #leave(record: StoredRecord, state: "archived" | "merged"): void {
    const { properties } = currentVersion(record);
    const atMs = this.#options.now();
    this.#unique.remove(record.type, record.id, properties);
    this.#push(record, { atMs, properties, state });
  }

  #push(record: StoredRecord, version: RecordVersion): void {
    pushVersion(record, version, this.#options.searchIndex.seenMs());
  }

  #insert(record: StoredRecord): void {
    this.#byId.set(record.id, record);
    this.#byType[record.type].push(record);
  }

  #isCalculated(type: ObjectType, name: string): boolean {
    return this.#options.catalog.find(type, name)?.calculated === true;
  }

  #takeId(): string {
    const id = String(this.#nextId);
    this.#nextId += 1;
    return id;
  }
}

const CALCULATED: ChangeSource = {
  changeSource: "CALCULATED",
  sourceId: "CalculatedPropertyComputer",
};

function withoutNulls(values: Readonly<Record<string, string | null>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) if (value !== null) kept[name] = value;
  return kept;
}
