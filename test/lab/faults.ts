/**
 * What can go wrong, by name. Each run draws a part of them and how often they happen, so that rare
 * combinations come up and common faults do not hide behind each other.
 */
import type { Random } from "./random.ts";

export const faultKinds = [
  "webhook-duplicate",
  "webhook-drop",
  "webhook-delay",
  "webhook-reorder",
  "message-duplicate",
  "message-reorder",
  "crash",
  "timeout-before",
  "timeout-after",
  "server-error",
  "lying-answer",
  "rate-limit-storm",
  "partial-batch",
  "token-expiry",
  "stale-search-index",
  "pagination-drift",
  "clock-skew",
  "slow-server",
  "truncating-remote",
  "normalising-remote",
  "schema-drift",
  "table-throttle",
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** Probability of each kind per occasion in this run; a kind that is not there never happens. */
export type FaultPlan = ReadonlyMap<FaultKind, number>;

const rates = [0.02, 0.05, 0.15] as const;
/** Of occasions that are rare. */
const higherRates: Partial<Record<FaultKind, readonly number[]>> = {
  // A record that is made, which is hardly ever more than a few times a run.
  "slow-server": [0.2, 0.5, 0.8],
};

export function drawFaults(random: Random, allowed: readonly FaultKind[]): FaultPlan {
  const plan = new Map<FaultKind, number>();
  for (const kind of faultKinds) {
    const isDrawn = random.chance(0.4);
    const rate = random.pick(higherRates[kind] ?? rates);
    if (isDrawn && allowed.includes(kind)) plan.set(kind, rate);
  }
  return plan;
}

/** Draws faults as the plan says and counts them, from when the run begins until it heals. */
export class Faults {
  readonly #random: Random;
  readonly #plan: FaultPlan;
  #isAtWork = false;
  readonly counts = new Map<FaultKind, number>();

  constructor(random: Random, plan: FaultPlan) {
    this.#random = random;
    this.#plan = plan;
  }

  strikes(kind: FaultKind): boolean {
    const rate = this.#plan.get(kind);
    if (!this.#isAtWork || rate === undefined || !this.#random.chance(rate)) return false;
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    return true;
  }

  /** For what is so for a whole run, or not at all. */
  strikesForGood(kind: FaultKind): boolean {
    if (this.#plan.has(kind)) this.counts.set(kind, 1);
    return this.#plan.has(kind);
  }

  begin(): void {
    this.#isAtWork = true;
  }

  heal(): void {
    this.#isAtWork = false;
  }
}
