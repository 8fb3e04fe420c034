/**
 * One range of a file becomes change events, and is counted. The last one to be counted ends the
 * reading and asks for the result.
 *
 * A range may come twice, or be read again after a crash: its counts have a receipt, and events that
 * are queued twice find nothing new the second time.
 */
import { limits } from "#shared/config/limits.ts";
import type { FileRange } from "#shared/domain/file-plan.ts";
import type { FileReading } from "#shared/domain/file-rows.ts";
import type { ChangeEvent } from "#shared/ports/queues.ts";
import type { PartDependencies } from "./import-dependencies.ts";
import { type PlannedFile, readRange } from "./import-rows.ts";
import { nowText } from "./now-text.ts";

/** Built and queued at a time; the queue packs them into messages. */
const EVENTS_PER_SEND = 10 * limits.changeEventsPerMessageMax;

export async function importRange(
  deps: PartDependencies,
  planned: PlannedFile,
  index: number,
  signal: AbortSignal,
): Promise<void> {
  const { plan, runId } = planned;
  const range = plan.ranges[index];
  if (range === undefined) return;
  const rows = await readRange(deps, planned, range, signal);
  // Counted first: what share of a run changes is judged while its records are applied.
  await deps.runs.add(runId, `${runId}:range:${index}`, countsOf(plan.isRefusedWhole, range, rows));
  if (!plan.isRefusedWhole) await queueRecords(deps, planned, rows, signal);
}

function countsOf(
  isRefusedWhole: boolean,
  range: FileRange,
  { rows, records }: FileReading,
): Record<string, bigint> {
  const bad = rows.filter(({ faults }) => faults.length > 0).length;
  return {
    ranges: 1n,
    bytes: BigInt(range.to - range.from),
    rows: BigInt(rows.length),
    rejectedRows: BigInt(isRefusedWhole ? rows.length : bad),
    records: BigInt(isRefusedWhole ? 0 : records.length),
  };
}

async function queueRecords(
  deps: PartDependencies,
  { plan, bound, runId }: PlannedFile,
  { records }: FileReading,
  signal: AbortSignal,
): Promise<void> {
  const { connection, speaksFor, recordType } = bound.profile;
  const capturedAt = nowText(deps);
  const via = "file" as const;
  const isSmall = plan.ranges.length === 1;
  for (let start = 0; start < records.length; start += EVENTS_PER_SEND) {
    signal.throwIfAborted();
    const slice = records.slice(start, start + EVENTS_PER_SEND);
    const events = slice.map(({ externalId, fields }): ChangeEvent => {
      const { version } = plan;
      const record = { recordType, externalId, version, life: "live", fields } as const;
      return { connection, speaksFor, recordType, externalId, capturedAt, record, via, tries: 0 };
    });
    await deps.changes.send(events, { runId });
    if (isSmall) {
      for (const { externalId } of slice) {
        const moved = { from: connection, recordType, id: externalId, to: "changes", runId };
        deps.log.moved({ ...moved, result: "captured" });
      }
    } else deps.log.info("records captured", { runId, recordCount: slice.length });
  }
}
