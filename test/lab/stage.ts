/**
 * Where all workers of a run stand: each await of theirs on something outside is a *point*, and one
 * point at a time goes on. So every interleaving of workers can happen, and a seed repeats it.
 */
import type { Random } from "./random.ts";

/** The life of one worker's process; what it still wanted to do when it died is never done. */
export interface Life {
  readonly name: string;
  isOver: boolean;
}

interface Waiting {
  readonly life: Life;
  readonly point: string;
  readonly go: () => void;
}

export class Stage {
  #waiting: Waiting[] = [];
  /** Told of every point that goes on, for the trace. */
  readonly #onGo: (life: Life, point: string) => void;

  constructor(onGo: (life: Life, point: string) => void) {
    this.#onGo = onGo;
  }

  /** Waits until the stage lets it go on; for ever where its life is over. */
  point(life: Life, name: string): Promise<void> {
    return new Promise((resolve) => {
      if (!life.isOver) this.#waiting.push({ life, point: name, go: resolve });
    });
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0;
  }

  /** Lets one waiting point go on, and all that follows from it up to the next points. */
  async step(random: Random): Promise<void> {
    const index = random.below(this.#waiting.length);
    const [chosen] = this.#waiting.splice(index, 1);
    if (chosen === undefined) return;
    this.#onGo(chosen.life, chosen.point);
    chosen.go();
    await settle();
  }

  /** Ends a life at the point where it waits. */
  end(life: Life): void {
    life.isOver = true;
    this.#waiting = this.#waiting.filter((waiting) => waiting.life !== life);
  }
}

/** Everything that can go on without a point has done so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
