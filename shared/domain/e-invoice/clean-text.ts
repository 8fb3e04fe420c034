/** What XML cannot hold: control characters, halves of a letter, and two that are none. */
const UNSUITABLE = /[^\t\n\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** Text as XML can hold it, without the space around it; null where nothing is left. */
export function cleanText(text: string): string | null {
  const clean = text.replace(/\r\n?/g, "\n").replace(UNSUITABLE, " ").trim();
  return clean === "" ? null : clean;
}
