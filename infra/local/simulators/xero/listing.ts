/**
 * The query of a list: `If-Modified-Since`, `where`, `order`, `page` and `pageSize`. Order without
 * `order` is by change, oldest first, then by id.
 */
import type { SimRequest } from "../simulator-core.ts";
import { type Pagination, queryOf } from "./envelope.ts";
import { type Fields, parseOrder, parseWhere, QueryParseError } from "./where.ts";
import { parseModifiedSince } from "./wire-dates.ts";

const PAGE_SIZE_DEFAULT = 100;
const PAGE_SIZE_MAX = 1000;

export interface ListSpec<T> {
  readonly fields: Fields<T>;
  readonly idOf: (record: T) => string;
  readonly updatedAt: (record: T) => number;
  /** The filters only this resource has. */
  readonly keeps?: (record: T) => boolean;
  readonly isPageable: boolean;
}

export interface Listed<T> {
  readonly records: readonly T[];
  readonly pagination?: Pagination;
}

/** The records a list request asks for. Throws QueryParseError. */
export function listRecords<T>(
  request: SimRequest,
  source: readonly T[],
  spec: ListSpec<T>,
): Listed<T> {
  const since = modifiedSince(request);
  const where = queryOf(request, "where");
  const isWanted = where === undefined || where === "" ? undefined : parseWhere(where, spec.fields);
  const kept = source.filter(
    (record) =>
      (since === undefined || spec.updatedAt(record) >= since) &&
      (spec.keeps?.(record) ?? true) &&
      (isWanted?.(record) ?? true),
  );
  const order = queryOf(request, "order");
  const byOrder = order === undefined || order === "" ? undefined : parseOrder(order, spec.fields);
  kept.sort(
    (left, right) =>
      byOrder?.(left, right) ||
      spec.updatedAt(left) - spec.updatedAt(right) ||
      (spec.idOf(left) < spec.idOf(right) ? -1 : 1),
  );
  return spec.isPageable ? takePage(request, kept) : { records: kept };
}

/** The ids of a comma list parameter, lower case; `undefined` where it is not sent. */
export function listParameter(request: SimRequest, name: string): ReadonlySet<string> | undefined {
  const value = queryOf(request, name);
  if (value === undefined || value === "") return undefined;
  return new Set(value.split(",").map((entry) => entry.trim().toLowerCase()));
}

export function isTrue(request: SimRequest, name: string): boolean {
  return queryOf(request, name)?.toLowerCase() === "true";
}

function takePage<T>(request: SimRequest, records: readonly T[]): Listed<T> {
  const page = wholeParameter(request, "page", 1, Number.MAX_SAFE_INTEGER);
  if (page === undefined) return { records };
  const pageSize = wholeParameter(request, "pageSize", 1, PAGE_SIZE_MAX) ?? PAGE_SIZE_DEFAULT;
  const itemCount = records.length;
  return {
    records: records.slice((page - 1) * pageSize, page * pageSize),
    pagination: { page, pageSize, pageCount: Math.ceil(itemCount / pageSize), itemCount },
  };
}

function wholeParameter(
  request: SimRequest,
  name: string,
  least: number,
  most: number,
): number | undefined {
  const text = queryOf(request, name);
  if (text === undefined || text === "") return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) throw new QueryParseError(`${name} is out of range`);
  return value;
}

function modifiedSince(request: SimRequest): number | undefined {
  const header = request.headers["if-modified-since"];
  if (header === undefined || header === "") return undefined;
  const since = parseModifiedSince(header);
  if (since === undefined) throw new QueryParseError("If-Modified-Since is not a date");
  return since;
}
