/** What an uncertain create may have made: looked up by its natural key and adopted, never repeated blindly. */
import { limits } from "#shared/config/limits.ts";
import { sideOf } from "#shared/domain/cross-reference.ts";
import type { RecordType } from "#shared/domain/identifiers.ts";
import { type Failure, SyncError } from "#shared/domain/sync-error.ts";
import type { Connector, LookUpResult } from "#shared/ports/connector.ts";
import { concurrently } from "./concurrently.ts";
import type { Deliveries, Delivery } from "./deliver-outcomes.ts";
import type { DeliverDependencies } from "./dependencies.ts";

/** Settles what can be settled, and answers what the remote surely lacks: it may be created. */
export async function settleLookUps(
  deps: DeliverDependencies,
  connector: Connector,
  recordType: RecordType,
  uncertain: readonly Delivery[],
  deliveries: Deliveries,
  signal: AbortSignal,
): Promise<Delivery[]> {
  if (uncertain.length === 0) return [];
  const absent: Delivery[] = [];
  const results = await lookUp(deps, connector, recordType, uncertain, signal);
  const looked = uncertain.map((delivery, index) => ({
    delivery,
    result: results[index] ?? notYet,
  }));
  await concurrently(looked, limits.tableConcurrencyMax, async ({ delivery, result }) => {
    switch (result.kind) {
      case "found":
        return deliveries.adopt(delivery, result.record, deps.flows[recordType]);
      case "not-found":
        absent.push(delivery);
        return;
      case "too-early":
        return deliveries.again(delivery, limits.intentLeaseMs);
      case "failed":
        return deliveries.postpone(delivery.hint, result.failure);
    }
  });
  return absent;
}

type Looked = LookUpResult | { readonly kind: "failed"; readonly failure: Failure };

const notYet: Looked = { kind: "too-early" };

async function lookUp(
  deps: DeliverDependencies,
  connector: Connector,
  recordType: RecordType,
  deliveries: readonly Delivery[],
  signal: AbortSignal,
): Promise<readonly Looked[]> {
  const requests = deliveries.map(({ xref, write }) => {
    const intent = sideOf(xref, connector.connection).intent;
    const attemptedAtMs = intent === undefined ? deps.clock() : Date.parse(intent.attemptedAt);
    return { write, attemptedAtMs };
  });
  try {
    return await connector.lookUp(recordType, requests, signal);
  } catch (cause) {
    if (!(cause instanceof SyncError)) throw cause;
    const { failure } = cause;
    return deliveries.map(() => ({ kind: "failed", failure }));
  }
}
