/** Keys of dropped files and of the files that answer them. Folders in a key are kept. */

import { SyncError } from "./sync-error.ts";

const KEY_CHARACTERS_MAX = 900;
/** A day with its time, 20261127093000, is one. */
const SEQUENCE_DIGITS_MAX = 15;
const ABOVE_OR_HERE: ReadonlySet<string> = new Set(["", ".", ".."]);

/** Whether a result may be written beside the key: no control characters, no way out of its folder. */
export function isSafeFileKey(key: string): boolean {
  return (
    key.length <= KEY_CHARACTERS_MAX &&
    !/[\p{Cc}\\]/u.test(key) &&
    !key.split("/").some((part) => ABOVE_OR_HERE.has(part))
  );
}

/**
 * `january/customers.csv` is answered by `january/customers.result.csv`, and so is that result when it
 * is dropped again; `customers.xlsx` by `customers.xlsx.result.csv`.
 */
export function resultKeyOf(key: string): string {
  return `${key.replace(/(?:\.result)?\.csv$/i, "")}.result.csv`;
}

/** The last number in the file's name; throws SyncError `invalid-input` where there is none. */
export function sequenceOf(key: string): number {
  const digits = fileNameOf(key).match(/\d+/g)?.at(-1);
  if (digits !== undefined && digits.length <= SEQUENCE_DIGITS_MAX) return Number(digits);
  throw new SyncError({
    kind: "invalid-input",
    code: "file-number-missing",
    fix: `End the file's name with its number, such as orders-000123.csv, of ${SEQUENCE_DIGITS_MAX} digits at the most.`,
    field: fileNameOf(key),
  });
}

/** The last part of the key. */
export function fileNameOf(key: string): string {
  return key.slice(key.lastIndexOf("/") + 1);
}
