/**
 * The walk over a table, which finds in which parts it can be read. It stops from time to time, puts
 * away what it found since the last stop, and then says how far it is: who comes after a crash, or when
 * the time of an invocation is over, goes on from there. No byte before the last stop is read again.
 */
import { limits } from "#shared/config/limits.ts";
import { type FilePlan, FilePlanner } from "#shared/domain/file-plan.ts";
import type { BoundProfile } from "#shared/domain/file-profile.ts";
import { keyTextOf } from "#shared/domain/file-rows.ts";
import { digestText } from "#shared/domain/fingerprint.ts";
import { readJournal, RowJournal } from "#shared/domain/row-journal.ts";
import type { InboxFile, TablePlace } from "#shared/ports/files.ts";
import type { PlanCheckpoint } from "#shared/ports/imports.ts";
import type { OpenDependencies } from "./import-dependencies.ts";
import type { Invocation } from "./invocation.ts";

/** A table to be walked over, from where its checkpoint says. */
export interface WalkedTable {
  readonly file: InboxFile;
  readonly runId: string;
  readonly bound: BoundProfile;
  readonly checkpoint: PlanCheckpoint;
}

export type WalkOutcome =
  | { readonly kind: "walked"; readonly found: FilePlan; readonly bytes: number }
  /** Time is over; the checkpoint says how far it is. */
  | { readonly kind: "paused" }
  | { readonly kind: "presumed-wrongly" };

const start: TablePlace = { row: 1, from: 0 };

export async function walkTable(
  deps: OpenDependencies,
  table: WalkedTable,
  { signal, remainingMs }: Invocation,
): Promise<WalkOutcome> {
  const { staging, checkpointBytes = limits.fileCheckpointBytes } = deps;
  const { file, runId, bound } = table;
  const { delimiter, headerRow, isInPlace, bytes, reading, isPresumedUtf8 } = table.checkpoint;
  const planner = new FilePlanner(bound.profile.layout, deps.planBounds);
  const stops = [...table.checkpoint.stops];
  for (const [index, { from: to }] of stops.entries()) {
    const place = { reading, from: stops[index - 1]?.from ?? 0, to };
    for (const row of readJournal(await staging.readRows(runId, place, signal))) planner.add(row);
  }
  const journal = new RowJournal();
  let last = stops.at(-1) ?? start;
  const stopAt = async (place: TablePlace): Promise<void> => {
    await staging.writeRows(runId, { reading, from: last.from, to: place.from }, journal.take());
    stops.push(place);
    await staging.saveCheckpoint(runId, { ...table.checkpoint, stops });
    last = place;
  };
  // At least one row further each time: so it comes to an end.
  const onPlace = async (place: TablePlace): Promise<boolean> => {
    const walkedBytes = place.from - last.from;
    const isOver = walkedBytes > 0 && remainingMs() < limits.invocationReserveMs;
    if (isOver || walkedBytes >= checkpointBytes) await stopAt(place);
    return !isOver;
  };
  const order = { ...orderOf(bound), delimiter, headerRow, isPresumedUtf8 };
  const text = isInPlace ? file : staging.openText(runId, bytes, signal);
  const scan = await deps.scanner.scan(
    text.read({ from: last.from, to: bytes }),
    order,
    (row) => {
      journal.add(row);
      return planner.add(row);
    },
    signal,
    { start: last, onPlace },
  );
  switch (scan.kind) {
    case "scanned":
      return { kind: "walked", found: planner.plan(scan.bytes), bytes: scan.bytes };
    case "stopped":
      return { kind: "paused" };
    case "not-utf8":
      return { kind: "presumed-wrongly" };
  }
}

/** Raised where rows are put away in another form, or where another hash is found of them. */
const ROWS_VERSION = 1;

/**
 * How a walk understands rows by this profile, of the file's own bytes or of a text that was made of it:
 * under the same name it finds the same.
 */
export function readingOf(bound: BoundProfile, isInPlace: boolean): string {
  const { columns } = orderOf(bound);
  const { layout, nullTexts } = bound.profile;
  return digestText(JSON.stringify([ROWS_VERSION, isInPlace, layout, nullTexts, columns]));
}

function orderOf(bound: BoundProfile) {
  return {
    columns: bound.columns.map(({ isKey, targets }) => ({ isKey, isContent: targets.length > 0 })),
    keyOf: (cell: string) => keyTextOf(cell, bound),
    isPlainTextKey: bound.profile.nullTexts.length === 0,
  };
}
