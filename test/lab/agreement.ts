/** What must hold when all is quiet: both systems, the golden record and the people agree. */
import { type CrossReference, isLinked, sideOf } from "#shared/domain/cross-reference.ts";
import { digestField } from "#shared/domain/fingerprint.ts";
import { ruleOf } from "#shared/domain/flow.ts";
import { externalRefKey } from "#shared/domain/identifiers.ts";
import { owedConnections } from "#shared/domain/owed.ts";
import type { ObservedRecord } from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import { flows } from "#shared/flows/flows.ts";
import type { Connector } from "#shared/ports/connector.ts";
import { pendingReferences, resolveInward, survivorOf } from "#shared/sync/references.ts";
import type { Evidence, WitnessedEdit } from "./evidence.ts";
import type { Violations } from "./violations.ts";
import type { World } from "./world.ts";

const PAGES_MAX = 1_000;

export async function checkAgreement(
  world: World,
  evidence: Evidence,
  violations: Violations,
): Promise<void> {
  const xrefs = world.ports.all();
  checkPlaces(xrefs, violations);
  for (const connector of (await world.witnesses()).values()) {
    for (const recordType of connector.definition.reads) {
      for (const record of await readAll(world, connector, recordType)) {
        await checkRecord(world, connector.connection, record, violations);
      }
    }
  }
  for (const xref of xrefs) checkOwed(xref, violations);
  checkCreatedOnce(world, violations);
  const parked = await parkedPlaces(world);
  checkEdits(evidence, liveIds(world), parked, violations);
  checkMoney(world, xrefs, parked, violations);
}

/** Nobody waits for a record that is there. */
export function checkWaits(world: World, violations: Violations): void {
  const xrefs = world.ports.all();
  const byId = new Map(xrefs.map((xref) => [xref.canonicalId, xref]));
  for (const { canonicalId, sides } of xrefs) {
    for (const [connection, { state, waitsFor = [] }] of Object.entries(sides)) {
      if (state !== "blocked") continue;
      const isThere = (key: string): boolean => {
        const parent = survivorOf(byId, key);
        return parent !== undefined && isLinked(sideOf(parent, connection));
      };
      const about = (): string => `${canonicalId} on ${connection} for ${waitsFor.join(", ")}`;
      violations.check("waiter-woken", !waitsFor.every(isThere), about);
    }
  }
}

/** I1: one record of ours for each of theirs. */
function checkPlaces(xrefs: readonly CrossReference[], violations: Violations): void {
  const holders = new Map<string, string>();
  for (const { canonicalId, recordType, sides } of xrefs) {
    for (const [connection, side] of Object.entries(sides)) {
      if (!isLinked(side)) continue;
      const key = externalRefKey({ connection, recordType, externalId: side.externalId });
      const other = holders.get(key);
      violations.check("I1", other === undefined, () => `${key}: ${other} and ${canonicalId}`);
      holders.set(key, canonicalId);
    }
  }
}

/** A witness asks when it may: the engine's last calls count against the same quota. */
async function readAll(
  world: World,
  connector: Connector,
  recordType: ObservedRecord["recordType"],
): Promise<ObservedRecord[]> {
  const { signal } = new AbortController();
  const records: ObservedRecord[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const read = await connector
      .readChanges(recordType, { cursor, signal })
      .catch((cause: unknown) => waitFor(world, cause));
    if (read === undefined) continue;
    records.push(...read.records);
    cursor = read.nextCursor;
    if (cursor === undefined) break;
  }
  return records;
}

/** Lets the time pass that a remote asked for; passes on any other failure. */
function waitFor(world: World, cause: unknown): undefined {
  if (!(cause instanceof SyncError) || cause.failure.kind !== "rate-limited") throw cause;
  world.ports.clock.advance(cause.failure.retryAfterMs ?? 60_000);
  return undefined;
}

/** I6 and I19: a live record is known, and holds what was agreed, or somebody is told why not. */
async function checkRecord(
  world: World,
  connection: string,
  record: ObservedRecord,
  violations: Violations,
): Promise<void> {
  if (record.life !== "live" || record.excluded !== undefined) return;
  const { recordType, externalId } = record;
  const ref = { connection, recordType, externalId };
  const key = externalRefKey(ref);
  const { xrefs } = world.ports;
  const entry = (await xrefs.findExternalRefs([ref])).get(key);
  const xref = entry && (await xrefs.load([entry.canonicalId])).get(entry.canonicalId);
  if (xref === undefined) {
    const isParked = (await parkedPlaces(world)).has(placeOf(ref));
    violations.check("I19", isParked, () => `${key} is not known: ${show(record)}`);
    return;
  }
  const side = sideOf(xref, connection);
  violations.check(
    "I6",
    side.externalId === externalId,
    () => `${key} is not ${xref.canonicalId}'s`,
  );
  violations.check("I6", isLinked(side), () => `${key} lives, its side is ${side.state}`);
  const isExplained = ["rejected", "conflict", "blocked", "awaiting-approval"].includes(side.state);
  if (isExplained || !isLinked(side)) return;
  const targets = Object.values(record.fields).length;
  violations.check("I6", targets > 0, () => `${key} shows nothing`);
  const fields = resolveInward(record.fields, await knownReferences(world, record));
  const flow = flows[recordType];
  for (const [field, value] of Object.entries(fields)) {
    const rule = ruleOf(flow, field);
    const golden = xref.fields[field];
    if (value === undefined || rule === undefined) continue;
    if (!rule.sides.includes(connection) || xref.mergedInto !== undefined) continue;
    const shown = digestField(value);
    const isAgreed = shown === digestField(golden ?? null);
    // As the remote keeps what it was sent: trimmed, cut, rounded.
    const isKept =
      side.observed[field] === shown && side.sent[field] === digestField(golden ?? null);
    violations.check(
      "I6",
      isAgreed || isKept,
      () => `${key} ${field}: ${show(value)}, golden ${show(golden)}`,
    );
  }
}

