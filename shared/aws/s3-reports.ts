/**
 * Reports of tie-outs on S3, in the outbox. Throws SyncError `retryable` (`files-busy`,
 * `files-unavailable`) or `bug` (`report-unreadable`).
 */
import { GetObjectCommand, type GetObjectCommandOutput, type S3Client } from "@aws-sdk/client-s3";
import { limits } from "#shared/config/limits.ts";
import { tieOutPrefix } from "#shared/config/names.ts";
import { isTieOutReport } from "#shared/contracts/tie-out-report.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { ReportFile, ReportStore } from "#shared/ports/tie-out-reports.ts";
import { asSyncError, errorName } from "./aws-errors.ts";

export interface ReportStoreOptions {
  readonly client: S3Client;
  readonly bucket: string;
}

export function createReportStore({ client, bucket }: ReportStoreOptions): ReportStore {
  return {
    async read(runId) {
      const object = { Bucket: bucket, Key: keyOf(runId, "json") };
      const answer = await client.send(new GetObjectCommand(object)).catch((error: unknown) => {
        if (errorName(error) === "NoSuchKey") return undefined;
        throw asSyncError("files", error);
      });
      if (answer === undefined) return { kind: "missing" };
      const bytes = answer.ContentLength ?? 0;
      if (bytes > limits.reportBytesMax) {
        await discard(answer);
        return { kind: "too-large", bytes };
      }
      const text = await answer.Body?.transformToString().catch((error: unknown) => {
        throw asSyncError("files", error);
      });
      const report: unknown = JSON.parse(text ?? "null");
      if (!isTieOutReport(report)) throw new SyncError({ kind: "bug", code: "report-unreadable" });
      return { kind: "read", report };
    },
    placeOf: (runId, file) => `s3://${bucket}/${keyOf(runId, file)}`,
  };
}

function keyOf(runId: string, file: ReportFile): string {
  return `${tieOutPrefix}${runId}/tie-out.${file}`;
}

/** Ends the transfer of what is not read. */
async function discard({ Body }: GetObjectCommandOutput): Promise<void> {
  await Body?.transformToWebStream().cancel();
}
