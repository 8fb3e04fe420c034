/** Cuts a list into runs of at most `size`. */
export function inBatches<Thing>(things: readonly Thing[], size: number): Thing[][] {
  const batches: Thing[][] = [];
  for (let start = 0; start < things.length; start += size) {
    batches.push(things.slice(start, start + size));
  }
  return batches;
}

export type Gate = <Answer>(task: () => Promise<Answer>) => Promise<Answer>;

/** Lets at most `openMax` tasks be under way; the others wait in the order they came. */
export function createGate(openMax: number): Gate {
  const waiting: (() => void)[] = [];
  let open = 0;
  return async (task) => {
    if (open < openMax) open += 1;
    // The one who leaves hands its place on, so `open` stays.
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) open -= 1;
      else next();
    }
  };
}
