/**
 * The record that an e-invoice is about. Only the books make documents, so a file makes none: its
 * customer is found as a newcomer would be, by exact keys, and its document by number among that
 * customer's. Nobody is made or changed by being looked for.
 */
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import type { EInvoice } from "#shared/domain/e-invoice/model.ts";
import type { Flow } from "#shared/domain/flow.ts";
import { matchKeyText } from "#shared/domain/match-key.ts";
import type { Fields } from "#shared/domain/records.ts";
import type { CrossReferenceStore, RelationStore } from "#shared/ports/mapping-table.ts";
import { matchKeysOf } from "./known-records.ts";
import { loadWithSurvivors } from "./load-with-survivors.ts";
import { survivorOf } from "./references.ts";

export interface MatchEInvoiceDependencies {
  readonly xrefs: Pick<CrossReferenceStore, "load" | "findMatches">;
  readonly relations: Pick<RelationStore, "list">;
  readonly customerFlow: Flow;
}

export type EInvoiceMatch =
  | { readonly kind: "known"; readonly record: CrossReference }
  | { readonly kind: "customer-unknown" }
  | { readonly kind: "document-unknown" };

/** Strongly consistent, but a document of the books is found only once its money was rolled up. */
export async function matchEInvoice(
  deps: MatchEInvoiceDependencies,
  { kind, number }: Pick<EInvoice, "kind" | "number">,
  buyer: Fields,
): Promise<EInvoiceMatch> {
  const customer = await findCustomer(deps, buyer);
  if (customer === undefined) return { kind: "customer-unknown" };
  const ids = [customer.canonicalId, ...(customer.absorbed ?? [])];
  for (const id of ids) {
    const related = await deps.relations.list(id);
    const named = related.find((one) => one.kind === kind && one.number === number);
    if (named === undefined) continue;
    const record = (await deps.xrefs.load([named.canonicalId])).get(named.canonicalId);
    if (record !== undefined) return { kind: "known", record };
  }
  return { kind: "document-unknown" };
}

/** By the flow's keys in their order; of a customer that was merged, whoever took it in. */
async function findCustomer(
  { xrefs, customerFlow }: MatchEInvoiceDependencies,
  buyer: Fields,
): Promise<CrossReference | undefined> {
  const keys = matchKeysOf(customerFlow, buyer);
  const matches = await xrefs.findMatches(keys);
  const loaded = await loadWithSurvivors(xrefs, matches.values());
  const id = keys.map((key) => matches.get(matchKeyText(key))).find((one) => one !== undefined);
  return survivorOf(loaded, id);
}
