/**
 * A person leaves a record as it is here, though it ended elsewhere. Remembered until it ends once
 * more. Repeated, it changes nothing.
 */
import { sideOf } from "#shared/domain/cross-reference.ts";
import { dismissReview as dismiss } from "#shared/domain/decisions.ts";
import type { CanonicalId, ConnectionId } from "#shared/domain/identifiers.ts";
import type { OperatorDependencies } from "./dependencies.ts";
import { nowText } from "./now-text.ts";
import { type Refusal, recordUnknown } from "./operator-outcome.ts";
import { saveDecided } from "./save-decided.ts";

export interface Dismissal {
  readonly canonicalId: CanonicalId;
  readonly connection: ConnectionId;
  readonly by: string;
}

export type DismissalOutcome =
  | {
      readonly kind: "dismissed";
      readonly canonicalId: CanonicalId;
      readonly connection: ConnectionId;
    }
  | Refusal;

export async function dismissReview(
  deps: Pick<OperatorDependencies, "xrefs" | "clock">,
  { canonicalId, connection, by }: Dismissal,
): Promise<DismissalOutcome> {
  const decision = { connection, by, at: nowText(deps) };
  const decided = await saveDecided(deps, canonicalId, (xref) => dismiss(xref, decision));
  if (decided === undefined) return recordUnknown;
  const { review } = sideOf(decided.xref, connection);
  return review === undefined ? nothingToDismiss : { kind: "dismissed", canonicalId, connection };
}

const nothingToDismiss: Refusal = {
  kind: "refused",
  status: 409,
  code: "nothing-to-dismiss",
  fix: "Nothing is asked about this side: look at the record under /cross-references.",
};
