/** How far the reading of a file has come, and how long the rest will take at its rate so far. */

export interface ImportProgress {
  readonly rows: bigint;
  /** Rows that are not blank, without the header. */
  readonly rowsTotal: bigint;
  readonly bytes: bigint;
  /** Of the file's table as text. */
  readonly bytesTotal: bigint;
  /** Since the run began; absent in its first moment. */
  readonly rowsPerSecond?: bigint | undefined;
  /** Until the last row is read; absent where no rate is known yet. */
  readonly secondsLeft?: bigint | undefined;
}

/** Undefined of a run that reads no file, and before its file was planned. */
export function progressOf(
  counts: Readonly<Record<string, bigint>>,
  elapsedMs: number,
): ImportProgress | undefined {
  const { rowsTotal, bytesTotal, rows = 0n, bytes = 0n } = counts;
  if (rowsTotal === undefined || bytesTotal === undefined) return undefined;
  const ms = BigInt(Math.max(0, Math.round(elapsedMs)));
  const rowsPerSecond = ms === 0n ? undefined : (rows * 1_000n) / ms;
  const isKnown = bytes > 0n && ms > 0n;
  const secondsLeft = isKnown ? ((bytesTotal - bytes) * ms) / (bytes * 1_000n) : undefined;
  return { rows, rowsTotal, bytes, bytesTotal, rowsPerSecond, secondsLeft };
}
