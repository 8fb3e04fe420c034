/**
 * A full check reads what the systems hold, so it never meets a derived document that was refused
 * before it was made: the next try of those is asked for here.
 */
import { limits } from "#shared/config/limits.ts";
import type { CanonicalId, RecordType } from "#shared/domain/identifiers.ts";
import type { PollRequest } from "#shared/ports/queues.ts";
import type { PollDependencies } from "./dependencies.ts";
import { HintSender } from "./hint-sender.ts";
import type { PollContext } from "./poll-changes.ts";
import { repairOwed } from "./repair-owed.ts";
import { Tally } from "./tally.ts";

/** Made by derivation and nowhere else. */
const derivedTypes: ReadonlySet<RecordType> = new Set(["invoice", "creditNote"]);

/** Tries each of them once more. What there is no time for is tried by the next check. */
export async function retryUnmade(
  deps: PollDependencies,
  request: PollRequest,
  runId: string | undefined,
  { receipt, remainingMs }: Pick<PollContext, "receipt" | "remainingMs">,
): Promise<void> {
  const tally = new Tally();
  const hints = new HintSender(deps.deliveries, tally);
  const cause = { runId, receipt: `${receipt}:unmade` };
  const unmade = await listUnmade(deps, request);
  for (let from = 0; from < unmade.length; from += limits.releasesPerSliceMax) {
    if (remainingMs() < limits.invocationReserveMs) break;
    const slice = unmade.slice(from, from + limits.releasesPerSliceMax);
    await repairOwed(deps, new Map(slice.map((id) => [id, cause])), hints);
  }
  await hints.send();
  await tally.save(deps.runs);
}

/** Read to the end before any is tried: one that is tried leaves the list. */
async function listUnmade(deps: PollDependencies, request: PollRequest): Promise<CanonicalId[]> {
  const unmade = new Set<CanonicalId>();
  let cursor: string | undefined;
  for (let page = 0; page < limits.parkedPagesPerCheckMax; page += 1) {
    const listed = await deps.parked.list(limits.apiPageSizeMax, cursor);
    for (const { canonicalId, externalId, connection, recordType } of listed.records) {
      const isAsked =
        (request.connection ?? connection) === connection &&
        (request.recordType ?? recordType) === recordType;
      const isUnmade = externalId === undefined && derivedTypes.has(recordType);
      if (isAsked && isUnmade && canonicalId !== undefined) unmade.add(canonicalId);
    }
    cursor = listed.cursor;
    if (cursor === undefined) break;
  }
  return [...unmade];
}
