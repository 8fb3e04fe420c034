/** Rows of a bank statement as they are stored. Encoded with `encodeJson`, so bigints survive. */
import * as z from "zod";
import type { BankRow } from "#shared/domain/bank-rows.ts";
import { decodeJson, encodeJson } from "#shared/domain/json.ts";
import { SyncError } from "#shared/domain/sync-error.ts";

const bankRow: z.ZodType<BankRow> = z.strictObject({
  record_key: z.string(),
  external_id: z.string(),
  document_date: z.iso.date(),
  currency: z.string().regex(/^[A-Z]{3}$/),
  gross_minor: z.bigint(),
  status: z.literal("settled"),
  changed_at_ms: z.bigint(),
  excluded_by: z.literal("bank-entry-not-booked").nullable(),
});

const bankRows = z.strictObject({ version: z.literal(1), rows: z.array(bankRow) });

export function writeBankRows(rows: readonly BankRow[]): string {
  return `${encodeJson({ version: 1, rows })}\n`;
}

/** Undefined where the text is not what {@link writeBankRows} writes. */
export function readBankRows(text: string): readonly BankRow[] | undefined {
  try {
    return bankRows.safeParse(decodeJson(text)).data?.rows;
  } catch (cause) {
    if (cause instanceof SyncError && cause.failure.kind === "invalid-input") return undefined;
    throw cause;
  }
}
