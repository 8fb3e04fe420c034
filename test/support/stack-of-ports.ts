/** Every port in memory in one call, for tests of the use cases. */
import type { ImportStaging } from "#shared/ports/imports.ts";
import type { Clock, Log } from "#shared/ports/log.ts";
import type { RunStore } from "#shared/ports/runs.ts";
import { createMemoryImportStaging } from "./memory-import-staging.ts";
import { createMemoryFiles, type MemoryFiles } from "./memory-files.ts";
import { createMemoryMappingTable, type MemoryMappingTable } from "./memory-mapping-table.ts";
import { createMemoryQueues, type MemoryQueues } from "./memory-queues.ts";
import { createMemoryRuns } from "./memory-runs.ts";

/** A clock that stands still until it is moved. */
interface ManualClock extends Clock {
  advance(byMs: number): void;
}

interface MemoryLog extends Log {
  readonly movedEntries: readonly Parameters<Log["moved"]>[0][];
  readonly countEntries: readonly {
    name: string;
    value: number;
    dimensions: Parameters<Log["count"]>[2];
  }[];
  readonly infoEntries: readonly { message: string; fields: Parameters<Log["info"]>[1] }[];
  readonly errorEntries: readonly {
    message: string;
    cause: unknown;
    fields: Parameters<Log["error"]>[2];
  }[];
}

export interface MemoryPorts extends MemoryMappingTable, MemoryQueues {
  readonly runs: RunStore;
  readonly files: MemoryFiles;
  readonly staging: ImportStaging;
  readonly clock: ManualClock;
  readonly log: MemoryLog;
}

/** `nowMs`: where the clock stands at first, epoch ms, or a clock to follow. */
export function createMemoryPorts(options: { readonly nowMs?: number | Clock } = {}): MemoryPorts {
  const clock = createManualClock(options.nowMs ?? Date.UTC(2026, 0, 5, 9));
  return {
    ...createMemoryMappingTable(clock),
    ...createMemoryQueues(clock),
    runs: createMemoryRuns(),
    files: createMemoryFiles(),
    staging: createMemoryImportStaging(),
    clock,
    log: createMemoryLog(),
  };
}

function createManualClock(from: number | Clock): ManualClock {
  let shiftMs = 0;
  const now = (): number => (typeof from === "number" ? from : from()) + shiftMs;
  return Object.assign(now, {
    advance(byMs: number) {
      shiftMs += byMs;
    },
  });
}

function createMemoryLog(): MemoryLog {
  const movedEntries: MemoryLog["movedEntries"][number][] = [];
  const countEntries: MemoryLog["countEntries"][number][] = [];
  const infoEntries: MemoryLog["infoEntries"][number][] = [];
  const errorEntries: MemoryLog["errorEntries"][number][] = [];
  return {
    movedEntries,
    countEntries,
    infoEntries,
    errorEntries,
    moved: (entry) => void movedEntries.push(entry),
    count: (name, value, dimensions) => void countEntries.push({ name, value, dimensions }),
    info: (message, fields) => void infoEntries.push({ message, fields }),
    error: (message, cause, fields) => void errorEntries.push({ message, cause, fields }),
  };
}
