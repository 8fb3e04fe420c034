/** What becomes of a dropped file, as a person reads it in a terminal. */
import { isSafeFileKey, resultKeyOf } from "#shared/domain/file-key.ts";
import { type RowStatus, rowStatuses } from "#shared/domain/file-result.ts";

/** Of what `GET /runs/{runId}` answers of an import. */
export interface ImportView {
  readonly runId: string;
  readonly subject: string;
  /** Present once all of the file was read, or it was refused. */
  readonly capturedAt?: string;
  readonly isSettled: boolean;
  readonly isHeld: boolean;
  readonly hold?: { readonly code: string; readonly fix: string; readonly approve: string };
  readonly problem?: { readonly code: string; readonly fix: string; readonly detail?: string };
  readonly counts: Readonly<Record<string, number>>;
  /** Absent before the file was planned, and of XML, which is read as a whole. */
  readonly progress?: {
    readonly rows: number;
    readonly rowsTotal: number;
    readonly rowsPerSecond?: number;
    readonly secondsLeft?: number;
  };
}

const WRITE_ENDS = ["created", "updated", "settled", "refused"];
/** A file that lands whole or not at all is refused before its result is written. */
const REFUSED_BY_ROW = "file-has-bad-row";

/** How far it is, on one line without its file's name. */
export function describeProgress(view: ImportView | undefined): string {
  if (view === undefined) return "in the inbox";
  const { progress, counts } = view;
  if (progress === undefined) return view.capturedAt === undefined ? "being opened" : "read";
  const { rows, rowsTotal, rowsPerSecond, secondsLeft } = progress;
  if (view.capturedAt === undefined) {
    const share = rowsTotal === 0 ? 100 : Math.floor((rows * 100) / rowsTotal);
    return [
      `${grouped(rows)} of ${counted(rowsTotal, "row")} read, ${share} %`,
      ...(rowsPerSecond === undefined ? [] : [`${counted(rowsPerSecond, "row")} a second`]),
      ...(secondsLeft === undefined ? [] : [`${spanOf(secondsLeft)} left`]),
    ].join(", ");
  }
  const owed = sumUnder(counts, ["owed"]);
  const ended = Math.min(owed, sumUnder(counts, WRITE_ENDS));
  const writes = owed === 0 ? [] : [`${grouped(ended)} of ${counted(owed, "write")} done`];
  return [`${counted(rowsTotal, "row")} read`, ...writes].join(", ");
}

/** Whether there is nothing more to follow: it was refused, its result says all, or a person is asked. */
export function isTold(view: ImportView): boolean {
  const { counts, problem } = view;
  if (problem !== undefined && problem.code !== REFUSED_BY_ROW) return true;
  if (view.capturedAt === undefined) return false;
  if (view.isHeld) return true;
  if (view.progress === undefined) return view.isSettled;
  const told = rowStatuses.reduce((sofar, status) => sofar + countOf(counts, status), 0);
  return told >= view.progress.rowsTotal;
}

/** Whether the file or a row of it was refused. */
export function isRefused({ problem, counts }: ImportView): boolean {
  return problem !== undefined || (counts["rejectedRows"] ?? 0) + countOf(counts, "rejected") > 0;
}

/** One line on a run of which {@link isTold} holds, and where its result is. */
export function describeEnd(view: ImportView): string {
  const { subject, problem, hold, progress } = view;
  const result = resultOf(view);
  if (problem !== undefined) {
    const { code, detail, fix } = problem;
    const what = [code, detail].filter((part) => part !== undefined && part !== "").join(", ");
    return plain(`${subject} was refused: ${what}. ${fix}${result}`);
  }
  if (view.isHeld && hold !== undefined) {
    return plain(`${subject} waits for a person: ${hold.code}. ${hold.fix} ${hold.approve}`);
  }
  const rows = counted(progress?.rowsTotal ?? view.counts["rows"] ?? 0, "row");
  return plain(`${subject}: ${rows}, ${statusesOf(view)}.${result}`);
}

function statusesOf({ counts, progress }: ImportView): string {
  if (progress === undefined) {
    const rejected = counts["rejectedRows"] ?? 0;
    return `${grouped((counts["rows"] ?? 0) - rejected)} taken, ${grouped(rejected)} rejected`;
  }
  return rowStatuses.map((status) => `${grouped(countOf(counts, status))} ${status}`).join(", ");
}

/** Nothing where the run ended without one: what was planned had been taken away. */
function resultOf({ runId, subject, problem, progress }: ImportView): string {
  if (problem !== undefined && problem.code !== REFUSED_BY_ROW && progress !== undefined) return "";
  const key = isSafeFileKey(subject) ? resultKeyOf(subject) : `refused/${runId}.result.csv`;
  return ` Result in the outbox: ${key}`;
}

function countOf(counts: ImportView["counts"], status: RowStatus): number {
  return counts[`rows.${status}`] ?? 0;
}

function sumUnder(counts: ImportView["counts"], heads: readonly string[]): number {
  return Object.entries(counts)
    .filter(([path]) => heads.some((head) => path.startsWith(`${head}.`)))
    .reduce((sofar, [, count]) => sofar + count, 0);
}

function spanOf(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function counted(number: number, noun: string): string {
  return `${grouped(number)} ${noun}${number === 1 ? "" : "s"}`;
}

function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A file may name its columns so that a terminal obeys them. */
function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, "\uFFFD");
}
