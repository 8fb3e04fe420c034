/**
 * Cost of sales of invoices and credit notes. Once it is known of one that was issued it stays, as long
 * as its lines do: what a product costs later is the cost of later sales.
 */
import { limits } from "#shared/config/limits.ts";
import { costOfSales } from "#shared/domain/cost-of-sales.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { billedLines } from "#shared/domain/derive-invoice.ts";
import type { CanonicalId } from "#shared/domain/identifiers.ts";
import { type DocumentLine, type Fields, isLines, isMoney } from "#shared/domain/records.ts";
import { concurrently } from "./concurrently.ts";
import type { DeriveDependencies } from "./dependencies.ts";
import { deriveOnto } from "./derive-onto.ts";
import type { HintSender } from "./hint-sender.ts";
import { matchKeysOf } from "./known-records.ts";
import {
  canonicalIdIn,
  canonicalReferences,
  pendingReferences,
  resolveInward,
} from "./references.ts";
import type { Counted } from "./tally.ts";

/** `hasNewSources`: documents of which something changed that the cost rests on. */
export async function costDocuments(
  deps: DeriveDependencies,
  changed: readonly CrossReference[],
  hasNewSources: ReadonlySet<CanonicalId>,
  cause: Counted,
  hints: HintSender,
): Promise<void> {
  const documents = changed.filter(
    (xref) => isDocument(xref) && (isOpen(xref.fields) || hasNewSources.has(xref.canonicalId)),
  );
  const known = await loadSources(deps, documents);
  await concurrently(documents, limits.tableConcurrencyMax, async (xref) => {
    const { canonicalId, recordType, fields } = xref;
    const isKnown = isMoney(fields["costOfSales"]);
    if (costOf(xref, known) === null && !isKnown) return;
    const compute = async (): Promise<Fields> => {
      const now = (await deps.xrefs.load([canonicalId])).get(canonicalId) ?? xref;
      const refs = await deps.xrefs.findExternalRefs(pendingReferences(now.fields));
      const resolved = { ...now, fields: resolveInward(now.fields, refs) };
      return { costOfSales: costOf(resolved, await loadSources(deps, [resolved])) };
    };
    await deriveOnto(deps, { canonicalId, recordType, xref, compute }, cause, hints);
  });
}

/** Orders of the documents, and products on their lines: by reference, else by code. */
async function loadSources(
  deps: Pick<DeriveDependencies, "xrefs" | "flows">,
  documents: readonly CrossReference[],
): Promise<ReadonlyMap<CanonicalId, CrossReference>> {
  const lines = documents.flatMap(uncostedLines);
  const orderIds = documents.flatMap((xref) =>
    uncostedLines(xref).length === 0 ? [] : (canonicalIdIn(xref.fields["order"]) ?? []),
  );
  const codes = lines.flatMap(({ product, productCode }) =>
    product === null && productCode !== null ? [productCode] : [],
  );
  const keys = codes.flatMap((code) => matchKeysOf(deps.flows.product, { code }));
  const matches = await deps.xrefs.findMatches(keys);
  return deps.xrefs.load([...orderIds, ...canonicalReferences({ lines }), ...matches.values()]);
}

/** The lines whose cost is to be asked of their product. */
export function uncostedLines(xref: CrossReference): readonly DocumentLine[] {
  const { lines } = xref.fields;
  if (!isDocument(xref) || !isLines(lines)) return [];
  return lines.filter(({ unitCost }) => typeof unitCost !== "string");
}

function isDocument({ recordType, fields }: CrossReference): boolean {
  const { status } = fields;
  const isKind = recordType === "invoice" || recordType === "creditNote";
  return isKind && status !== "void" && status !== "deleted";
}

/** Nothing is known, or nothing is final yet. */
function isOpen({ status, costOfSales: cost }: Fields): boolean {
  return !isMoney(cost) || (status !== "issued" && status !== "paid");
}

function costOf(xref: CrossReference, known: ReadonlyMap<CanonicalId, CrossReference>) {
  const order = known.get(canonicalIdIn(xref.fields["order"]) ?? "");
  const unitCosts = new Map<string, string>();
  for (const { recordType, canonicalId, fields } of known.values()) {
    const { unitCost, code } = fields;
    if (recordType !== "product" || typeof unitCost !== "string") continue;
    unitCosts.set(canonicalId, unitCost);
    if (typeof code === "string") unitCosts.set(code.trim(), unitCost);
  }
  const orderLines = order === undefined ? [] : billedLines(order.fields);
  return costOfSales(xref.fields, { orderLines, unitCosts });
}
