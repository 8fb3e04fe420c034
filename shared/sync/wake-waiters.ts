/** Whoever waited for a record goes on when it is there; nobody polls. */
import { limits } from "#shared/config/limits.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { derivedBy } from "#shared/domain/flow.ts";
import type { CanonicalId, ConnectionId, RecordType } from "#shared/domain/identifiers.ts";
import type { Waiter } from "#shared/ports/mapping-table.ts";
import type { ChangeImage } from "./change-image.ts";
import { concurrently } from "./concurrently.ts";
import type { DeriveDependencies } from "./dependencies.ts";
import type { HintSender } from "./hint-sender.ts";
import { waitKeyOfRef } from "./references.ts";

/** What fields refer to, see `recordFields`: nobody waits for a record of another type. */
const awaitedTypes: ReadonlySet<RecordType> = new Set([
  "customer",
  "product",
  "invoice",
  "creditNote",
]);

export interface Woken {
  /** Documents that waited for a parent. */
  readonly documents: readonly CrossReference[];
  /** Takes the waits back; to be called when those who waited were hinted, never before. */
  readonly release: () => Promise<void>;
}

export async function wakeWaiters(
  deps: DeriveDependencies,
  images: readonly ChangeImage[],
  hints: HintSender,
): Promise<Woken> {
  const woken: { key: string; waiter: Waiter }[] = [];
  await concurrently(
    wakeKeysOf(images),
    limits.tableConcurrencyMax,
    async ({ key, connection }) => {
      for (const waiter of await deps.waits.list(key, connection)) woken.push({ key, waiter });
    },
  );
  const documents: CanonicalId[] = [];
  for (const { waiter } of woken) {
    if (waiter.connection === derivedBy) documents.push(waiter.canonicalId);
    else hints.wake(waiter);
  }
  return {
    documents: [...(await deps.xrefs.load(documents)).values()],
    release: async () => {
      await concurrently(woken, limits.tableConcurrencyMax, ({ key, waiter }) =>
        deps.waits.remove(key, waiter),
      );
    },
  };
}

function wakeKeysOf(
  images: readonly ChangeImage[],
): { readonly key: string; readonly connection?: ConnectionId }[] {
  return images.flatMap((image) => {
    if (image.kind === "external-reference") {
      const { ref } = image;
      return awaitedTypes.has(ref.recordType) ? [{ key: waitKeyOfRef(ref) }] : [];
    }
    const { canonicalId, recordType, mergedInto } = image.next;
    if (!awaitedTypes.has(recordType)) return [];
    // Who waited for a record that was merged away waits for the one that took it in.
    if (mergedInto !== undefined && image.previous?.mergedInto === undefined) {
      return [{ key: canonicalId }];
    }
    return image.newlyLinked.map((connection) => ({ key: canonicalId, connection }));
  });
}
