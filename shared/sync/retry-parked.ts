/**
 * A person mended the cause: what was set aside is tried again now, and not only when it changes or
 * with the next full check. A side that was refused is freed and hinted; a newcomer is read and
 * merged again, and leaves the list once it is taken in. May be repeated.
 */
import { type CrossReference, type Side, sideOf } from "#shared/domain/cross-reference.ts";
import { retrySide } from "#shared/domain/decisions.ts";
import type { CanonicalId, ConnectionId, ExternalRef } from "#shared/domain/identifiers.ts";
import type { OperatorDependencies } from "./dependencies.ts";
import { hintNow } from "./hint-sender.ts";
import { nowText } from "./now-text.ts";
import { type Refusal, recordUnknown, sideUnknown } from "./operator-outcome.ts";
import { saveDecided } from "./save-decided.ts";

export interface SideTarget {
  readonly canonicalId: CanonicalId;
  readonly connection: ConnectionId;
}

export type RetryOutcome =
  | ({ readonly kind: "retried"; readonly state: Side["state"] } & SideTarget)
  | ({ readonly kind: "looked-at-again" } & ExternalRef)
  | Refusal;

type Needs = Pick<
  OperatorDependencies,
  "xrefs" | "parked" | "flows" | "deliveries" | "changes" | "clock"
>;

export async function retryParked(
  deps: Needs,
  target: SideTarget | ExternalRef,
  by: string,
): Promise<RetryOutcome> {
  return "canonicalId" in target ? retryRefused(deps, target, by) : lookAgain(deps, target);
}

async function retryRefused(
  deps: Needs,
  { canonicalId, connection }: SideTarget,
  by: string,
): Promise<RetryOutcome> {
  const decision = { connection, by, at: nowText(deps) };
  const decided = await saveDecided(deps, canonicalId, (xref) =>
    retrySide(xref, decision, deps.flows[xref.recordType]),
  );
  if (decided === undefined) return recordUnknown;
  const { xref } = decided;
  if (!Object.hasOwn(deps.flows[xref.recordType].sides, connection)) return sideUnknown;
  const refusal = refusalOf(xref, connection);
  if (refusal !== undefined) return refusal;
  await hintNow(deps.deliveries, xref, [connection]);
  return { kind: "retried", canonicalId, connection, state: sideOf(xref, connection).state };
}

/** What another try is no way out of. */
function refusalOf(xref: CrossReference, connection: ConnectionId): Refusal | undefined {
  const { state, review } = sideOf(xref, connection);
  if (state === "conflict") return disputed;
  if (state === "awaiting-approval") return awaitsApproval;
  if (state === "tombstoned") return endedHere;
  return review === undefined || review.isDismissed === true ? undefined : endedElsewhere;
}

async function lookAgain(deps: Needs, target: ExternalRef): Promise<RetryOutcome> {
  const { connection, recordType, externalId } = target;
  if ((await deps.parked.find(target)) === undefined) return notParked;
  // Whoever only speaks, as files do, is no side of any flow and cannot be asked.
  if (!Object.hasOwn(deps.flows[recordType].sides, connection)) return notReadable;
  const capturedAt = nowText(deps);
  const event = { connection, recordType, externalId, capturedAt, tries: 0 };
  await deps.changes.send([{ ...event, via: "look-again" }]);
  return { kind: "looked-at-again", connection, recordType, externalId };
}

const disputed: Refusal = {
  kind: "refused",
  status: 409,
  code: "field-conflict",
  fix: "Choose one of the values: POST /records/<canonical id>/decisions.",
};

const awaitsApproval: Refusal = {
  kind: "refused",
  status: 409,
  code: "run-awaits-approval",
  fix: "Approve the run that holds it back: POST /runs/<run id>/approval.",
};

const endedHere: Refusal = {
  kind: "refused",
  status: 409,
  code: "ended-here",
  fix: "Restore the record in this connection; nothing is written to it before.",
};

const endedElsewhere: Refusal = {
  kind: "refused",
  status: 409,
  code: "ended-elsewhere",
  fix: "Archive the record here, restore it where it ended, or dismiss the notice: POST /records/<canonical id>/dismissals.",
};

const notParked: Refusal = {
  kind: "refused",
  status: 404,
  code: "not-parked",
  fix: "Nothing is parked of this record: look it up under /cross-references.",
};

const notReadable: Refusal = {
  kind: "refused",
  status: 409,
  code: "source-not-readable",
  fix: "This source cannot be asked for one record: drop its file again.",
};
