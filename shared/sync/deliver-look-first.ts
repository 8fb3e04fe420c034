/**
 * A remote without a lock cannot refuse a write that overwrites what a user just set. So where a write
 * changes a field that users of that remote may set, the record is read first; one that shows
 * something new is merged before anything is sent. What remains is the time between that read and the
 * write, and of that the remote's own history is the only witness.
 *
 * A document of the books is read whatever is owed to it: its state says what it still takes.
 */
import { limits } from "#shared/config/limits.ts";
import { type Side, sideOf } from "#shared/domain/cross-reference.ts";
import { digestField } from "#shared/domain/fingerprint.ts";
import { type Flow, policyInForce, ruleOf } from "#shared/domain/flow.ts";
import type { ConnectionId, ExternalId, RecordType } from "#shared/domain/identifiers.ts";
import type { ObservedRecord } from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { Connector } from "#shared/ports/connector.ts";
import { isLockable, type Looked, postponeUnread } from "./deliver-locks.ts";
import type { Deliveries, Delivery } from "./deliver-outcomes.ts";
import type { DeliverDependencies } from "./dependencies.ts";

/** Answers the deliveries that overwrite nothing unseen, with what was seen. */
export async function lookBeforeOverwrite(
  deps: DeliverDependencies,
  connector: Connector,
  recordType: RecordType,
  deliveries: readonly Delivery[],
  outcomes: Deliveries,
  signal: AbortSignal,
): Promise<readonly Looked[]> {
  const { connection } = connector;
  const flow = deps.flows[recordType];
  const isDocument = isLockable(connector, recordType);
  const watched = new Map(
    deliveries
      .map((delivery) => [delivery, watchedFields(delivery, connector, isDocument, flow)] as const)
      .filter(([{ write }, fields]) => fields.length > 0 || (isDocument && write.externalId)),
  );
  if (watched.size === 0) return deliveries.map((delivery) => ({ delivery }));
  const ids = [...watched.keys()].flatMap(({ write }) => write.externalId ?? []);
  let shown: ReadonlyMap<ExternalId, ObservedRecord>;
  try {
    const { records } = await connector.readByIds(recordType, ids, signal);
    shown = new Map(records.map((record) => [record.externalId, record]));
  } catch (cause) {
    if (!(cause instanceof SyncError)) throw cause;
    for (const delivery of watched.keys()) await postponeUnread(outcomes, delivery, cause.failure);
    const others = deliveries.filter((delivery) => !watched.has(delivery));
    return others.map((delivery) => ({ delivery }));
  }
  const safe: Looked[] = [];
  for (const delivery of deliveries) {
    const fields = watched.get(delivery) ?? [];
    const record = shown.get(delivery.write.externalId ?? "");
    const isSafe =
      fields.length === 0 ||
      (record !== undefined && !hasNews(record, delivery, fields, connection));
    if (isSafe) safe.push({ delivery, shown: record });
    else await outcomes.lookAgain(delivery, limits.retryDelayMs);
  }
  return safe;
}

/** The fields of which news must be merged before this is written. */
function watchedFields(
  delivery: Delivery,
  { connection, definition }: Connector,
  isDocument: boolean,
  flow: Flow,
): readonly string[] {
  // Whoever keeps changing it must not keep us from ever writing.
  if (delivery.write.externalId === undefined || delivery.hint.tries >= limits.triesMax) return [];
  const contested = definition.locks === "none" ? contestedFields(delivery, connection, flow) : [];
  // By its status the flow knows whose the other fields are.
  return isDocument ? [...new Set([...contested, "status"])] : contested;
}

/** An update of fields that users of this remote may set. */
function contestedFields(
  { write, xref }: Delivery,
  connection: ConnectionId,
  flow: Flow,
): readonly string[] {
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
