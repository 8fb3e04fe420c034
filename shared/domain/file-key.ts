/** Keys of dropped files and of the files that answer them. Folders in a key are kept. */

const KEY_CHARACTERS_MAX = 900;
const ABOVE_OR_HERE: ReadonlySet<string> = new Set(["", ".", ".."]);

/** Whether a result may be written beside the key: no control characters, no way out of its folder. */
export function isSafeFileKey(key: string): boolean {
  return (
    key.length <= KEY_CHARACTERS_MAX &&
    !/[\p{Cc}\\]/u.test(key) &&
    !key.split("/").some((part) => ABOVE_OR_HERE.has(part))
  );
}

/** `january/customers.csv` is answered by `january/customers.result.csv`. */
export function resultKeyOf(key: string): string {
  return `${key.replace(/\.csv$/i, "")}.result.csv`;
}

/** The last part of the key. */
export function fileNameOf(key: string): string {
  return key.slice(key.lastIndexOf("/") + 1);
}
