/** Sums: what a customer's and an order's documents add up to, computed anew from all of them. */
import { limits } from "#shared/config/limits.ts";
import { dateOfEpochMs } from "#shared/domain/calendar.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import type { CanonicalId } from "#shared/domain/identifiers.ts";
import { summarizeOrder } from "#shared/domain/order-summary.ts";
import type { RelatedDocument } from "#shared/domain/related-document.ts";
import { summarizeCustomer } from "#shared/domain/summary.ts";
import { concurrently } from "./concurrently.ts";
import type { DeriveDependencies } from "./dependencies.ts";
import { deriveOnto } from "./derive-onto.ts";
import type { HintSender } from "./hint-sender.ts";
import { loadWithSurvivors } from "./load-with-survivors.ts";
import { survivorOf } from "./references.ts";
import type { Counted } from "./tally.ts";

/** Sums up each of these customers and orders as of today. */
export async function sumUp(
  deps: DeriveDependencies,
  parents: ReadonlyMap<CanonicalId, Counted>,
  hints: HintSender,
): Promise<void> {
  const xrefs = await loadWithSurvivors(deps.xrefs, parents.keys());
  const summed = new Map<CanonicalId, { xref: CrossReference; cause: Counted }>();
  for (const [id, cause] of parents) {
    const xref = survivorOf(xrefs, id);
    if (xref !== undefined) summed.set(xref.canonicalId, { xref, cause });
  }
  await concurrently([...summed.values()], limits.tableConcurrencyMax, async ({ xref, cause }) => {
    if (xref.recordType === "customer") await sumUpCustomer(deps, xref, cause, hints);
    if (xref.recordType === "order") await sumUpOrder(deps, xref, cause, hints);
  });
}

/** Its own, and those of the records it took in. */
async function documentsOf(
  deps: DeriveDependencies,
  { canonicalId, absorbed = [] }: CrossReference,
): Promise<RelatedDocument[]> {
  const documents: RelatedDocument[] = [];
  for (const id of [canonicalId, ...absorbed]) documents.push(...(await deps.relations.list(id)));
  return documents;
}

async function sumUpCustomer(
  deps: DeriveDependencies,
  xref: CrossReference,
  cause: Counted,
  hints: HintSender,
): Promise<void> {
  const { canonicalId, recordType } = xref;
  const compute = async () => {
    const documents = await documentsOf(deps, xref);
    const today = dateOfEpochMs(deps.clock());
    const { fields, nextDueOn } = summarizeCustomer(documents, today);
    await deps.relations.setDueOn(canonicalId, nextDueOn);
    return fields;
  };
  await deriveOnto(deps, { canonicalId, recordType, xref, compute }, cause, hints);
}

async function sumUpOrder(
  deps: DeriveDependencies,
  xref: CrossReference,
  cause: Counted,
  hints: HintSender,
): Promise<void> {
  const { canonicalId, recordType } = xref;
  const compute = async () => summarizeOrder(await documentsOf(deps, xref));
  await deriveOnto(deps, { canonicalId, recordType, xref, compute }, cause, hints);
}
