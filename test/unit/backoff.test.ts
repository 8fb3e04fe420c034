import { describe, expect, it } from "vitest";
import { type FailureKind, failureKinds } from "#shared/domain/sync-error.ts";
import { delayAfter, isOwnTry, isTransient } from "#shared/sync/backoff.ts";

/** SQS delays a message by 15 minutes at most. */
const QUEUE_DELAY_MS_MAX = 900_000;

function failed(kind: FailureKind, retryAfterMs?: number) {
  return { kind, code: "any-code", retryAfterMs };
}

describe("delayAfter", () => {
  it.each([
    [0, 2_000],
    [1, 4_000],
    [2, 8_000],
    [3, 16_000],
    [7, 256_000],
    [8, 512_000],
    [9, QUEUE_DELAY_MS_MAX],
    [10_000, QUEUE_DELAY_MS_MAX],
  ])("after %i tries is %i ms", (tries, delayMs) => {
    expect(delayAfter(failed("retryable"), tries)).toBe(delayMs);
    expect(delayAfter(failed("rate-limited"), tries)).toBe(delayMs);
  });

  it("is what the remote asked for, however many tries there were, as far as the queue can", () => {
    expect(delayAfter(failed("rate-limited", 10_000), 7)).toBe(10_000);
    expect(delayAfter(failed("retryable", 0), 7)).toBe(0);
    expect(delayAfter(failed("rate-limited", 86_400_000), 0)).toBe(QUEUE_DELAY_MS_MAX);
    expect(delayAfter(failed("reauthorise", 5_000), 0)).toBe(5_000);
  });

  it("is long while a person must give consent, and short before an uncertain write is looked up", () => {
    expect(delayAfter(failed("reauthorise"), 0)).toBe(900_000);
    expect(delayAfter(failed("uncertain"), 9)).toBe(2_000);
  });
});

describe("kinds of failure", () => {
  it("are tried again by the engine, or not", () => {
    expect(failureKinds.filter((kind) => isTransient(failed(kind)))).toEqual([
      "retryable",
      "rate-limited",
      "uncertain",
      "reauthorise",
    ]);
  });

  it("count as the record's own try, but for a spent quota and a lost consent", () => {
    expect(failureKinds.filter((kind) => !isOwnTry(failed(kind)))).toEqual([
      "rate-limited",
      "reauthorise",
    ]);
  });
});
