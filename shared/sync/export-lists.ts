/** Exports that are made from lists: the differences of a tie-out, and what is parked. */
import { limits } from "#shared/config/limits.ts";
import type { ExportChoices } from "#shared/domain/export/choices.ts";
import type { ColumnKind, ExportColumn } from "#shared/domain/export/columns.ts";
import type { ExportCell, ExportEntry, ExportRow, LeftOut } from "#shared/domain/export/entry.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import {
  type Difference,
  type DifferingRecord,
  measureNames,
} from "#shared/domain/tie-out/report.ts";
import type { ParkedRecord } from "#shared/ports/mapping-table.ts";
import type { ExportRecordsDependencies } from "./dependencies.ts";

const SHOWN_RUNS_MAX = 100;

const column = (
  name: string,
  kind: ColumnKind = "text",
  level: ExportColumn["level"] = "record",
): ExportColumn => ({ name, kind, level });
const amount = (name: string, level: ExportColumn["level"], currency: string): ExportColumn => ({
  name,
  kind: "amount",
  level,
  currency,
});

/** One row for each record that a difference is about. */
export const differenceColumns: readonly ExportColumn[] = [
  ...["class", "finding", "key", "what", "next_step", "record_type"].map((name) => column(name)),
  amount("apart", "record", "currency"),
  ...["currency", "record_id", "history"].map((name) => column(name)),
  ...["side", "side_record_type", "external_id", "number"].map((name) =>
    column(name, "text", "line"),
  ),
  column("date", "date", "line"),
  column("record_currency", "text", "line"),
  column("status", "text", "line"),
  ...(["ordered", ...measureNames] as const).map((name) => amount(name, "line", "record_currency")),
  column("record", "text", "line"),
];

/**
 * All differences of the tie-out that was asked for, else of the last that ended well. Throws SyncError
 * `rejected` (`report-missing`, `report-too-large`).
 */
export async function differencesPage(
  deps: Pick<ExportRecordsDependencies, "runs" | "reports">,
  choices: ExportChoices,
): Promise<{ readonly entries: readonly ExportEntry[] }> {
  const runId = choices.tieOutId ?? (await lastTieOut(deps));
  const stored = runId === undefined ? undefined : await deps.reports.read(runId);
  if (stored?.kind === "too-large") throw new SyncError(reportTooLarge);
  if (stored?.kind !== "read") throw new SyncError(reportMissing);
  return { entries: stored.report.differences.map(differenceEntry) };
}

const reportMissing = {
  kind: "rejected",
  code: "report-missing",
  fix: "Run a tie-out first, or name one that has ended well: they are listed under /tie-outs.",
} as const;

const reportTooLarge = {
  kind: "rejected",
  code: "report-too-large",
  fix: "Tie out a shorter time, one month for instance, and export the differences of that.",
} as const;

async function lastTieOut({
  runs,
}: Pick<ExportRecordsDependencies, "runs">): Promise<string | undefined> {
  const page = await runs.list(SHOWN_RUNS_MAX, undefined, "tie-outs");
  const ended = page.runs.find((run) => run.capturedAt !== undefined && run.problem === undefined);
  return ended?.runId;
}

/** In the order of the report. */
function differenceEntry(difference: Difference, index: number): ExportEntry {
  const { finding, key, what, nextStep, recordType, apart, currency } = difference;
  const head = [
    ...[difference.class, finding, key, what, nextStep, recordType],
    ...[apart, currency, difference.canonicalId, difference.history],
  ];
  const blank: ExportRow = differenceColumns.slice(head.length).map(() => null);
  const records = difference.records.map(differingCells);
  const rows = (records.length > 0 ? records : [blank]).map((cells) => [...head, ...cells]);
  return { key: String(index).padStart(9, "0"), rows };
}

function differingCells(record: DifferingRecord): ExportCell[] {
  const { side, recordType, externalId, number, date, currency, status, amounts } = record;
  return [
    ...[side, recordType, externalId, number, date, currency, status],
    ...(["ordered", ...measureNames] as const).map((name) => amounts[name] ?? null),
    record.record,
  ];
}

export const parkedColumns: readonly ExportColumn[] = [
  ...["parked_at", "connection", "record_type", "external_id", "record_id"],
  ...["kind", "code", "fix", "field"],
].map((name) => column(name));

/** One page of what waits for a person. */
export async function parkedPage(
  deps: Pick<ExportRecordsDependencies, "parked">,
  { changedSince = "" }: ExportChoices,
  cursor: string | undefined,
): Promise<{
  readonly entries: readonly ExportEntry[];
  readonly leftOut: readonly LeftOut[];
  readonly cursor?: string | undefined;
}> {
  const page = await deps.parked.list(limits.apiPageSizeMax, cursor);
  const wanted = page.records.filter(({ parkedAt }) => parkedAt >= changedSince);
  return { entries: wanted.map(parkedEntry), leftOut: [], cursor: page.cursor };
}

function parkedEntry(record: ParkedRecord): ExportEntry {
  const { parkedAt, connection, recordType, externalId, canonicalId, failure } = record;
  const { kind, code, fix, field } = failure;
  const row = [
    ...[parkedAt, connection, recordType, externalId, canonicalId, kind, code, fix, field],
  ].map((cell) => cell ?? null);
  return {
    key: [parkedAt, connection, recordType, externalId, canonicalId].join(" "),
    rows: [row],
  };
}
