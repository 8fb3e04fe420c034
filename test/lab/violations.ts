/** The promises that a run checks, by the numbers of `docs/invariants.md`. */
export interface Violation {
  readonly invariant: string;
  /** Which record, which value: enough to find it in the trace. */
  readonly about: string;
}

export class Violations {
  readonly found: Violation[] = [];
  checkCount = 0;

  /** Counts a check, and remembers it where it does not hold. */
  check(invariant: string, holds: boolean, about: () => string): void {
    this.checkCount += 1;
    if (!holds) this.found.push({ invariant, about: about() });
  }
}
