/** Names of columns, and which of them are one name. */

import { reachesPrototype } from "./json.ts";

const EDGE_MARKS = /^[\s*]+|[\s*]+$/gu;
const SEPARATORS = /[\s_-]+/gu;
const RESULT_COLUMN = /^tieout[\s_-]/u;

/** In small letters, wide forms as narrow ones, without space or a mark of required columns around it. */
export function plainHeader(name: string): string {
  return name.normalize("NFKC").replace(EDGE_MARKS, "").toLowerCase();
}

/**
 * One text for names that count as one: `*Invoice_Number`, `invoice number` and `InvoiceNumber`. The
 * byte order mark, which counts as space, is left out as well.
 */
export function normalizeHeader(name: string): string {
  return plainHeader(name).replace(SEPARATORS, "");
}

/** A column that a result file added, such as `tieout_status`: no profile reads it. */
export function isResultColumn(name: string): boolean {
  return RESULT_COLUMN.test(plainHeader(name));
}

/** No column may bear it. */
export function isRefusedName(name: string): boolean {
  return reachesPrototype(plainHeader(name));
}
