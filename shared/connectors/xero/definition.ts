import type { ConnectorDefinition } from "#shared/ports/connector.ts";

/**
 * What the Xero connector can do and must heed. Limits: developer.xero.com, "OAuth 2.0 API limits",
 * read 2026-11: 5 calls at once, 60 a minute and 5,000 a day for one organisation; about 50 elements
 * in one write, 100 items.
 */
export const xeroDefinition = {
  system: "xero",
  reads: ["customer", "product", "invoice", "creditNote", "payment"],
  writes: ["customer", "product", "invoice", "creditNote"],
  limits: {
    writeBatchMax: { customer: 50, product: 100, invoice: 50, creditNote: 50 },
    readBatchMax: 40,
    concurrentCallsMax: 5,
    quota: {
      source: "https://developer.xero.com/documentation/guides/oauth2/limits/#api-rate-limits",
      readOn: "2026-11-22",
      windows: [
        { name: "minute", lengthMs: 60_000, callsMax: 60 },
        // 1,000 for apps of the Starter tier: they say so in the connection's settings.
        { name: "day", lengthMs: 24 * 3_600_000, callsMax: 5_000 },
        // Of all organisations of the app together.
        { name: "app-minute", lengthMs: 60_000, callsMax: 10_000 },
      ],
      callsAtOnceMax: 5,
    },
  },
  changes: {
    lookbackMs: 120_000,
    // Newest first, see `readChangePage`: the watermark moves when the last page is read.
    isOrdered: false,
  },
  archives: ["customer"],
  locks: "none",
  money: { unit: "major-decimal", lineRounding: "per-line", taxRounding: "per-line" },
} as const satisfies ConnectorDefinition;

/** The scopes a custom connection asks for; granular names, in force since 2026-03-02. */
export const scopes = [
  "accounting.contacts",
  "accounting.invoices",
  "accounting.payments",
  "accounting.settings.read",
] as const;