async function knownReferences(world: World, record: ObservedRecord) {
  return world.ports.xrefs.findExternalRefs(pendingReferences(record.fields));
}

/** Nobody is owed a write that nobody is told of. */
function checkOwed(xref: CrossReference, violations: Violations): void {
  for (const connection of owedConnections(xref, flows[xref.recordType])) {
    const { state } = sideOf(xref, connection);
    const isExplained = state === "blocked" || state === "conflict";
    violations.check(
      "I6",
      isExplained,
      () => `${xref.canonicalId} is owed to ${connection}: ${state}`,
    );
  }
}

/** I2: of what we made, one each. */
function checkCreatedOnce(world: World, violations: Violations): void {
  const made = new Map<string, number>();
  const count = (key: string): void => void made.set(key, (made.get(key) ?? 0) + 1);
  for (const type of ["companies", "deals"] as const) {
    for (const { properties } of world.hubspot.records(type)) {
      if (properties["record_id"]) count(`${type} ${properties["record_id"]}`);
    }
  }
  for (const { ContactNumber } of world.xero.records("contacts")) {
    if (ContactNumber !== "") count(`contact ${ContactNumber}`);
  }
  for (const { Reference, Status } of world.xero.records("invoices")) {
    if (Reference !== "" && Status !== "DELETED") count(`invoice ${Reference}`);
  }
  for (const [key, copies] of made)
    violations.check("I2", copies === 1, () => `${copies} of ${key}`);
}

/** Records that no record of ours stands for, or that nothing is derived from, and of which a person is told. */
async function parkedPlaces(world: World): Promise<ReadonlySet<string>> {
  const { records } = await world.ports.parked.list(1_000);
  return new Set(records.filter(({ canonicalId }) => canonicalId === undefined).map(placeOf));
}

function placeOf(record: {
  readonly connection: string;
  readonly recordType: string;
  readonly externalId?: string | undefined;
}): string {
  return `${record.connection} ${record.recordType} ${record.externalId}`;
}

/**
 * I5: what a user entered is in force, or was, or lost to another value, which the trail tells; or the
 * record is set aside as it is, and a person is told of it.
 */
function checkEdits(
  evidence: Evidence,
  live: ReadonlySet<string>,
  parked: ReadonlySet<string>,
  violations: Violations,
): void {
  for (const edit of evidence.edits) {
    if (parked.has(placeOf(edit))) continue;
    // What was archived or merged since may have been so before we ever saw it.
    if (edit.connection !== "files" && !live.has(edit.externalId)) continue;
    if (edit.value === null || edit.isSuperseded || !edit.isShown || !isEntitled(edit)) continue;
    const isAccounted = evidence.golden.has(edit.value) || evidence.lost.has(edit.value);
    violations.check("I5", isAccounted, () => JSON.stringify(edit));
  }
}

/** A field that is another system's to set is put back, whether its value was seen before or not. */
function isEntitled({ recordType, field, connection }: WitnessedEdit): boolean {
  const policy = ruleOf(flows[recordType], field)?.policy;
  if (connection === "files") return true;
  return policy?.kind !== "system-of-record" || policy.connection === connection;
}

function liveIds({ hubspot, xero }: World): ReadonlySet<string> {
  return new Set([
    ...(["companies", "products", "deals"] as const).flatMap((type) =>
      hubspot.records(type).map(({ id }) => id),
    ),
    ...xero
      .records("contacts")
      .filter(({ ContactStatus }) => ContactStatus === "ACTIVE")
      .map(({ ContactID }) => ContactID),
    ...xero.records("items").map(({ ItemID }) => ItemID),
  ]);
}

/**
 * I9: a draft that nobody touched bills what its order says, to the cent. Of an order that is held, a
 * person is told why its draft is as it was.
 */
function checkMoney(
  world: World,
  xrefs: readonly CrossReference[],
  parked: ReadonlySet<string>,
  violations: Violations,
): void {
  const byId = new Map(xrefs.map((xref) => [xref.canonicalId, xref]));
  for (const invoice of xrefs) {
    const { order, status, lines } = invoice.fields;
    const side = sideOf(invoice, "books");
    if (invoice.recordType !== "invoice" || status !== "draft" || side.state !== "linked") continue;
    const orderId =
      typeof order === "object" && order !== null && "canonicalId" in order
        ? order.canonicalId
        : "";
    const source = byId.get(orderId);
    if (source === undefined || source.fields["status"] !== "won") continue;
    const { externalId } = sideOf(source, "crm");
    if (parked.has(placeOf({ connection: "crm", recordType: "order", externalId }))) continue;
    const billed = world.xero.records("invoices").find((one) => one.InvoiceID === side.externalId);
    const total = source.fields["total"];
    if (billed === undefined || lines === undefined || typeof total !== "object" || total === null)
      continue;
    const minor = BigInt(billed.SubTotal.replace(".", ""));
    const expected = "minor" in total ? total.minor : undefined;
    violations.check(
      "I9",
      minor === expected,
      () => `${invoice.canonicalId}: ${billed.SubTotal} for ${expected}`,
    );
  }
}

function show(value: unknown): string {
  return (
    JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part)) ??
    "absent"
  );
}
