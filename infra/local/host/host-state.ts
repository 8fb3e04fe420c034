/**
 * What the host itself must remember between runs: stream positions, secret values, asynchronous
 * events that are not done. One SQLite file, held exclusively, so it is the folder's lock as well.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export interface HostState {
  get(kind: StateKind, key: string): string | undefined;
  set(kind: StateKind, key: string, value: string): void;
  delete(kind: StateKind, key: string): void;
  /** Key and value of each entry of this kind, oldest first. */
  list(kind: StateKind): readonly { readonly key: string; readonly value: string }[];
  close(): void;
}

/** `source` marks an event source that has run before; `position` is a sequence number of a shard. */
type StateKind = "position" | "source" | "secret" | "event";

/**
 * Opens the state of a folder, or one in memory.
 * Throws when another running host holds the folder.
 */
export function openHostState(folder: string | undefined): HostState {
  if (folder !== undefined) mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(folder === undefined ? ":memory:" : join(folder, "host.db"));
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    database.exec(
      "CREATE TABLE IF NOT EXISTS state (kind TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (kind, key))",
    );
    // The lock is taken by the first write and held until the file is closed.
    database.exec("BEGIN IMMEDIATE; PRAGMA user_version = 1; COMMIT");
  } catch (error) {
    database.close();
    throw new Error(`${folder} is in use by another local host`, { cause: error });
  }
  const select = database.prepare("SELECT value FROM state WHERE kind = ? AND key = ?");
  const upsert = database.prepare(
    "INSERT OR REPLACE INTO state (kind, key, value) VALUES (?, ?, ?)",
  );
  const remove = database.prepare("DELETE FROM state WHERE kind = ? AND key = ?");
  const all = database.prepare("SELECT key, value FROM state WHERE kind = ? ORDER BY rowid");
  return {
    get(kind, key) {
      const value = select.get(kind, key)?.["value"];
      return typeof value === "string" ? value : undefined;
    },
    set: (kind, key, value) => void upsert.run(kind, key, value),
    delete: (kind, key) => void remove.run(kind, key),
    list: (kind) =>
      all.all(kind).map((row) => ({ key: String(row["key"]), value: String(row["value"]) })),
    close() {
      if (database.isOpen) database.close();
    },
  };
}
