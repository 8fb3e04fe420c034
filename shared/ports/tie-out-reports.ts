/** Reports of tie-outs, as they were written to the outbox. */
import type { TieOutReport } from "#shared/domain/tie-out/report.ts";

export type ReportFile = "json" | "xlsx" | "html";

export type StoredReport =
  | { readonly kind: "read"; readonly report: TieOutReport }
  | { readonly kind: "missing" }
  /** More than may be read at once: the files themselves are to be opened. */
  | { readonly kind: "too-large"; readonly bytes: number };

export interface ReportStore {
  read(runId: string): Promise<StoredReport>;
  /** Where a person finds the file: `s3://<bucket>/tie-outs/<run id>/tie-out.html`. */
  placeOf(runId: string, file: ReportFile): string;
}
