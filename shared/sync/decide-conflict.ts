/**
 * A person chooses one of the two values of a disputed field. The chosen value is owed to whoever was
 * not sent it. Repeated, it finds nothing disputed, and hints again what is owed.
 */
import { sideOf } from "#shared/domain/cross-reference.ts";
import { ruleOf } from "#shared/domain/flow.ts";
import type { CanonicalId, ConnectionId } from "#shared/domain/identifiers.ts";
import { decideConflict as decide } from "#shared/domain/merge.ts";
import { owedConnections } from "#shared/domain/owed.ts";
import type { OperatorDependencies } from "./dependencies.ts";
import { hintNow } from "./hint-sender.ts";
import { claimNewKeys } from "./known-records.ts";
import { nowText } from "./now-text.ts";
import { type Refusal, recordUnknown, sideUnknown } from "./operator-outcome.ts";
import { saveDecided } from "./save-decided.ts";

export interface ConflictChoice {
  readonly canonicalId: CanonicalId;
  readonly connection: ConnectionId;
  readonly field: string;
  readonly keep: "golden" | "proposed";
  /** When the conflict that was looked at came up; another one is not decided by it. */
  readonly conflictAt?: string | undefined;
  readonly by: string;
}

export type ConflictOutcome =
  | { readonly kind: "decided" | "nothing-disputed"; readonly canonicalId: CanonicalId }
  | Refusal;

export async function decideConflict(
  deps: Pick<OperatorDependencies, "xrefs" | "flows" | "deliveries" | "clock">,
  choice: ConflictChoice,
): Promise<ConflictOutcome> {
  const { canonicalId, connection, field, conflictAt } = choice;
  const at = nowText(deps);
  let isOther = false;
  const decided = await saveDecided(
    deps,
    canonicalId,
    (xref) => {
      const conflict = sideOf(xref, connection).conflicts?.find((one) => one.field === field);
      isOther = conflict !== undefined && conflict.at !== (conflictAt ?? conflict.at);
      return isOther ? undefined : decide(xref, { ...choice, at }, deps.flows[xref.recordType]);
    },
    async (before, next) => {
      const flow = deps.flows[next.recordType];
      return (await claimNewKeys(deps.xrefs, flow, before, next)).claims;
    },
  );
  if (decided === undefined) return recordUnknown;
  const { xref, isSaved } = decided;
  const flow = deps.flows[xref.recordType];
  if (!Object.hasOwn(xref.sides, connection) || ruleOf(flow, field) === undefined) {
    return sideUnknown;
  }
  if (isOther) return conflictChanged;
  await hintNow(deps.deliveries, xref, owedConnections(xref, flow));
  return { kind: isSaved ? "decided" : "nothing-disputed", canonicalId };
}

const conflictChanged: Refusal = {
  kind: "refused",
  status: 409,
  code: "conflict-changed",
  fix: "Another value was proposed meanwhile: look at the record again, then decide.",
};
