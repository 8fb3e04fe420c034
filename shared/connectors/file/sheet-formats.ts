/**
 * What a number format of a spreadsheet makes of a number: a plain one, a percentage, a day or a
 * duration (ECMA-376, part 1, 18.8.30 and 18.8.31). Colours, currencies and digits are left alone.
 */

export type NumberKind = "plain" | "percent" | "moment" | "duration";

const builtIn: ReadonlyMap<number, NumberKind> = new Map([
  ...[9, 10].map((id) => [id, "percent"] as const),
  ...[14, 15, 16, 17, 18, 19, 20, 21, 22, 45, 47].map((id) => [id, "moment"] as const),
  [46, "duration"],
  // Days and times of East Asian and Thai editions.
  ...range(27, 36).map((id) => [id, "moment"] as const),
  ...range(50, 58).map((id) => [id, "moment"] as const),
  ...range(71, 81).map((id) => [id, "moment"] as const),
]);

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

const CODE_CHARACTERS_MAX = 255;

/** `code` is the workbook's own for this id, where it has one. */
export function numberKindOf(id: number, code: string | undefined): NumberKind {
  return code === undefined ? (builtIn.get(id) ?? "plain") : kindOfCode(code);
}

function kindOfCode(code: string): NumberKind {
  if (code.length > CODE_CHARACTERS_MAX) return "plain";
  // Texts, escaped signs, padding and fill say nothing of the kind.
  const bare = code.replace(/"[^"]*"?|\\.|[_*]./gs, "");
  const [first = ""] = bare.split(";");
  if (/\[(?:h+|m+|s+)\]/i.test(first)) return "duration";
  const signs = first.replace(/\[[^\]]*\]/g, "").replace(/general|e[+-]/gi, "");
  if (/[ymdhs]|a{3}/i.test(signs)) return "moment";
  return signs.includes("%") ? "percent" : "plain";
}
