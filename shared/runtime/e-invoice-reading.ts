import { readUbl } from "#shared/connectors/file/ubl-read.ts";
import type { ReadEInvoiceDependencies } from "#shared/sync/read-e-invoice.ts";

/** What reading an e-invoice needs: no AWS, no connection. */
export const eInvoiceReading: ReadEInvoiceDependencies = { read: (content) => readUbl(content) };
