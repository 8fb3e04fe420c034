/** Runs the lab against each mutation until it notices, or until it has tried enough. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { faultKinds } from "./faults.ts";
import { type Mutation, mutations } from "./mutations.ts";
import { simulate } from "./simulate.ts";

const SEEDS_MAX = 900;
const STEPS = 300;

export interface MutationVerdict {
  readonly mutation: Mutation;
  /** Undefined where it survived. */
  readonly caughtBy?: { readonly seed: number; readonly invariants: readonly string[] } | undefined;
}

export async function tryMutations(
  onVerdict: (verdict: MutationVerdict) => void = () => undefined,
): Promise<MutationVerdict[]> {
  const verdicts: MutationVerdict[] = [];
  const waiting = [...mutations];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const verdict = await tryMutation(next);
      await checkWithout(verdict);
      verdicts.push(verdict);
      onVerdict(verdict);
    }
  };
  await Promise.all([work(), work()]);
  return verdicts.sort(
    (left, right) => mutations.indexOf(left.mutation) - mutations.indexOf(right.mutation),
  );
}

/** A seed that breaks a promise by itself would prove nothing. */
async function checkWithout({ mutation, caughtBy }: MutationVerdict): Promise<void> {
  if (caughtBy === undefined) return;
  const { seed } = caughtBy;
  const { violations } = await simulate({ seed, steps: STEPS, faults: faultKinds });
  if (violations.length === 0) return;
  throw new Error(`Seed ${seed} breaks a promise without ${mutation.name}, too`);
}

function tryMutation(mutation: Mutation): Promise<MutationVerdict> {
  return new Promise((resolve, reject) => {
    const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
    const child = spawn(
      process.execPath,
      [
        "--import",
        here("./plant-mutation.ts"),
        here("./mutant.ts"),
        String(SEEDS_MAX),
        String(STEPS),
        String(mutation.every ?? 1),
      ],
      {
        env: { ...process.env, LAB_MUTATION: mutation.name },
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    let told = "";
    child.stdout.on("data", (chunk: Buffer) => {
      told += chunk.toString("utf8");
    });
    child.on("error", reject);
    child.on("exit", (code) => {
      if (code !== 0) reject(new Error(`The lab ended with ${code} under ${mutation.name}`));
      else resolve({ mutation, caughtBy: JSON.parse(told) ?? undefined });
    });
  });
}
