/** What a snapshot is made of, as it stands in its bucket. */
import * as z from "zod";
import { snapshotRecordTypes, snapshotSides } from "#shared/config/snapshot-schema.ts";
import type { SnapshotManifest } from "#shared/domain/tie-out/snapshot-row.ts";

const calendarDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const currency = z.string().regex(/^[A-Z]{3}$/);

export const snapshotTally = z.strictObject({
  side: z.enum(snapshotSides),
  recordType: z.enum(snapshotRecordTypes),
  parts: z.int().nonnegative(),
  rows: z.int().nonnegative(),
});

export const snapshotManifest: z.ZodType<SnapshotManifest> = z.strictObject({
  snapshotId: z.string(),
  startedAtMs: z.int().nonnegative(),
  written: z.array(snapshotTally),
  ledger: z
    .strictObject({
      baseCurrency: currency,
      currencies: z.array(currency).optional(),
      lockedThrough: calendarDate.optional(),
      filedThrough: calendarDate.optional(),
    })
    .optional(),
});
