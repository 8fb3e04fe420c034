/**
 * How far the search index has come. It follows the records by a lag and never goes back: a longer lag
 * makes it stand still until it is due again, an endless one stops it.
 */
export class SearchIndex {
  readonly #now: () => number;
  #lagMs: number;
  #reachedMs: number;

  constructor(lagMs: number, now: () => number) {
    this.#now = now;
    this.#lagMs = lagMs;
    this.#reachedMs = now() - lagMs;
  }

  /** `Number.POSITIVE_INFINITY` stops the index where it stands. */
  setLag(lagMs: number): void {
    this.seenMs();
    this.#lagMs = lagMs;
  }

  /** The moment up to which a search knows of changes. */
  seenMs(): number {
    this.#reachedMs = Math.max(this.#reachedMs, this.#now() - this.#lagMs);
    return this.#reachedMs;
  }
}
