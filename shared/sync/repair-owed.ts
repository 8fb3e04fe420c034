/**
 * What a full check does for records that show nothing new: whoever is still owed a write, because a
 * hint was lost or a write was refused, is hinted again. A refused write gets one more try per check,
 * so that a cause removed in the remote heals without anybody's doing.
 */
import { limits } from "#shared/config/limits.ts";
import { isLinked, sideOf } from "#shared/domain/cross-reference.ts";
import type { CanonicalId } from "#shared/domain/identifiers.ts";
import { owedFields } from "#shared/domain/merge.ts";
import { concurrently } from "./concurrently.ts";
import type { ApplyDependencies } from "./dependencies.ts";
import type { HintSender } from "./hint-sender.ts";
import { saveSide } from "./save-side.ts";
import type { Counted } from "./tally.ts";

export async function repairOwed(
  deps: Pick<ApplyDependencies, "xrefs" | "flows">,
  checked: ReadonlyMap<CanonicalId, Counted>,
  hints: HintSender,
): Promise<void> {
  const xrefs = await deps.xrefs.load([...checked.keys()]);
  await concurrently([...checked], limits.tableConcurrencyMax, async ([canonicalId, cause]) => {
    const xref = xrefs.get(canonicalId);
    if (xref === undefined) return;
    const flow = deps.flows[xref.recordType];
    for (const connection of Object.keys(flow.sides)) {
      if (owedFields(xref, connection, flow).length === 0) continue;
      if (sideOf(xref, connection).state === "rejected") {
        await saveSide(deps, connection, canonicalId, (side) => ({
          ...side,
          state: isLinked(side) ? "dirty" : "absent",
        }));
      }
      hints.add(xref, [connection], cause);
    }
  });
}
