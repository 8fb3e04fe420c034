/**
 * Rows of a batch that fail although nothing is wrong with them, as a remote's own trouble makes them
 * fail: planned by a name the row bears, for so many times.
 */
export class RowFaults<Refusal> {
  readonly #left = new Map<string, { readonly refusal: Refusal; times: number }>();

  /** The next `times` writes of each of these fail. */
  plan(names: readonly string[], times: number, refusal: Refusal): void {
    for (const name of names) this.#left.set(name.toLowerCase(), { refusal, times });
  }

  /** How a row that bears these names fails, or `undefined` where it does not; counts as one time. */
  take(names: readonly string[]): Refusal | undefined {
    for (const name of names) {
      const fault = this.#left.get(name.toLowerCase());
      if (fault === undefined) continue;
      fault.times -= 1;
      if (fault.times <= 0) this.#left.delete(name.toLowerCase());
      return fault.refusal;
    }
    return undefined;
  }
}
