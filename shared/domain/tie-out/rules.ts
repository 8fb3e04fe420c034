/** The rules of the tie-out, as data. */

export interface TieOutRules {
  /** A record that changed this long before the snapshot began may not have reached the other side yet. */
  readonly inFlightMs: number;
  /** A difference of more than this, in minor units, counts for the alarm; one without amounts always. */
  readonly toleranceMinor: bigint;
  /** Days between the books' and the bank's date of one payment. */
  readonly bankWindowDays: number;
  /** States in which a record has ended on its side: it counts only where the other side still has it. */
  readonly endedStates: {
    readonly crmDocument: readonly string[];
    readonly booksDocument: readonly string[];
    readonly other: readonly string[];
  };
  /** First and last month of the report, `2026-11`; absent: all there are. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

const gone = ["archived", "deleted", "merged"] as const;

/** Drafts count: they are what a won order gives, and a difference in one is cheap to mend. */
export const tieOutRules: TieOutRules = {
  inFlightMs: 60_000,
  toleranceMinor: 0n,
  bankWindowDays: 5,
  endedStates: {
    crmDocument: ["open", "lost", ...gone],
    booksDocument: ["void", ...gone],
    other: gone,
  },
};
