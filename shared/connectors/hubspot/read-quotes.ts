/**
 * Quotes that a buyer accepted. Where the connection's settings say so (`acceptedQuotes`), such a quote
 * wins its deal, and its line items are the order's: they are what was agreed. A quote has line items
 * of its own (developers.hubspot.com, quotes, read 2026-11).
 */
import type { ExternalId } from "#shared/domain/identifiers.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { ReadChangesRequest } from "#shared/ports/connector.ts";
import type { HubspotClient } from "./client.ts";
import { type Properties, readText, versionOf } from "./mapping.ts";
import { findObjects, type ObjectPage, readObjectPage } from "./reading.ts";
import { readLinks, readObjectsById } from "./related.ts";

const STATUS = "hs_quote_status";
const APPROVAL = "hs_status";
const SIGNATURE = "hs_sign_status";
const quoteProperties: readonly string[] = [STATUS, APPROVAL, SIGNATURE];

/** The cursor of a page of quotes, before that of the page as its type of object has it. */
const CURSOR = "quotes:";

/** Line items of the accepted quotes of a deal, a list for each quote. */
export type AcceptedQuotes = ReadonlyMap<ExternalId, readonly (readonly ExternalId[])[]>;

/** A void quote counts no more; a quote that was signed and has run out since does. */
export function isAccepted(properties: Properties): boolean {
  const [status, approval, signature] = quoteProperties.map((name) => readText(properties[name]));
  if (status === "VOID") return false;
  return status === "ACCEPTED" || approval === "ACCEPTED" || signature === "ESIGN_COMPLETED";
}

/** Deals without an accepted quote are left out. */
export async function readAcceptedQuotes(
  client: HubspotClient,
  dealIds: readonly ExternalId[],
  signal: AbortSignal,
): Promise<AcceptedQuotes> {
  const links = await readLinks(client, "deals", "quotes", dealIds, signal);
  const ids = [...new Set([...links.values()].flat().map(({ id }) => id))];
  const quotes = await readObjectsById(client, "quotes", ids, quoteProperties, signal);
  const accepted = ids.filter((id) => isAccepted(quotes.get(id)?.properties ?? {}));
  const lines = await readLinks(client, "quotes", "line_items", accepted, signal);
  return new Map(
    [...links]
      .map(([dealId, quotesOfDeal]) => {
        const lists = quotesOfDeal.flatMap(({ id }) => {
          const items = accepted.includes(id) ? lines.get(id) : undefined;
          return items === undefined ? [] : [items.map((item) => item.id)];
        });
        return [dealId, lists] as const;
      })
      .filter(([, lists]) => lists.length > 0),
  );
}

/**
 * The line items of the one quote that a buyer accepted. Throws `invalid-input` (`quote-ambiguous`) for
 * several: it is not for us to choose what was agreed.
 */
export function linesOfQuote(lists: readonly (readonly ExternalId[])[]): readonly ExternalId[] {
  const [lines = [], ...others] = lists;
  if (others.length === 0) return lines;
  throw new SyncError({
    kind: "invalid-input",
    code: "quote-ambiguous",
    field: "lines",
    fix: "Void the accepted quotes of the deal that no longer count.",
  });
}

export function isQuoteCursor(cursor: string | undefined): boolean {
  return cursor?.startsWith(CURSOR) === true;
}

/**
 * Deals of quotes that changed, which need not change with them. These pages come before those of the
 * deals; deals that changed themselves are left to the latter, so that no page runs ahead of another
 * and a watermark between them passes over nothing.
 */
export async function readQuotedDeals(
  client: HubspotClient,
  properties: readonly string[],
  request: ReadChangesRequest & { readonly since: number },
): Promise<ObjectPage> {
  const { since, signal } = request;
  const cursor = request.cursor?.slice(CURSOR.length);
  const page = await readObjectPage(client, "quotes", quoteProperties, {
    since,
    signal,
    ...(cursor === undefined ? {} : { cursor }),
  });
  const accepted = page.objects.filter((quote) => isKnownToMatter(quote.properties));
  const links = await readLinks(
    client,
    "quotes",
    "deals",
    accepted.map(({ id }) => id),
    signal,
  );
  const dealIds = [...new Set([...links.values()].flat().map(({ id }) => id))];
  const { objects } = await findObjects(client, "deals", dealIds, properties, signal);
  const nextCursor =
    page.nextCursor === undefined ? `since:${Math.max(0, since)}` : CURSOR + page.nextCursor;
  return { objects: objects.filter((deal) => versionOf(deal) < since), nextCursor };
}

/** Drafts change often and bind nobody; a quote that was accepted and is void now frees its deal. */
function isKnownToMatter(properties: Properties): boolean {
  return isAccepted(properties) || readText(properties[STATUS]) === "VOID";
}
