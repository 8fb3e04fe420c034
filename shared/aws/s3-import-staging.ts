/**
 * What imports keep between two invocations, on S3 under `imports/<run id>/`: the plan and how far it has
 * come, the text of a file that is not text itself, the parts of the result.
 *
 * Throws SyncError `retryable` (`files-busy`, `files-unavailable`) or `bug` (`import-plan-unreadable`).
 */
import type { S3Client } from "@aws-sdk/client-s3";
import { importStagingPrefix } from "#shared/config/names.ts";
import { importPlan, planCheckpoint } from "#shared/contracts/import-plan.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { ImportPlan, ImportStaging, RowsPlace } from "#shared/ports/imports.ts";
import { putObject, readText } from "./s3-objects.ts";
import { putStream, streamObject } from "./s3-streams.ts";

export function createImportStaging(options: {
  readonly client: S3Client;
  readonly bucket: string;
}): ImportStaging {
  const { client, bucket } = options;
  const placeOf = (runId: string, name: string) => ({
    Bucket: bucket,
    Key: `${importStagingPrefix}${runId}/${name}`,
  });
  const put = (runId: string, name: string, content: string | Uint8Array) =>
    putObject(client, placeOf(runId, name), content);
  return {
    savePlan: (runId, plan) => put(runId, "plan.json", JSON.stringify(plan)),
    async readPlan(runId) {
      const text = await readText(client, placeOf(runId, "plan.json"));
      return text === undefined ? undefined : parsePlan(text);
    },
    saveCheckpoint: (runId, checkpoint) =>
      put(runId, "checkpoint.json", JSON.stringify(checkpoint)),
    async readCheckpoint(runId) {
      const text = await readText(client, placeOf(runId, "checkpoint.json"));
      return text === undefined ? undefined : planCheckpoint.safeParse(JSON.parse(text)).data;
    },
    writeRows: (runId, place, rows) => put(runId, rowsName(place), rows),
    readRows: async (runId, place, signal) => {
      const rows = streamObject(client, placeOf(runId, rowsName(place)), undefined, signal);
      return Buffer.concat(await Array.fromAsync(rows));
    },
    writeText: (runId, text, signal) => {
      const place = { ...placeOf(runId, "text"), ContentType: "text/plain; charset=utf-8" };
      return putStream(client, place, text, { signal });
    },
    openText: (runId, bytes, signal) => ({
      bytes,
      read: (range) => streamObject(client, placeOf(runId, "text"), range, signal),
    }),
    writePart: (runId, index, text) => put(runId, partName(index), text),
    async *readParts(runId, count, signal) {
      for (let index = 0; index < count; index += 1) {
        yield* streamObject(client, placeOf(runId, partName(index)), undefined, signal);
      }
    },
  };
}

function partName(index: number): string {
  return `result/${index}`;
}

function rowsName({ reading, from, to }: RowsPlace): string {
  return `rows/${reading}/${from}-${to}`;
}

function parsePlan(text: string): ImportPlan {
  try {
    return importPlan.parse(JSON.parse(text));
  } catch (cause) {
    throw new SyncError({ kind: "bug", code: "import-plan-unreadable" }, cause);
  }
}
