import { describe, expect, it } from "vitest";
import { concurrently } from "#shared/sync/concurrently.ts";

/** Tasks that end when they are told to. */
function createGates() {
  const open = new Map<number, () => void>();
  let runningMax = 0;
  return {
    started: [] as number[],
    get running() {
      return open.size;
    },
    get runningMax() {
      return runningMax;
    },
    async pass(input: number): Promise<void> {
      this.started.push(input);
      await new Promise<void>((resolve) => {
        open.set(input, resolve);
        runningMax = Math.max(runningMax, open.size);
      });
      open.delete(input);
    },
    release(input: number): void {
      open.get(input)?.();
    },
  };
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe("concurrently", () => {
  it("answers in the order of the inputs, whatever ends first", async () => {
    const gates = createGates();
    const answers = concurrently([0, 1, 2], 3, async (input) => {
      await gates.pass(input);
      return input * 10;
    });
    for (const input of [2, 0, 1]) {
      gates.release(input);
      await turn();
    }

    expect(await answers).toEqual([0, 10, 20]);
  });

  it("has as many tasks under way as the limit says, and no more", async () => {
    const gates = createGates();
    const inputs = [0, 1, 2, 3, 4];
    const answers = concurrently(inputs, 2, async (input) => gates.pass(input));
    await turn();
    expect(gates.started).toEqual([0, 1]);
    for (const input of inputs) {
      gates.release(input);
      await turn();
    }
    await answers;

    expect(gates.started).toEqual(inputs);
    expect(gates.runningMax).toBe(2);
  });

  it("answers nothing for no inputs", async () => {
    expect(await concurrently([], 4, () => Promise.reject(new Error("called")))).toEqual([]);
  });

  it("rejects with the first failure, after the tasks under way have ended", async () => {
    const gates = createGates();
    let isSettled = false;
    const answers = concurrently([0, 1], 2, async (input) => {
      await gates.pass(input);
      if (input === 0) throw new Error("first");
    });
    const outcome = answers.then(
      () => "resolved",
      (cause: unknown) => cause,
    );
    void outcome.finally(() => {
      isSettled = true;
    });
    await turn();
    gates.release(0);
    await turn();
    expect(isSettled).toBe(false);
    gates.release(1);

    expect(await outcome).toEqual(new Error("first"));
    expect(gates.running).toBe(0);
  });
});
