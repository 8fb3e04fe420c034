/**
 * Cost of sales of invoices and credit notes. Once it is known of one that was issued it stays, as long
 * as its lines do: what a product costs later is the cost of later sales. One that is not known for want
 * of what a product costs waits for that, see `cost-waits.ts`.
 */
import { limits } from "#shared/config/limits.ts";
import { type CostSources, costOfSales, lineWithoutCost } from "#shared/domain/cost-of-sales.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { billedLines } from "#shared/domain/derive-invoice.ts";
import { digestText } from "#shared/domain/fingerprint.ts";
import { derivedBy, type Flow } from "#shared/domain/flow.ts";
import type { CanonicalId } from "#shared/domain/identifiers.ts";
import { matchKeyText } from "#shared/domain/match-key.ts";
import { type DocumentLine, type Fields, isLines, isMoney } from "#shared/domain/records.ts";
import { concurrently } from "./concurrently.ts";
import type { DeriveDependencies } from "./dependencies.ts";
import { deriveOnto } from "./derive-onto.ts";
import type { HintSender } from "./hint-sender.ts";
import { matchKeysOf } from "./known-records.ts";
import { withKnownReferences } from "./known-references.ts";
import { canonicalIdIn, canonicalReferences, pendingReferences } from "./references.ts";
import type { Counted } from "./tally.ts";

/**
 * `hasNewSources`: documents of which something changed that the cost rests on. Answers the keys under
 * which documents wait for the cost of a product.
 */
export async function costDocuments(
  deps: DeriveDependencies,
  changed: readonly CrossReference[],
  hasNewSources: ReadonlySet<CanonicalId>,
  cause: Counted,
  hints: HintSender,
): Promise<ReadonlyMap<CanonicalId, string>> {
  const documents = changed.filter(
    (xref) => isDocument(xref) && (isOpen(xref.fields) || hasNewSources.has(xref.canonicalId)),
  );
  const { waits, known } = await awaitCosts(deps, documents);
  await concurrently(documents, limits.tableConcurrencyMax, async (xref) => {
    const { canonicalId, recordType, fields } = xref;
    const isKnown = isMoney(fields["costOfSales"]);
    if (costOf(xref, known) === null && !isKnown) return;
    const compute = async (): Promise<Fields> => {
      const now = (await deps.xrefs.load([canonicalId])).get(canonicalId) ?? xref;
      const [resolved = now] = await withProducts(deps, [now]);
      return { costOfSales: costOf(resolved, await loadSources(deps, [resolved])) };
    };
    await deriveOnto(deps, { canonicalId, recordType, xref, compute }, cause, hints);
  });
  return waits;
}

/** The documents of these orders, but for those among `changed`, whose lines changed and say what goods cost. */
export async function documentsOfCosted(
  deps: Pick<DeriveDependencies, "xrefs" | "relations">,
  changed: readonly CrossReference[],
  hasNewSources: ReadonlySet<CanonicalId>,
): Promise<CrossReference[]> {
  const orders = changed.filter(
    ({ recordType, canonicalId, fields: { lines } }) =>
      recordType === "order" &&
      hasNewSources.has(canonicalId) &&
      isLines(lines) &&
      lines.some(({ unitCost }) => typeof unitCost === "string"),
  );
  const known = new Set(changed.map(({ canonicalId }) => canonicalId));
  const ids = await concurrently(orders, limits.tableConcurrencyMax, async ({ canonicalId }) => {
    const documents = await deps.relations.list(canonicalId);
    return documents.map((document) => document.canonicalId).filter((id) => !known.has(id));
  });
  return withProducts(deps, [...(await deps.xrefs.load(ids.flat())).values()]);
}

/** The documents with every reference to a product that is known by now. */
export async function withProducts(
  deps: Pick<DeriveDependencies, "xrefs">,
  documents: readonly CrossReference[],
): Promise<CrossReference[]> {
  return withKnownReferences(deps.xrefs, documents, (xref) =>
    pendingReferences({ lines: uncostedLines(xref) }),
  );
}

/**
 * Registers who waits for a cost, under which key, and reads what is known. Whoever gave a cost before
 * the wait was stored did not see it, so it is read once more then.
 */
async function awaitCosts(
  deps: DeriveDependencies,
  documents: readonly CrossReference[],
): Promise<{
  readonly waits: ReadonlyMap<CanonicalId, string>;
  readonly known: ReadonlyMap<CanonicalId, CrossReference>;
}> {
  const known = await loadSources(deps, documents);
  const waits = new Map<CanonicalId, string>();
  for (const xref of documents) {
    const line = lineWithoutCost(xref.fields, sourcesOf(xref, known));
    const key = line === undefined ? undefined : costWaitKeyOf(deps.flows.product, line);
    if (key !== undefined) waits.set(xref.canonicalId, key);
  }
  await concurrently(documents, limits.tableConcurrencyMax, async (xref) => {
    const { canonicalId, recordType, runId } = xref;
    const key = waits.get(canonicalId);
    if (key === undefined) return;
    await deps.waits.register(key, { connection: derivedBy, canonicalId, recordType, runId });
  });
  return { waits, known: waits.size === 0 ? known : await loadSources(deps, documents) };
}

/** The key under which one waits for what the product on the line costs; a product by its code, too. */
function costWaitKeyOf(
  flow: Flow,
  { product, productCode }: Pick<DocumentLine, "product" | "productCode">,
): string | undefined {
  if (product !== null) {
    return "canonicalId" in product ? `cost#${product.canonicalId}` : undefined;
  }
  const [key] = productCode === null ? [] : matchKeysOf(flow, { code: productCode });
  return key === undefined ? undefined : `cost#${digestText(matchKeyText(key))}`;
}

/** All keys under which documents wait for what this product costs. */
export function costWaitKeysOf(flow: Flow, { canonicalId, fields }: CrossReference): string[] {
  const productCode = typeof fields["code"] === "string" ? fields["code"] : null;
  const lines = [
    { product: { canonicalId }, productCode },
    { product: null, productCode },
  ];
  return lines.flatMap((line) => costWaitKeyOf(flow, line) ?? []);
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
  return costOfSales(xref.fields, sourcesOf(xref, known));
}

function sourcesOf(
  xref: CrossReference,
  known: ReadonlyMap<CanonicalId, CrossReference>,
): CostSources {
  const order = known.get(canonicalIdIn(xref.fields["order"]) ?? "");
  const unitCosts = new Map<string, string>();
  for (const { recordType, canonicalId, fields } of known.values()) {
    const { unitCost, code } = fields;
    if (recordType !== "product" || typeof unitCost !== "string") continue;
    unitCosts.set(canonicalId, unitCost);
    if (typeof code === "string") unitCosts.set(code.trim(), unitCost);
  }
  const orderLines = order === undefined ? [] : billedLines(order.fields);
  return { orderLines, unitCosts };
}
