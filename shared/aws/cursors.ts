/** Where a listing goes on, as an opaque text that can be handed to a caller and back. */
import { SyncError } from "#shared/domain/sync-error.ts";
import type { Index, Item } from "./table.ts";

/** The keys of an item as its index lists it. */
export function cursorOf(item: Item, index: Index): string {
  const keys = keyNames(index).map((name) => item[name]?.S ?? "");
  return Buffer.from(JSON.stringify(keys)).toString("base64url");
}

/** The inverse of {@link cursorOf}. Throws SyncError `invalid-input` (`cursor-unreadable`). */
export function itemOfCursor(cursor: string, index: Index): Item {
  const keys = parse(cursor);
  const names = keyNames(index);
  if (!Array.isArray(keys) || keys.length !== names.length) throw unreadableCursor();
  return Object.fromEntries(
    names.map((name, position) => {
      const key: unknown = keys[position];
      if (typeof key !== "string" || key === "") throw unreadableCursor();
      return [name, { S: key }];
    }),
  );
}

function keyNames(index: Index): readonly string[] {
  return ["pk", "sk", index.partitionKey, index.sortKey];
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch (cause) {
    throw unreadableCursor(cause);
  }
}

function unreadableCursor(cause?: unknown): SyncError {
  return new SyncError({ kind: "invalid-input", code: "cursor-unreadable" }, cause);
}
