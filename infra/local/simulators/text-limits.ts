/**
 * Fields that keep only so many characters of what they are sent, and say nothing of it: what an
 * account's own automation does to values, as seen from outside. There are none unless they are set.
 */
export class TextLimits {
  readonly #limits = new Map<string, number>();

  /** `undefined` lifts the limit; values that were cut stay cut. */
  set(type: string, field: string, charactersMax: number | undefined): void {
    const key = JSON.stringify([type, field]);
    if (charactersMax === undefined) this.#limits.delete(key);
    else this.#limits.set(key, charactersMax);
  }

  cut(type: string, field: string, text: string): string {
    return text.slice(0, this.#limits.get(JSON.stringify([type, field])));
  }

  /** The record with each of its own texts cut to its limit. */
  cutAll<Shape extends object>(type: string, record: Shape): Shape {
    if (this.#limits.size === 0) return record;
    const entries = Object.entries(record).map(([field, value]) => [
      field,
      typeof value === "string" ? this.cut(type, field, value) : value,
    ]);
    return Object.fromEntries(entries) as Shape;
  }
}
