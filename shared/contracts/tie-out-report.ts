/** The report of a tie-out, as far as whoever reads it relies on it; we wrote it ourselves. */
import * as z from "zod";
import { differenceClasses } from "#shared/domain/tie-out/classes.ts";
import type { TieOutReport } from "#shared/domain/tie-out/report.ts";

const tieOutReport = z.looseObject({
  version: z.literal(1),
  snapshotId: z.string(),
  counts: z.array(z.looseObject({ class: z.enum(differenceClasses) })),
  differences: z.array(z.looseObject({ class: z.enum(differenceClasses) })),
  cells: z.array(z.looseObject({ side: z.string() })),
  rates: z.array(z.looseObject({ matched: z.string() })),
});

export function isTieOutReport(value: unknown): value is TieOutReport {
  return tieOutReport.safeParse(value).success;
}
