/** What is kept of an import between its parts, version 1: its plan, and how far that has come. */
import * as z from "zod";
import { limits } from "#shared/config/limits.ts";
import { delimiters } from "#shared/domain/delimiters.ts";

const count = z.int().nonnegative();
const range = z.strictObject({ from: count, to: count, firstRow: count, rowCount: count });

/** What an earlier version kept beside this is passed over: an import may be under way meanwhile. */
export const importPlan = z.object({
  key: z.string().min(1).max(3_072),
  droppedAtMs: count,
  contentTag: z.string(),
  bytes: count,
  isInPlace: z.boolean(),
  delimiter: z.enum(delimiters),
  profile: z.string(),
  header: z.array(z.string()).max(limits.fileColumnsMax),
  headerRow: count,
  version: count,
  ranges: z.array(range).max(10_000),
  conflictingKeys: z.array(z.string()).max(limits.fileProblemsMax),
  areKeysUnique: z.boolean().default(false),
  isWhole: z.boolean(),
  isRefusedWhole: z.boolean(),
});

export const planCheckpoint = importPlan
  .pick({
    isInPlace: true,
    bytes: true,
    delimiter: true,
    profile: true,
    header: true,
    headerRow: true,
  })
  .extend({
    isPresumedUtf8: z.boolean(),
    reading: z.string().regex(/^[0-9a-z]+$/),
    stops: z.array(z.strictObject({ row: count, from: count })).max(10_000),
  });
