/**
 * Records what was saved: the entries that the mapping table's stream brings go to the history's log
 * as they are, in as few objects as may be. A batch that comes again changes nothing there.
 *
 * What should not be is recorded all the same, and logged: an item that was changed past its stores,
 * or taken out of the table.
 */
import type { FoundEntry } from "#shared/domain/history.ts";
import type { CanonicalId } from "#shared/domain/identifiers.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { HistoryDependencies } from "./dependencies.ts";

/** One change of a cross-reference in the table. */
export type SavedImage =
  | { readonly kind: "entry"; readonly found: FoundEntry }
  | { readonly kind: "unsealed" | "removed"; readonly canonicalId: CanonicalId };

export async function recordHistory(
  { history, log }: HistoryDependencies,
  images: readonly SavedImage[],
): Promise<void> {
  const entries = images.flatMap((image) => (image.kind === "entry" ? [image.found.entry] : []));
  await history.append(entries);
  const suspects = images.flatMap(suspectOf);
  for (const { id, code, revision } of suspects) {
    log.error("history-suspect", new SyncError({ kind: "bug", code }), { id, revision });
  }
  log.info("history-recorded", { entries: entries.length, suspects: suspects.length });
}

interface Suspect {
  readonly id: CanonicalId;
  readonly code: string;
  readonly revision?: number;
}

function suspectOf(image: SavedImage): Suspect[] {
  switch (image.kind) {
    case "entry": {
      const { entry, isIntact } = image.found;
      if (isIntact) return [];
      const { canonicalId: id, revision } = entry;
      return [{ id, revision, code: "history-record-altered" }];
    }
    case "unsealed":
      return [{ id: image.canonicalId, code: "history-record-unsealed" }];
    case "removed":
      return [{ id: image.canonicalId, code: "history-record-missing" }];
  }
}
