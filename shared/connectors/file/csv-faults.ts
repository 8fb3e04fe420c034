/** What makes delimited text unreadable as a whole, and what a person does about it. */
import { SyncError } from "#shared/domain/sync-error.ts";

const quoteFixes = {
  "quote-unterminated": "Close the quote, and make sure that the end of the file is not cut off.",
  "quote-misplaced": "Put the whole cell in double quotes and write each quote inside it twice.",
} as const;
export type QuoteFault = keyof typeof quoteFixes;

export function describeQuoteFault(code: QuoteFault, row: number, cause?: unknown): SyncError {
  return refusal(code, quoteFixes[code], row, cause);
}

export function rowTooLarge(bytesMax: number, row?: number, cause?: unknown): SyncError {
  const fix = `Close the quote that is open in it, or shorten it; a row has ${bytesMax} bytes at the most.`;
  return refusal("row-too-large", fix, row, cause);
}

export function refusal(code: string, fix: string, row?: number, cause?: unknown): SyncError {
  const field = row === undefined ? undefined : `row ${row}`;
  return new SyncError({ kind: "invalid-input", code, fix, field }, cause);
}
