/** Bodies the API takes; `docs/api.md` shows them. */
import * as z from "zod";
import { canonicalId, connectionId, externalId, instant, recordType } from "./field-values.ts";

/** `POST /syncs` */
export const syncRequest = z.strictObject({
  mode: z.enum(["incremental", "full"]).default("incremental"),
  connection: connectionId.optional(),
  recordType: recordType.optional(),
});
export type SyncRequest = z.infer<typeof syncRequest>;

/** `POST /records/{canonicalId}/decisions` */
export const decisionRequest = z.strictObject({
  connection: connectionId,
  field: z.string().min(1).max(100),
  keep: z.enum(["golden", "proposed"]),
  /** `at` of the conflict that was looked at. */
  conflictAt: instant.optional(),
});

/** `POST /records/{canonicalId}/dismissals` */
export const dismissalRequest = z.strictObject({ connection: connectionId });

/** `POST /parked/retry`: a side of a known record, or a record that could not be taken in. */
export const retryRequest = z.union([
  z.strictObject({ canonicalId, connection: connectionId }),
  z.strictObject({ connection: connectionId, recordType, externalId }),
]);

/** Of a path. */
export const runIdText = z.string().min(1).max(100);

/** `POST /runs/{runId}/approval` */
export const approvalRequest = z.strictObject({});

/** `POST /corrections/{orderId}/approval` and `…/dismissal` */
export const correctionRequest = z.strictObject({ hash: z.string().min(1).max(64) });
