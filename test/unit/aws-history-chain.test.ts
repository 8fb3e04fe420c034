import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeCrossReference } from "#shared/aws/cross-reference-codec.ts";
import { chainOf, hashOf, sealRevision } from "#shared/aws/history-chain.ts";
import type { HistoryEntry } from "#shared/domain/history.ts";
import { aCustomer } from "#test/support/cross-references.ts";

const entry: Omit<HistoryEntry, "chain"> = {
  canonicalId: "customer-000000000000000000000001",
  recordType: "customer",
  revision: 2,
  savedAt: 1_767_603_601_000,
  previousSavedAt: 1_767_603_600_000,
  previousChain: "p".repeat(32),
  bodyHash: "b".repeat(32),
  trail: [
    {
      kind: "seen",
      at: "2026-01-05T09:00:00.000Z",
      connection: "crm",
      externalId: "101",
      version: 1,
      life: "live",
      decisions: [
        {
          field: "total",
          kind: "restored",
          policy: "system-of-record",
          lost: { value: { minor: 12_345_678_901_234_567_890n, currency: "EUR" }, by: "crm" },
        },
      ],
    },
  ],
};

/** The first 24 bytes of SHA-256, in base64url. */
function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 32);
}

describe("the chain of the history", () => {
  it("is the hash of one line for each thing that is kept", () => {
    const trail =
      '[{"at":"2026-01-05T09:00:00.000Z","connection":"crm","decisions":[{"field":"total",' +
      '"kind":"restored","lost":{"by":"crm","value":{"currency":"EUR",' +
      '"minor":{"$bigint":"12345678901234567890"}}},"policy":"system-of-record"}],' +
      '"externalId":"101","kind":"seen","life":"live","version":1}]';

    expect(chainOf(entry)).toBe(
      shortHash(
        [
          "tieout-history-1",
          "p".repeat(32),
          "customer-000000000000000000000001",
          "customer",
          "2",
          "1767603601000",
          "1767603600000",
          "b".repeat(32),
          shortHash(trail),
        ].join("\n"),
      ),
    );
  });

  it.each<[string, Partial<HistoryEntry>]>([
    ["another record", { canonicalId: "customer-000000000000000000000002" }],
    ["another record type", { recordType: "order" }],
    ["another revision", { revision: 3 }],
    ["another time", { savedAt: 1_767_603_601_001 }],
    ["another time before", { previousSavedAt: 1_767_603_600_001 }],
    ["no time before", { previousSavedAt: undefined }],
    ["another link before", { previousChain: "q".repeat(32) }],
    ["no link before", { previousChain: undefined }],
    ["another body", { bodyHash: "c".repeat(32) }],
    ["no trail", { trail: [] }],
  ])("is another one for %s", (_, change) => {
    expect(chainOf({ ...entry, ...change })).not.toBe(chainOf(entry));
  });

  it("does not depend on the order in which an object was put together", () => {
    const shuffled = entry.trail.map((one) => Object.fromEntries(Object.entries(one).reverse()));

    expect(chainOf({ ...entry, trail: shuffled as unknown as HistoryEntry["trail"] })).toBe(
      chainOf(entry),
    );
  });
});

describe("the seal of a revision", () => {
  const first = aCustomer("1");
  const body = encodeCrossReference(first);

  it("begins a history", () => {
    expect(sealRevision(first, body, 1_000)).toEqual({
      savedAt: 1_000,
      chain: chainOf({
        canonicalId: first.canonicalId,
        recordType: "customer",
        revision: 1,
        savedAt: 1_000,
        bodyHash: hashOf(body),
        trail: [],
      }),
    });
  });

  it("holds the trail as whoever reads the body will see it", () => {
    const blank = { runId: undefined };
    const trail = [
      { kind: "held", at: "2026-01-05T09:00:00.000Z", connection: "crm", ...blank },
    ] as const;
    const { runId: _blank, ...held } = trail[0];
    const withBlank = { ...first, trail };
    const bodyOfBoth = encodeCrossReference(withBlank);

    expect(sealRevision(withBlank, bodyOfBoth, 1_000)).toEqual(
      sealRevision({ ...first, trail: [held] }, bodyOfBoth, 1_000),
    );
  });

  it("never goes back in time, whatever the clocks say", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (before, nowMs) => {
        const next = { ...first, revision: 1, chain: "c", savedAt: before };

        const seal = sealRevision(next, body, nowMs);

        expect(seal.savedAt).toBeGreaterThanOrEqual(before);
        expect(seal.savedAt).toBeGreaterThanOrEqual(nowMs);
        expect(seal.previousSavedAt).toBe(before);
      }),
    );
  });
});
