/** Exports of a world in memory, and their way back through the file opener, a profile and the engine. */
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { editsNotTaken, shownColumnsOf } from "#shared/domain/export/not-taken.ts";
import { findProfile } from "#shared/domain/file-header.ts";
import type { BoundProfile } from "#shared/domain/file-profile.ts";
import { settleRecords } from "#shared/domain/file-records.ts";
import { planReading, readRow } from "#shared/domain/file-rows.ts";
import type { ExportChoices } from "#shared/domain/export/choices.ts";
import type { ExportManifest } from "#shared/domain/export/manifest.ts";
import { exportedProfiles } from "#shared/flows/files/exported.ts";
import { fileProfiles } from "#shared/flows/files/profiles.ts";
import { flows } from "#shared/flows/flows.ts";
import type { ChangeEvent } from "#shared/ports/queues.ts";
import { exportRecords } from "#shared/sync/export-records.ts";
import { startExport } from "#shared/sync/start-export.ts";
import { tableWriters } from "./export-tables.ts";
import {
  createMemoryExportQueue,
  createMemoryExports,
  createMemoryWalk,
} from "./memory-exports.ts";
import type { MemoryWorld } from "./memory-world.ts";
import { readRows } from "./opened-files.ts";

const FAULTS_MAX = 100;

export interface ExportedFile {
  readonly name: string;
  readonly content: Uint8Array;
  readonly manifest: ExportManifest;
}

/** Exports what the world knows, in one go. */
export async function exportFrom(
  { ports }: Pick<MemoryWorld, "ports">,
  choices: ExportChoices,
): Promise<ExportedFile> {
  const exports = createMemoryExports();
  const exportQueue = createMemoryExportQueue();
  const deps = {
    ...ports,
    walk: createMemoryWalk(ports.all, 50),
    exports,
    exportQueue,
    reports: { read: async () => ({ kind: "missing" as const }) },
    tableWriters,
    customFields: [],
  };
  const context = { signal: new AbortController().signal, remainingMs: () => 900_000 };
  const { runId } = await startExport(deps, choices);
  for (let next = exportQueue.requests.shift(); next; next = exportQueue.requests.shift()) {
    await exportRecords(deps, next, context);
  }
  const [manifest] = exports.manifests.values();
  const content = exports.files.get(manifest?.file ?? "");
  if (manifest === undefined || content === undefined) {
    throw new Error(`no export: ${(await ports.runs.get(runId))?.problem?.code}`);
  }
  return { name: manifest.file.slice(manifest.file.lastIndexOf("/") + 1), content, manifest };
}

/** Rows under a header, as a spreadsheet shows them. */
export async function rowsOfFile({ name, content }: ExportedFile): Promise<string[][]> {
  return content.length === 0 ? [] : readRows(name, content);
}

/** What an import makes of rows: change events, as they go on the queue. */
export function eventsOfRows(
  world: Pick<MemoryWorld, "ports">,
  [header = [], ...rows]: readonly (readonly string[])[],
): ChangeEvent[] {
  const bound = boundTo(header);
  const reading = planReading(bound);
  const read = rows.map((cells, index) => readRow(reading, index + 2, cells, FAULTS_MAX));
  const faults = read.flatMap(({ faults: found }) => found);
  if (faults.length > 0) throw new Error(JSON.stringify(faults[0]));
  const { connection, speaksFor, recordType } = bound.profile;
  const version = world.ports.clock();
  const capturedAt = new Date(version).toISOString();
  return settleRecords(bound, read).records.map(({ externalId, fields }) => ({
    ...{
      connection,
      speaksFor,
      recordType,
      externalId,
      capturedAt,
      tries: 0,
      via: "file" as const,
    },
    record: { recordType, externalId, version, life: "live", fields },
  }));
}

function boundTo(header: readonly string[]): BoundProfile {
  const choice = findProfile([...fileProfiles, ...exportedProfiles], header, "export.csv");
  if (choice.kind === "refused") throw new Error(`${choice.problem.code} ${choice.problem.detail}`);
  return choice.bound;
}

/** The columns of each row that are told to be shown only: the rows are all of one record. */
export function noticesOf(
  [header = [], ...rows]: readonly (readonly string[])[],
  xref: CrossReference,
): { readonly told: string[][]; readonly shown: readonly { readonly at: number }[] } {
  const bound = boundTo(header);
  const columns = shownColumnsOf(bound, flows[xref.recordType]);
  const held = { xref, referred: new Map(), names: new Map() };
  const told = rows.map((cells) =>
    editsNotTaken(columns, header, cells, held).map(({ column }) => column),
  );
  return { told, shown: columns.shown };
}
