/**
 * Many inputs in few calls: cut into batches, sent a few at a time, and a refused batch halved until
 * the bad row stands alone.
 */
import type { Failure } from "#shared/domain/sync-error.ts";
import { hubspotDefinition } from "./definition.ts";
import { isWorthSplitting, writeFailureOf } from "./errors.ts";

interface BatchedWrite<Input, Outcome> {
  readonly inputs: readonly Input[];
  readonly sizeMax: number;
  /** Two inputs of one key never share a call: HubSpot refuses such a batch whole. */
  readonly keyOf: (input: Input) => string;
  /** One call; one outcome for each input, in their order. */
  readonly send: (batch: readonly Input[]) => Promise<readonly Outcome[]>;
  /** The outcome of an input whose call failed. */
  readonly failed: (failure: Failure) => Outcome;
}

/**
 * One outcome for each input, in their order; never throws for a remote's answer. Once the quota is
 * spent or the token refused, the batches not yet sent fail likewise without a call.
 */
export async function sendInBatches<Input, Outcome>(
  write: BatchedWrite<Input, Outcome>,
): Promise<Outcome[]> {
  const outcomes = new Map<number, Outcome>();
  let stop: Failure | undefined;

  async function sendBatch(batch: readonly Slot<Input>[]): Promise<void> {
    if (stop !== undefined) return settle(batch, stop);
    try {
      const answers = await write.send(batch.map((slot) => slot.input));
      for (const [at, slot] of batch.entries()) {
        const outcome = answers[at];
        if (outcome !== undefined) outcomes.set(slot.index, outcome);
      }
    } catch (cause) {
      const failure = writeFailureOf(cause);
      if (batch.length > 1 && isWorthSplitting(failure)) {
        const middle = Math.ceil(batch.length / 2);
        await sendBatch(batch.slice(0, middle));
        return sendBatch(batch.slice(middle));
      }
      if (failure.kind === "rate-limited" || failure.kind === "reauthorise") stop = failure;
      settle(batch, failure);
    }
  }

  function settle(batch: readonly Slot<Input>[], failure: Failure): void {
    for (const slot of batch) outcomes.set(slot.index, write.failed(failure));
  }

  await inLanes(cutDistinct(write.inputs, write.sizeMax, write.keyOf), sendBatch);
  return write.inputs.map(
    (_, index) => outcomes.get(index) ?? write.failed({ kind: "bug", code: "outcome-missing" }),
  );
}

/** The answers of all batches, in no promised order. Throws what the first failed call threw. */
export async function readInBatches<Input, Result>(
  inputs: readonly Input[],
  sizeMax: number,
  read: (batch: readonly Input[]) => Promise<readonly Result[]>,
): Promise<Result[]> {
  const results: Result[] = [];
  await inLanes(cut(inputs, sizeMax), async (batch) => {
    for (const result of await read(batch)) results.push(result);
  });
  return results;
}

interface Slot<Input> {
  readonly input: Input;
  readonly index: number;
}

function cut<Input>(inputs: readonly Input[], sizeMax: number): Input[][] {
  const batches: Input[][] = [];
  for (let start = 0; start < inputs.length; start += sizeMax) {
    batches.push(inputs.slice(start, start + sizeMax));
  }
  return batches;
}

function cutDistinct<Input>(
  inputs: readonly Input[],
  sizeMax: number,
  keyOf: (input: Input) => string,
): Slot<Input>[][] {
  const rounds: Map<string, Slot<Input>>[] = [];
  const seen = new Map<string, number>();
  for (const [index, input] of inputs.entries()) {
    const key = keyOf(input);
    const round = seen.get(key) ?? 0;
    seen.set(key, round + 1);
    const slots = rounds[round] ?? new Map<string, Slot<Input>>();
    rounds[round] = slots.set(key, { input, index });
  }
  return rounds.flatMap((slots) => cut([...slots.values()], sizeMax));
}

/** Runs jobs in order, so many at a time; after a throw no further one begins. */
async function inLanes<Job>(jobs: readonly Job[], run: (job: Job) => Promise<void>): Promise<void> {
  const waiting = [...jobs];
  const lane = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      try {
        await run(job);
      } catch (cause) {
        waiting.length = 0;
        throw cause;
      }
    }
  };
  const lanes = Math.min(hubspotDefinition.limits.concurrentCallsMax, jobs.length);
  await Promise.all(Array.from({ length: lanes }, lane));
}
