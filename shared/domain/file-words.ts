/** Words of a file that stand for something else: yes and no, terms of payment. */

const YES: ReadonlySet<string> = new Set([
  "yes",
  "y",
  "true",
  "1",
  "x",
  "✓",
  "✔",
  "是",
  "有",
  "对",
]);
const NO: ReadonlySet<string> = new Set(["no", "n", "false", "0", "否", "无", "不是"]);

const NET_DAYS =
  /^(?:net|n\/|n|within|due in)?\s*\.?\s*(\d{1,3})\s*(?:days?|d|tage|jours|天|日)?(?:\s*(?:net|内))?$/iu;
const AT_ONCE =
  /^(?:(?:due )?(?:up)?on receipt|due now|immediate(?:ly)?|cash|cod|现结|货到付款|立即付款)$/iu;

/** `yes` or `no`, by the usual words for them in English and Chinese; undefined for others. */
export function readYesOrNo(text: string): "yes" | "no" | undefined {
  const word = text.toLowerCase();
  if (YES.has(word)) return "yes";
  return NO.has(word) ? "no" : undefined;
}

/**
 * Days from the document's date to the day it is due: `Net 30`, `30 days`, `30天`; at once is 0.
 * Undefined for terms that are counted otherwise, such as from a month's end, or with a discount.
 */
export function readTerms(text: string): number | undefined {
  if (AT_ONCE.test(text)) return 0;
  const [, days] = NET_DAYS.exec(text) ?? [];
  return days === undefined ? undefined : Number(days);
}
