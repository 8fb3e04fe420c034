/** How long a use case may go on before Lambda ends it. */
export interface Invocation {
  readonly signal: AbortSignal;
  /** Milliseconds this invocation has left. */
  readonly remainingMs: () => number;
}
