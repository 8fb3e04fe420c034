/**
 * Documents whose cost is not known for want of what a product costs wait for that, and get it when it
 * becomes known: so many at once, and the rest with the nightly check. What was known stays.
 */
import { limits } from "#shared/config/limits.ts";
import { addDays, dateOfEpochMs } from "#shared/domain/calendar.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { derivedBy } from "#shared/domain/flow.ts";
import type { Waiter } from "#shared/ports/mapping-table.ts";
import type { ChangeImage } from "./change-image.ts";
import { concurrently } from "./concurrently.ts";
import { costDocuments, costWaitKeysOf, withProducts } from "./cost-documents.ts";
import type { DeriveDependencies } from "./dependencies.ts";
import type { HintSender } from "./hint-sender.ts";
import type { Counted } from "./tally.ts";

/** Products whose cost has become known, or that came to be known by another code. */
export function newlyCosted(images: readonly ChangeImage[]): CrossReference[] {
  return images.flatMap((image) => {
    if (image.kind !== "cross-reference" || image.next.recordType !== "product") return [];
    const [before, after] = [image.previous?.fields ?? {}, image.next.fields];
    if (typeof after["unitCost"] !== "string") return [];
    const isNew = typeof before["unitCost"] !== "string" || before["code"] !== after["code"];
    return isNew ? [image.next] : [];
  });
}

/**
 * Works out the cost of documents that waited for these products. A product for which more wait than
 * one invocation takes is due at once, so that the nightly check goes on with it.
 */
export async function costWaiters(
  deps: DeriveDependencies,
  products: readonly CrossReference[],
  cause: Counted,
  hints: HintSender,
): Promise<{ readonly isDone: boolean }> {
  const woken: { readonly key: string; readonly waiter: Waiter }[] = [];
  const unfinished: CrossReference[] = [];
  for (const product of products) {
    for (const key of costWaitKeysOf(deps.flows.product, product)) {
      // One more than is taken tells whether any are left.
      const room = limits.costWaitersMax - woken.length;
      const waiters = await deps.waits.list(key, derivedBy, room + 1);
      woken.push(...waiters.slice(0, room).map((waiter) => ({ key, waiter })));
      if (waiters.length > room) unfinished.push(product);
    }
  }
  const ids = woken.map(({ waiter }) => waiter.canonicalId);
  const documents = await withProducts(deps, [...(await deps.xrefs.load(ids)).values()]);
  const waits = await costDocuments(deps, documents, new Set(), cause, hints);
  const yesterday = addDays(dateOfEpochMs(deps.clock()), -1);
  for (const { canonicalId } of unfinished) await deps.relations.setDueOn(canonicalId, yesterday);
  // Last: whoever dies before it comes back by what still waits.
  const served = woken.filter(({ key, waiter }) => waits.get(waiter.canonicalId) !== key);
  await concurrently(served, limits.tableConcurrencyMax, ({ key, waiter }) =>
    deps.waits.remove(key, waiter),
  );
  // Who waits still under the same key waits for a cost that was taken back.
  return { isDone: unfinished.length === 0 || served.length < woken.length };
}
