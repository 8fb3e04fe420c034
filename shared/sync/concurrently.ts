/**
 * Runs `task` over all inputs, at most `limit` at once, and answers in the order of the inputs. The
 * first rejection rejects the whole: no further task begins, and those under way end first.
 */
export async function concurrently<Input, Output>(
  inputs: readonly Input[],
  limit: number,
  task: (input: Input) => Promise<Output>,
): Promise<Output[]> {
  const outputs = new Array<Output>(inputs.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < inputs.length) {
      const index = next;
      next += 1;
      try {
        outputs[index] = await task(inputs[index] as Input);
      } catch (cause) {
        next = inputs.length;
        throw cause;
      }
    }
  };
  const workers = Array.from({ length: Math.min(limit, inputs.length) }, worker);
  const ended = await Promise.allSettled(workers);
  for (const end of ended) if (end.status === "rejected") throw end.reason;
  return outputs;
}
