/** Bodies the API takes; `docs/api.md` shows them. */
import * as z from "zod";
import { connectionId, recordType } from "./field-values.ts";

/** `POST /syncs` */
export const syncRequest = z.strictObject({
  mode: z.enum(["incremental", "full"]).default("incremental"),
  connection: connectionId.optional(),
  recordType: recordType.optional(),
});
export type SyncRequest = z.infer<typeof syncRequest>;
