/** How a file, or its place that is at fault, is refused. */
import { SyncError } from "#shared/domain/sync-error.ts";

export interface FileRefusal {
  /** Kebab-case, a heading in `docs/errors.md`. */
  readonly code: string;
  /** What a person does about it. */
  readonly fix: string;
  /** The place in the file: `row 3, key total`. */
  readonly field?: string | undefined;
}

/** A SyncError `invalid-input`; thrown by who calls it. */
export function refuseFile({ code, fix, field }: FileRefusal, cause?: unknown): SyncError {
  return new SyncError({ kind: "invalid-input", code, fix, field }, cause);
}
