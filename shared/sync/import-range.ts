/**
 * One range of a file becomes change events, and is counted. The last one to be counted ends the
 * reading and asks for the result.
 *
 * A range may come twice, or be read again after a crash: the counts of its parts have receipts, and
 * events that are queued twice find nothing new the second time.
 */
import type { FileReading } from "#shared/domain/file-rows.ts";
import type { ChangeEvent } from "#shared/ports/queues.ts";
import type { PartDependencies } from "./import-dependencies.ts";
import { type PlannedFile, ROWS_AT_ONCE, readParts } from "./import-rows.ts";
import { nowText } from "./now-text.ts";

export async function importRange(
  deps: PartDependencies,
  planned: PlannedFile,
  index: number,
  signal: AbortSignal,
): Promise<void> {
  const { plan, runId } = planned;
  const range = plan.ranges[index];
  if (range === undefined) return;
  const receipt = `${runId}:range:${index}`;
  let part = 0;
  for await (const reading of readParts(deps, planned, range, signal)) {
    // Counted first: what share of a run changes is judged while its records are applied.
    await deps.runs.add(runId, `${receipt}:${part}`, countsOf(plan.isRefusedWhole, reading));
    if (!plan.isRefusedWhole) await queueRecords(deps, planned, reading, signal);
    part += 1;
  }
  await deps.runs.add(runId, receipt, { ranges: 1n, bytes: BigInt(range.to - range.from) });
}

function countsOf(isRefusedWhole: boolean, { rows, records }: FileReading): Record<string, bigint> {
  const bad = rows.filter(({ faults }) => faults.length > 0).length;
  return {
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
  for (let start = 0; start < records.length; start += ROWS_AT_ONCE) {
    signal.throwIfAborted();
    const slice = records.slice(start, start + ROWS_AT_ONCE);
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
