/**
 * A company that is large for its remotes' pages, to scale: with three records a page, people work
 * while a list is read, and records move from a page to one that is read already.
 */

const PAGE_RECORDS = 3;

export interface Asked {
  readonly url: string;
  readonly body: string | undefined;
}

/** The call with fewer records a page, where it reads a list; any other call as it is. */
export function inSmallPages(method: string, { url, body }: Asked): Asked {
  const address = new URL(url);
  if (method === "GET") {
    for (const name of ["limit", "pageSize"]) {
      // What is asked for by id comes on one page everywhere.
      if (!address.searchParams.has(name) || address.searchParams.has("IDs")) continue;
      address.searchParams.set(name, String(PAGE_RECORDS));
    }
    return { url: address.href, body };
  }
  if (!address.pathname.endsWith("/search") || body === undefined) return { url, body };
  const search: unknown = JSON.parse(body);
  return { url, body: JSON.stringify({ ...Object(search), limit: PAGE_RECORDS }) };
}
