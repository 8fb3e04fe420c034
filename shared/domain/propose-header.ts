/** Which of the first rows of an unknown file is its header. */
import { limits } from "#shared/config/limits.ts";
import { meaningOf, proposedTypes } from "./header-synonyms.ts";

/**
 * Counted from 0: the first row with the most names that are known, else the first with the most cells
 * that are filled. Undefined where all are blank.
 */
export function chooseHeader(rows: readonly (readonly string[])[]): number | undefined {
  const scores = rows.slice(0, limits.headerRowsMax).map((row) => {
    const filled = row.filter((cell) => cell.trim() !== "").length;
    const known = Math.max(
      ...proposedTypes.map(
        (type) => row.filter((cell) => meaningOf(type, cell) !== undefined).length,
      ),
    );
    return { known, filled };
  });
  let best: number | undefined;
  for (const [index, { known, filled }] of scores.entries()) {
    const sofar = best === undefined ? undefined : scores[best];
    const isBetter =
      sofar === undefined ||
      known > sofar.known ||
      (known === sofar.known && known === 0 && filled > sofar.filled);
    if (filled > 0 && isBetter) best = index;
  }
  return best;
}
