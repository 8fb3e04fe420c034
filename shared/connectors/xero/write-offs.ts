/**
 * Payments to accounts of losses. An invoice shows its payments without their accounts, so those to
 * these accounts are listed apart, before invoices are mapped that may show one. What was listed is
 * kept: a payment's account never changes.
 */
import * as z from "zod";
import type { Query } from "./client.ts";
import { unreadableAnswer } from "./errors.ts";
import { isLastPage, pagingOf, type Source } from "./read-records.ts";
import { elementsOf, type Resource, resourceOf } from "./resources.ts";
import { paidInvoiceSchema, writeOffSchema } from "./schema.ts";
import { instantOf, isInstant } from "./wire.ts";

/** More than two clocks differ. */
const LOOK_BACK_MS = 10 * 60_000;

export interface WriteOffReader {
  /**
   * Afterwards each write-off that these invoices show is in the books' set of them. No call where the
   * settings name no account of losses, or no invoice changed since what is known was listed: with each
   * payment an invoice changes. Throws SyncError.
   */
  learn(resource: Resource, elements: readonly unknown[], signal: AbortSignal): Promise<void>;
}

export function createWriteOffReader(
  source: Pick<Source, "client" | "books" | "now">,
): WriteOffReader {
  const { client, books, now } = source;
  let knownSinceMs: number | undefined;
  return {
    async learn({ recordType }, elements, signal) {
      if (recordType !== "invoice" || books.writeOffAccounts.size === 0) return;
      const since = knownSinceMs;
      if (!elements.some((element) => mayShowNew(element, since))) return;
      const startedMs = now();
      const payments = resourceOf("payment");
      for (let page = 1, isLast = false; !isLast; page += 1) {
        const envelope = await client.read({
          path: payments.plural,
          query: [whereOf(books.writeOffAccounts), ...pagingOf(payments, page)],
          modifiedSinceMs: since,
          signal,
        });
        const listed = z.array(writeOffSchema).safeParse(elementsOf(envelope, payments));
        if (!listed.success) throw unreadableAnswer(listed.error);
        for (const { PaymentID } of listed.data) books.writeOffs.add(PaymentID);
        isLast = isLastPage(envelope, page, listed.data.length);
      }
      knownSinceMs = startedMs - LOOK_BACK_MS;
    },
  };
}

/** An element in another shape is refused where it is mapped. */
function mayShowNew(element: unknown, sinceMs: number | undefined): boolean {
  const { success, data } = paidInvoiceSchema.safeParse(element);
  if (!success || !isInstant(data.UpdatedDateUTC)) return false;
  return sinceMs === undefined || instantOf(data.UpdatedDateUTC, "UpdatedDateUTC") >= sinceMs;
}

function whereOf(codes: ReadonlySet<string>): Query[number] {
  const tests = [...codes].map((code) => `Account.Code==${JSON.stringify(code)}`);
  return ["where", tests.join(" OR ")];
}
