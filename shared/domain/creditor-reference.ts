/**
 * The structured creditor reference of ISO 11649: `RF`, two check digits, and up to 21 letters and
 * digits that the creditor chose. The check digits are those of IBAN (ISO 7064, MOD 97-10).
 */

const STRUCTURED = /^RF\d{2}[0-9A-Z]{1,21}$/;
const OWN = /^[0-9A-Z]{1,21}$/;

/**
 * The creditor's own part of a reference, or `undefined` where it is none or its check digits are
 * wrong. Takes groups of four, any case: `RF18 5390 0754 7034` gives `539007547034`.
 */
export function readCreditorReference(text: string): string | undefined {
  const reference = compact(text);
  if (!STRUCTURED.test(reference) || remainderOf(reference) !== 1) return undefined;
  return reference.slice(4);
}

/** The reference that bears the creditor's own part; `undefined` where that part is unsuitable. */
export function makeCreditorReference(own: string): string | undefined {
  const part = compact(own);
  if (!OWN.test(part)) return undefined;
  const check = 98 - remainderOf(`RF00${part}`);
  return `RF${String(check).padStart(2, "0")}${part}`;
}

/** What is left of the number, the first four signs moved to its end, letters as 10 to 35. */
function remainderOf(reference: string): number {
  let remainder = 0;
  for (const sign of reference.slice(4) + reference.slice(0, 4)) {
    const value = Number.parseInt(sign, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder;
}

function compact(text: string): string {
  return text.replace(/\s/g, "").toUpperCase();
}
