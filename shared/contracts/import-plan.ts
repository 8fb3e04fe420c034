/** The plan of an import as it is kept between its parts, version 1. */
import * as z from "zod";
import { limits } from "#shared/config/limits.ts";
import { delimiters } from "#shared/domain/delimiters.ts";

const count = z.int().nonnegative();
const range = z.strictObject({ from: count, to: count, firstRow: count, rowCount: count });

export const importPlan = z.strictObject({
  key: z.string().min(1).max(3_072),
  droppedAtMs: count,
  contentTag: z.string(),
  contentHash: z.string(),
  bytes: count,
  isInPlace: z.boolean(),
  delimiter: z.enum(delimiters),
  profile: z.string(),
  header: z.array(z.string()).max(limits.fileColumnsMax),
  headerRow: count,
  version: count,
  ranges: z.array(range).max(10_000),
  conflictingKeys: z.array(z.string()).max(limits.fileProblemsMax),
  isWhole: z.boolean(),
  isRefusedWhole: z.boolean(),
});
