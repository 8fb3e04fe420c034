/**
 * At-least-once delivery: webhooks that vendors send until they are acknowledged, messages that come
 * back when a worker dies, and a stream whose batches are repeated until they succeed.
 */
import type { Faults } from "./faults.ts";
import type { Random } from "./random.ts";

/** Something to be given to a worker, not before its time. */
export interface Post<Body> {
  readonly body: Body;
  /** The same at each delivery. */
  readonly receipt: string;
  readonly dueMs: number;
  readonly tries: number;
}

export class Posts<Body> {
  readonly #name: string;
  #waiting: Post<Body>[] = [];
  #count = 0;

  constructor(name: string) {
    this.#name = name;
  }

  add(body: Body, dueMs: number): void {
    this.#count += 1;
    this.#waiting.push({ body, receipt: `${this.#name}-${this.#count}`, dueMs, tries: 0 });
  }

  /** Back it goes, to be given to another worker later. */
  again(post: Post<Body>, dueMs: number): void {
    this.#waiting.push({ ...post, dueMs, tries: post.tries + 1 });
  }

  /** Takes what is due, at the most `max`, the oldest first or in any order. */
  take(nowMs: number, max: number, random: Random, faults: Faults): Post<Body>[] {
    const due = this.#waiting.filter((post) => post.dueMs <= nowMs);
    const taken: Post<Body>[] = [];
    while (taken.length < max && due.length > 0) {
      const isAnyOrder = faults.strikes("message-reorder");
      const [post] = due.splice(isAnyOrder ? random.below(due.length) : 0, 1);
      if (post === undefined) break;
      taken.push(post);
      if (faults.strikes("message-duplicate")) continue;
      this.#waiting = this.#waiting.filter((one) => one !== post);
    }
    return taken;
  }

  get nextMs(): number | undefined {
    return this.#waiting.length === 0
      ? undefined
      : Math.min(...this.#waiting.map(({ dueMs }) => dueMs));
  }

  get size(): number {
    return this.#waiting.length;
  }
}
