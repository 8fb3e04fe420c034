/** Bodies the API takes; `docs/api.md` shows them. */
import * as z from "zod";
import { canonicalId, connectionId, externalId, instant, recordType } from "./field-values.ts";
import { snapshotId } from "./messages.ts";

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

const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/);

/** `POST /tie-outs`: of all there is, of one month, or of several; of now, or of a snapshot that is there. */
export const tieOutStart = z
  .strictObject({
    period: month.optional(),
    from: month.optional(),
    to: month.optional(),
    snapshotId: snapshotId.optional(),
    /** What changed later than this before the snapshot may be on its way; 0 where nothing can be. */
    inFlightSeconds: z.int().min(0).max(86_400).optional(),
  })
  .refine(({ period, from, to }) => period === undefined || (from ?? to) === undefined)
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to);
export type TieOutStart = z.infer<typeof tieOutStart>;

/** Of a path. */
export const runIdText = z.string().min(1).max(100);

/** `POST /runs/{runId}/approval` */
export const approvalRequest = z.strictObject({});

/** `POST /corrections/{orderId}/approval` and `…/dismissal` */
export const correctionRequest = z.strictObject({ hash: z.string().min(1).max(64) });
