/**
 * Fields that keep something else than the text they are sent, and say nothing of it: cut, in capitals,
 * without blanks. It is what an account's own automation does to values, as seen from outside. There is
 * none unless it is set.
 */

/** What is kept of a text; given what it answered before, it answers the same. */
export type TextHabit = (text: string) => string;

export class TextHabits {
  readonly #habits = new Map<string, TextHabit>();

  /** `undefined` ends the habit; values that were changed stay so. */
  set(type: string, field: string, habit: TextHabit | undefined): void {
    const key = keyOf(type, field);
    if (habit === undefined) this.#habits.delete(key);
    else this.#habits.set(key, habit);
  }

  kept(type: string, field: string, text: string): string {
    return this.#habits.get(keyOf(type, field))?.(text) ?? text;
  }

  /** The record with each of its own texts as it is kept. */
  keptAll<Shape extends object>(type: string, record: Shape): Shape {
    if (this.#habits.size === 0) return record;
    const entries = Object.entries(record).map(([field, value]) => [
      field,
      typeof value === "string" ? this.kept(type, field, value) : value,
    ]);
    return Object.fromEntries(entries) as Shape;
  }
}

export const cutTo =
  (charactersMax: number): TextHabit =>
  (text) =>
    text.slice(0, charactersMax);

function keyOf(type: string, field: string): string {
  return JSON.stringify([type, field]);
}
