/**
 * The chain of the history: for each saved revision a hash over the revision before it and all that
 * is kept of this one, so that an entry cannot be changed, taken out or put in without a later link
 * failing to fit.
 *
 * ```
 * chain = hash(form, previous chain, canonical id, record type, revision, saved at,
 *              previous saved at, hash(stored body), hash(trail))          one a line
 * hash  = first 192 bits of SHA-256, base64url: 32 characters
 * ```
 *
 * Nothing secret goes in: it shows what was changed afterwards, to whoever has an older link.
 */
import { createHash } from "node:crypto";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import type { HistoryEntry } from "#shared/domain/history.ts";
import { decodeCrossReference } from "./cross-reference-codec.ts";

const FORM = "tieout-history-1";
const HASH_BYTES = 24;

/** What the table keeps beside a body. */
export interface Seal {
  readonly chain: string;
  readonly savedAt: number;
  readonly previousSavedAt?: number | undefined;
}

/** The seal of `next` at its next revision, whose stored form is `body`. */
export function sealRevision(next: CrossReference, body: string, nowMs: number): Seal {
  const { canonicalId, recordType } = next;
  const revision = next.revision + 1;
  // Two workers' clocks differ by a little; a history that goes back in time would be read wrongly.
  const savedAt = Math.max(nowMs, next.savedAt ?? 0);
  const chain = chainOf({
    canonicalId,
    recordType,
    revision,
    savedAt,
    previousSavedAt: next.savedAt,
    previousChain: next.chain,
    bodyHash: hashOf(body),
    // As whoever reads the body will see it.
    trail: decodeCrossReference({ canonicalId, recordType, revision }, body).trail ?? [],
  });
  return {
    chain,
    savedAt,
    ...(next.savedAt === undefined ? {} : { previousSavedAt: next.savedAt }),
  };
}

export function chainOf(entry: Omit<HistoryEntry, "chain">): string {
  const { canonicalId, recordType, revision, savedAt, previousSavedAt, previousChain } = entry;
  const parts = [
    FORM,
    previousChain ?? "",
    canonicalId,
    recordType,
    String(revision),
    String(savedAt),
    previousSavedAt === undefined ? "" : String(previousSavedAt),
    entry.bodyHash,
    hashOf(orderedJson(entry.trail)),
  ];
  return hashOf(parts.join("\n"));
}

export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest().subarray(0, HASH_BYTES).toString("base64url");
}

/** JSON that is the same whatever the order in which an object was put together. */
function orderedJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === "bigint") return { $bigint: part.toString() };
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(
      Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1)),
    );
  });
}
