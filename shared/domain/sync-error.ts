/** What the engine does about a failure; `docs/errors.md` has the meaning of each kind and code. */
export const failureKinds = [
  "retryable",
  "rate-limited",
  "uncertain",
  "rejected",
  "reauthorise",
  "conflict",
  "invalid-input",
  "bug",
] as const;

export type FailureKind = (typeof failureKinds)[number];

/** A failure as it is stored and shown: no message of a remote, no personal data. */
export interface Failure {
  readonly kind: FailureKind;
  /** Stable kebab-case, a heading in `docs/errors.md`. */
  readonly code: string;
  /** One sentence that tells a person what to do; absent where nobody must act. */
  readonly fix?: string | undefined;
  /** Field, column or path the failure is about. */
  readonly field?: string | undefined;
  /** How long to leave the remote alone, from its own answer. */
  readonly retryAfterMs?: number | undefined;
}

/** The one error class of the project; expected outcomes are return values instead. */
export class SyncError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, cause?: unknown) {
    super(`${failure.kind}: ${failure.code}${failure.field ? ` (${failure.field})` : ""}`, {
      cause,
    });
    this.name = "SyncError";
    this.failure = failure;
  }
}

/** Throws a `bug` where a condition the code relies on does not hold. */
export function assert(condition: boolean, code: string): asserts condition {
  if (!condition) throw new SyncError({ kind: "bug", code });
}

/** Fails type-checking where a `switch` leaves a case out. */
export function assertNever(value: never): never {
  throw new SyncError({ kind: "bug", code: "unreachable-case", field: String(value) });
}
