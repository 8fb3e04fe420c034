/**
 * What the HubSpot connector can do, and the limits it keeps to: developers.hubspot.com, the object
 * APIs v3 and the associations API v4, read 2026-11.
 */
import type { ConnectorDefinition } from "#shared/ports/connector.ts";

export const hubspotDefinition = {
  system: "hubspot",
  reads: ["customer", "product", "order"],
  writes: ["customer", "product", "order"],
  limits: {
    // Associations go 2,000 to a call, so orders are cheaper by the hundreds.
    writeBatchMax: { customer: 100, product: 100, order: 500 },
    readBatchMax: 100,
    concurrentCallsMax: 4,
    // Of a private app in the smallest plan; larger plans say so in the connection's settings.
    quota: {
      source: "https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines",
      readOn: "2026-11-22",
      windows: [
        { name: "ten-seconds", lengthMs: 10_000, callsMax: 100 },
        // Searches count here in place of the ten seconds.
        { name: "search-second", lengthMs: 1_000, callsMax: 5 },
        { name: "day", lengthMs: 24 * 3_600_000, callsMax: 250_000 },
      ],
    },
  },
  changes: { lookbackMs: 120_000, isOrdered: true },
  archives: [],
  locks: "none",
  money: { unit: "major-decimal", lineRounding: "per-line" },
} as const satisfies ConnectorDefinition;

/** Inputs of one call. */
export const batchMax = {
  objects: 100,
  search: 200,
  associationsRead: 1_000,
  associationsCreate: 2_000,
  associationsArchive: 100,
} as const;

/** Characters of one property's value. */
export const TEXT_LENGTH_MAX = 65_536;

/** How long a product that was just made may be missing from the search index. */
export const SEARCH_LAG_MS = 120_000;

/** How long the pipelines and the account's currency are believed. */
export const ACCOUNT_LIFE_MS = 300_000;
