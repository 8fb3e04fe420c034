/**
 * What a full check does for records that show nothing new: whoever is still owed a write, because a
 * hint was lost or a write was refused, is hinted again. A refused write gets one more try per check,
 * so that a cause removed in the remote heals without anybody's doing.
 */
import { limits } from "#shared/config/limits.ts";
import { sideOf } from "#shared/domain/cross-reference.ts";
import { retrySide } from "#shared/domain/decisions.ts";
import { derivedBy } from "#shared/domain/flow.ts";
import type { CanonicalId, ConnectionId } from "#shared/domain/identifiers.ts";
import { owedConnections, owedFields } from "#shared/domain/owed.ts";
import { concurrently } from "./concurrently.ts";
import type { ApplyDependencies } from "./dependencies.ts";
import type { HintSender } from "./hint-sender.ts";
import { nowText } from "./now-text.ts";
import { saveDecided } from "./save-decided.ts";
import type { Counted } from "./tally.ts";

export async function repairOwed(
  deps: Pick<ApplyDependencies, "xrefs" | "flows" | "clock">,
  checked: ReadonlyMap<CanonicalId, Counted>,
  hints: HintSender,
): Promise<void> {
  const xrefs = await deps.xrefs.load([...checked.keys()]);
  await concurrently([...checked], limits.tableConcurrencyMax, async ([canonicalId, cause]) => {
    const xref = xrefs.get(canonicalId);
    if (xref === undefined) return;
    const flow = deps.flows[xref.recordType];
    for (const connection of Object.keys(flow.sides)) {
      if (sideOf(xref, connection).state === "rejected") {
        if (owedFields(xref, connection, flow).length === 0) continue;
        await retryRefused(deps, canonicalId, connection);
        hints.add(xref, [connection], cause);
      }
    }
    hints.add(xref, owedConnections(xref, flow), cause);
  });
}

/** Frees a side that was refused, so that the next hint tries it again. */
async function retryRefused(
  deps: Pick<ApplyDependencies, "xrefs" | "flows" | "clock">,
  canonicalId: CanonicalId,
  connection: ConnectionId,
): Promise<void> {
  const decision = { connection, by: derivedBy, at: nowText(deps) };
  await saveDecided(deps, canonicalId, (xref) =>
    retrySide(xref, decision, deps.flows[xref.recordType]),
  );
}
