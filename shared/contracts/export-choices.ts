/** What an export is asked to hold, in messages and by the API, and what it says of itself. */
import * as z from "zod";
import {
  exportDelimiters,
  exportEncodings,
  exportFormats,
  exportSubjects,
} from "#shared/domain/export/choices.ts";
import type { ExportManifest } from "#shared/domain/export/manifest.ts";
import { instant } from "./field-values.ts";

/** `POST /exports`; only CSV has an encoding and a delimiter, only differences are of a tie-out. */
export const exportChoices = z
  .strictObject({
    of: z.enum(exportSubjects),
    format: z.enum(exportFormats),
    encoding: z.enum(exportEncodings).optional(),
    delimiter: z.enum(exportDelimiters).optional(),
    changedSince: instant.optional(),
    tieOutId: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,79}$/)
      .optional(),
  })
  .refine(({ format, encoding, delimiter }) => format === "csv" || !(encoding ?? delimiter))
  .refine(({ of, tieOutId }) => of === "differences" || tieOutId === undefined)
  .refine(({ of, changedSince }) => of !== "differences" || changedSince === undefined);

export const exportLeftOut = z.strictObject({
  key: z.string().max(2_000),
  code: z.string().max(100),
});

/** As far as whoever reads it relies on it; we wrote it ourselves. */
const exportManifest = z.looseObject({
  version: z.literal(1),
  runId: z.string(),
  file: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  sums: z.record(z.string(), z.record(z.string(), z.string())),
});

export function isExportManifest(value: unknown): value is ExportManifest {
  return exportManifest.safeParse(value).success;
}
