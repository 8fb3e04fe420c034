/**
 * The query of a list: `If-Modified-Since`, `where`, `order`, `page` and `pageSize`. Order without
 * `order` is by change, oldest first, then by id.
 */
import type { SimRequest } from "../simulator-core.ts";
import { type Pagination, queryOf } from "./envelope.ts";
import type { Books } from "./organisation.ts";
import { Table } from "./table.ts";
import { type Fields, parseOrder, parseWhere, QueryParseError } from "./where.ts";
import { parseModifiedSince } from "./wire-dates.ts";

const PAGE_SIZE_DEFAULT = 100;
const PAGE_SIZE_MAX = 1000;

type Filter<T> = (record: T) => boolean;

export interface ListSpec<T> {
  readonly fields: Fields<T>;
  readonly idOf: (record: T) => string;
  readonly updatedAt: (record: T) => number;
  /** The filters only this resource has; absent ones were not asked for. */
  readonly filters?: readonly (Filter<T> | undefined)[];
  readonly isPageable: boolean;
}

export interface Listed<T> {
  readonly records: readonly T[];
  readonly pagination?: Pagination;
}

/** Parameters that leave the list as it is: which part of it is shown, and how. */
const SHOWING = new Set(["page", "pagesize", "unitdp", "summaryonly"]);

/** The records a list request asks for. Throws QueryParseError. */
export function listRecords<T>(
  { store }: Books,
  request: SimRequest,
  source: Table<T> | readonly T[],
  spec: ListSpec<T>,
): Listed<T> {
  const asked = [...request.query].filter(([name]) => !SHOWING.has(name.toLowerCase()));
  const key = JSON.stringify([request.path, request.headers["if-modified-since"], asked]);
  const records = store.listed(key, () => selected(request, source, spec));
  return spec.isPageable ? takePage(request, records) : { records };
}

function selected<T>(
  request: SimRequest,
  source: Table<T> | readonly T[],
  spec: ListSpec<T>,
): readonly T[] {
  const since = modifiedSince(request);
  const where = queryOf(request, "where") || undefined;
  const filters = [
    since === undefined ? undefined : (record: T) => spec.updatedAt(record) >= since,
    ...(spec.filters ?? []),
    where === undefined ? undefined : parseWhere(where, spec.fields),
  ].filter((filter) => filter !== undefined);
  const records = source instanceof Table ? source.all() : source;
  return records
    .filter((record) => filters.every((isKept) => isKept(record)))
    .sort(comparison(queryOf(request, "order") ?? "", spec));
}

function comparison<T>(order: string, spec: ListSpec<T>): (left: T, right: T) => number {
  const byOrder = order === "" ? undefined : parseOrder(order, spec.fields);
  return (left, right) =>
    byOrder?.(left, right) ||
    spec.updatedAt(left) - spec.updatedAt(right) ||
    (spec.idOf(left) < spec.idOf(right) ? -1 : 1);
}

/** The filter of a comma list parameter; `undefined` where it is not sent. */
export function listFilter<T>(
  request: SimRequest,
  name: string,
  read: (record: T) => string,
): Filter<T> | undefined {
  const wanted = listParameter(request, name);
  return wanted === undefined ? undefined : (record) => wanted.has(read(record).toLowerCase());
}

/** The ids of a comma list parameter, lower case; `undefined` where it is not sent. */
function listParameter(request: SimRequest, name: string): ReadonlySet<string> | undefined {
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
