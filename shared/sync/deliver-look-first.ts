/**
 * A remote without a lock cannot refuse a write that overwrites what a user just set. So where a write
 * changes a field that users of that remote may set, the record is read first; one that shows
 * something new is merged before anything is sent. What remains is the time between that read and the
 * write, and of that the remote's own history is the only witness.
 */
import { limits } from "#shared/config/limits.ts";
import { type Side, sideOf } from "#shared/domain/cross-reference.ts";
import { digestField } from "#shared/domain/fingerprint.ts";
import { type Flow, policyInForce, ruleOf } from "#shared/domain/flow.ts";
import type { ConnectionId, ExternalId, RecordType } from "#shared/domain/identifiers.ts";
import type { ObservedRecord } from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { Connector } from "#shared/ports/connector.ts";
import type { Deliveries, Delivery } from "./deliver-outcomes.ts";
import type { DeliverDependencies } from "./dependencies.ts";

/** Answers the deliveries that overwrite nothing unseen. */
export async function lookBeforeOverwrite(
  deps: DeliverDependencies,
  connector: Connector,
  recordType: RecordType,
  deliveries: readonly Delivery[],
  outcomes: Deliveries,
  signal: AbortSignal,
): Promise<readonly Delivery[]> {
  const flow = deps.flows[recordType];
  const { connection, definition } = connector;
  if (definition.locks !== "none") return deliveries;
  const contested = new Map(
    deliveries
      // Whoever keeps changing it must not keep us from ever writing.
      .filter(({ hint }) => hint.tries < limits.triesMax)
      .map((delivery) => [delivery, contestedFields(delivery, connection, flow)] as const)
      .filter(([, fields]) => fields.length > 0),
  );
  if (contested.size === 0) return deliveries;
  const ids = [...contested.keys()].flatMap(({ write }) => write.externalId ?? []);
  let shown: ReadonlyMap<ExternalId, ObservedRecord>;
  try {
    const { records } = await connector.readByIds(recordType, ids, signal);
    shown = new Map(records.map((record) => [record.externalId, record]));
  } catch (cause) {
    if (!(cause instanceof SyncError)) throw cause;
    for (const { hint } of contested.keys()) outcomes.postpone(hint, cause.failure);
    return deliveries.filter((delivery) => !contested.has(delivery));
  }
  const safe: Delivery[] = [];
  for (const delivery of deliveries) {
    const fields = contested.get(delivery);
    const record = shown.get(delivery.write.externalId ?? "");
    const isSafe =
      fields === undefined ||
      (record !== undefined && !hasNews(record, delivery, fields, connection));
    if (isSafe) safe.push(delivery);
    else await outcomes.lookAgain(delivery, limits.retryDelayMs);
  }
  return safe;
}

/** An update of fields that users of this remote may set. */
function contestedFields(
  { write, xref }: Delivery,
  connection: ConnectionId,
  flow: Flow,
): readonly string[] {
  if (write.externalId === undefined) return [];
  return Object.keys(write.fields).filter((field) => {
    const rule = ruleOf(flow, field);
    if (rule === undefined) return false;
    const policy = policyInForce(rule.policy, xref.fields);
    if (policy.kind === "system-of-record") return policy.connection === connection;
    return policy.kind === "newest" || policy.kind === "manual";
  });
}

/** Fields that are about to be overwritten and do not show what we last saw. */
function hasNews(
  record: ObservedRecord,
  delivery: Delivery,
  fields: readonly string[],
  connection: ConnectionId,
): boolean {
  if (record.life !== "live") return true;
  const side: Side = sideOf(delivery.xref, connection);
  return fields.some((field) => {
    const value = record.fields[field];
    if (value === undefined) return false;
    const last = side.observed[field];
    // A field that was never filled there is not remembered as blank.
    return last === undefined ? value !== null : digestField(value) !== last;
  });
}
