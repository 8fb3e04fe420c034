/** Tells people why an order is not billed, where they know it, until it is. */
import { type CrossReference, sideOf } from "#shared/domain/cross-reference.ts";
import { derivedBy } from "#shared/domain/flow.ts";
import type { ExternalRef } from "#shared/domain/identifiers.ts";
import type { DeriveDependencies } from "./dependencies.ts";
import { nowText } from "./now-text.ts";

/** Takes back what was told before, where there is nothing to tell. */
export async function parkOrder(
  deps: Pick<DeriveDependencies, "parked" | "clock">,
  order: CrossReference,
  held: { readonly code: string; readonly fix: string } | undefined,
): Promise<void> {
  const ref = anySideOf(order);
  if (ref === undefined) return;
  if (held === undefined) return deps.parked.unpark([ref]);
  const failure = { kind: "rejected" as const, code: held.code, fix: held.fix };
  const parkedAt = nowText(deps);
  await deps.parked.park({ ...ref, failure, parkedAt });
}

/** A place where the order is known to people: the CRM's, else the first. */
function anySideOf(order: CrossReference): ExternalRef | undefined {
  const { recordType } = order;
  for (const connection of ["crm", ...Object.keys(order.sides)]) {
    const { externalId } = sideOf(order, connection);
    if (externalId !== undefined && connection !== derivedBy) {
      return { connection, recordType, externalId };
    }
  }
  return undefined;
}
