/**
 * Keeps records by id with secondary indexes; every change can be taken back by the store's
 * transaction. Records are replaced, never edited in place.
 */
export interface TableIndexes<T> {
  readonly [name: string]: (record: T) => string | undefined;
}

export class Table<T> {
  readonly #records = new Map<string, T>();
  readonly #indexes = new Map<
    string,
    { readonly keyOf: (record: T) => string | undefined; readonly ids: Map<string, Set<string>> }
  >();
  readonly #idOf: (record: T) => string;
  readonly #onChange: (undo: () => void) => void;

  constructor(
    idOf: (record: T) => string,
    indexes: TableIndexes<T>,
    onChange: (undo: () => void) => void,
  ) {
    this.#idOf = idOf;
    this.#onChange = onChange;
    for (const [name, keyOf] of Object.entries(indexes)) {
      this.#indexes.set(name, { keyOf, ids: new Map() });
    }
  }

  get(id: string): T | undefined {
    return this.#records.get(id.toLowerCase());
  }

  all(): readonly T[] {
    return [...this.#records.values()];
  }

  /** Records whose key of that index equals `key`, oldest first. */
  by(index: string, key: string): readonly T[] {
    const ids = this.#indexes.get(index)?.ids.get(key) ?? new Set<string>();
    return [...ids].flatMap((id) => this.#records.get(id) ?? []);
  }

  /** Whether {@link by} would find any. */
  has(index: string, key: string): boolean {
    return (this.#indexes.get(index)?.ids.get(key)?.size ?? 0) > 0;
  }

  put(record: T): void {
    const id = this.#idOf(record);
    const former = this.#records.get(id);
    this.#set(id, record);
    this.#onChange(() => this.#set(id, former));
  }

  remove(id: string): void {
    const former = this.#records.get(id);
    this.#set(id, undefined);
    this.#onChange(() => this.#set(id, former));
  }

  #set(id: string, record: T | undefined): void {
    const former = this.#records.get(id);
    for (const { keyOf, ids } of this.#indexes.values()) {
      const formerKey = former === undefined ? undefined : keyOf(former);
      const key = record === undefined ? undefined : keyOf(record);
      if (formerKey === key) continue;
      if (formerKey !== undefined) ids.get(formerKey)?.delete(id);
      if (key === undefined) continue;
      const holders = ids.get(key) ?? new Set();
      ids.set(key, holders.add(id));
    }
    if (record === undefined) this.#records.delete(id);
    else this.#records.set(id, record);
  }
}
