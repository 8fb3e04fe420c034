/** Waiting for what comes by itself: a condition is looked at again until it holds. */
import { vi } from "vitest";

const BOUND_MS = 180_000;
const LOOK_EVERY_MS = 100;

/** Resolves with its answer when `check` no longer throws; rejects with what it threw last when the bound has passed. */
export async function eventually<Result>(check: () => Result | Promise<Result>): Promise<Result> {
  return await vi.waitFor(check, { timeout: BOUND_MS, interval: LOOK_EVERY_MS });
}
