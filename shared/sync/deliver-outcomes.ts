/** What became of each delivery of a batch: saved on the cross-reference, counted, logged, re-sent. */
import { limits } from "#shared/config/limits.ts";
import { type CrossReference, isLinked, sideOf } from "#shared/domain/cross-reference.ts";
import {
  afterFailedCreate,
  afterFailedUpdate,
  afterRefusal,
  alreadyLinked,
} from "#shared/domain/failed-write.ts";
import { digestRecord } from "#shared/domain/fingerprint.ts";
import type { Flow } from "#shared/domain/flow.ts";
import type { CanonicalId, ConnectionId, ExternalId } from "#shared/domain/identifiers.ts";
import { recordLifeWrite, recordWrite } from "#shared/domain/merge.ts";
import { owedConnections, settleStates } from "#shared/domain/owed.ts";
import { type Fields, isMoney, type ObservedRecord } from "#shared/domain/records.ts";
import { type Failure, SyncError } from "#shared/domain/sync-error.ts";
import type { TrailEntry } from "#shared/domain/trail.ts";
import type { RemoteWrite, WriteResult } from "#shared/ports/connector.ts";
import type { DeliveryHint } from "#shared/ports/queues.ts";
import { delayAfter, isOwnTry, isTransient } from "./backoff.ts";
import type { DeliverDependencies } from "./dependencies.ts";
import { registeredTwice } from "./find-place.ts";
import { claimNewKeys, readKnown } from "./known-records.ts";
import { withKnownReferences } from "./known-references.ts";
import { type MergedObservation, mergeObservation, newlyLinked } from "./merge-observation.ts";
import { nowText } from "./now-text.ts";
import { pendingReferences, resolveInward } from "./references.ts";
import { saveSide } from "./save-side.ts";
import { type Received, Tally } from "./tally.ts";

/** A hint with the message it came in. */
export type ReceivedHint = DeliveryHint & Received;

export interface Delivery {
  readonly hint: ReceivedHint;
  /** With references filled in that became known since it was stored. */
  readonly xref: CrossReference;
  readonly stored: CrossReference;
  /** The golden values that are owed, as they stood when the write was made. */
  readonly golden: Fields;
  readonly write: RemoteWrite;
  /** The references of the write, back to canonical ids. */
  readonly resolved: ReadonlyMap<string, { readonly canonicalId: CanonicalId }>;
}

type Held = Pick<Delivery, "xref" | "stored">;

export class Deliveries {
  readonly #deps: DeliverDependencies;
  readonly #connection: ConnectionId;
  readonly #tally = new Tally();
  readonly #later = new Map<
    string,
    { connection: ConnectionId; delayMs: number; hints: DeliveryHint[] }
  >();

  constructor(deps: DeliverDependencies, connection: ConnectionId) {
    this.#deps = deps;
    this.#connection = connection;
  }

  /** Sends what must be looked at again, then adds the counts. */
  async close(): Promise<void> {
    for (const { connection, delayMs, hints } of this.#later.values()) {
      await this.#deps.deliveries.send(connection, hints, { delayMs });
    }
    await this.#tally.save(this.#deps.runs);
  }

  /**
   * Stores references that became known, where nothing is owed beside them; false where another worker
   * was faster, and all is to be looked at again.
   */
  async saveResolved({ xref, stored }: Delivery, flow: Flow): Promise<boolean> {
    const at = nowText(this.#deps);
    const next: CrossReference = {
      ...settleStates(xref, flow, false, at),
      trail: [{ kind: "resolved", at, connection: this.#connection }],
    };
    const { claims } = await claimNewKeys(this.#deps.xrefs, flow, stored, next);
    return (await this.#deps.xrefs.save(next, claims, [])) === "saved";
  }

  /** Nothing was left to do. */
  settle(hint: ReceivedHint): void {
    this.#tally.count(hint, `settled.${this.#connection}.${hint.recordType}`);
  }

  /** Nothing is left to do, but what was done there may not be known: a look at the record tells. */
  async settleByLook(delivery: Delivery): Promise<void> {
    this.settle(delivery.hint);
    const { externalId } = delivery.write;
    if (externalId !== undefined) await this.#lookAt(delivery, externalId);
  }

  /**
   * Nothing is to be archived any more, and nobody knows whether a call of ours did so: what the remote
   * shows tells, once no such call can be under way.
   */
  async settleArchiving(delivery: Delivery, since: string): Promise<void> {
    const leftMs = limits.intentLeaseMs - (this.#deps.clock() - Date.parse(since));
    return leftMs > 0 ? this.again(delivery, leftMs) : this.settleByLook(delivery);
  }

  /** The remote's word stands, so nothing is left to write. */
  leave(delivery: Delivery, code: string): void {
    this.settle(delivery.hint);
    this.#log(delivery, "left", code);
  }

  /** A lost race or a lease: look again soon, with a fresh read. */
  again(delivery: Delivery, delayMs = 0): void {
    this.#sendLater(delivery.hint, delayMs);
  }

  wait(delivery: Delivery, waitsFor: readonly string[]): void {
    this.#log(delivery, "waiting", waitsFor[0]);
  }

  /** A failure of the remote, not of the record: as often as it takes, no sooner than it asks. */
  postpone(hint: ReceivedHint, failure: Failure): void {
    const tries = hint.tries + (isOwnTry(failure) ? 1 : 0);
    this.#sendLater({ ...hint, tries }, delayAfter(failure, hint.tries));
  }

  async saveResult(delivery: Delivery, result: WriteResult, flow: Flow): Promise<void> {
    if (result.kind === "written") {
      if (delivery.write.life !== undefined) return this.#saveLife(delivery, result, flow);
      return this.#saveWritten(delivery, result, flow);
    }
    const { failure } = result;
    const tries = delivery.hint.tries + (isOwnTry(failure) ? 1 : 0);
    if (isTransient(failure) && tries < limits.triesMax) {
      await this.#saveFailure(delivery, failure);
      this.postpone(delivery.hint, failure);
      this.#log(delivery, failure.kind, failure.code);
    } else if (failure.kind === "conflict" && tries < limits.triesMax) {
      await this.lookAgain(delivery, limits.retryDelayMs);
    } else await this.refuse(delivery, failure);
  }

  /**
   * Takes a record that a former, uncertain create is found to have made. It is merged as any other
   * sighting, so that whatever it lacks is still owed.
   */
  async adopt(delivery: Delivery, record: ObservedRecord, flow: Flow): Promise<void> {
    const { canonicalId } = delivery.xref;
    const fields = resolveInward(record.fields, delivery.resolved);
    const sighted = {
      connection: this.#connection,
      capturedAt: nowText(this.#deps),
      runId: delivery.hint.runId,
      tries: 0,
      record: { ...record, fields, registeredId: canonicalId },
    };
    const known = await readKnown(this.#deps.xrefs, flow, [sighted]);
    const merged = await adopted(mergeObservation(this.#deps.xrefs, flow, sighted, known));
    // It was linked with another record while this one was looked up: a person merges the two.
    if (merged === undefined) return this.#lookAt(delivery, record.externalId);
    if (merged.xref.canonicalId !== canonicalId) return this.refuse(delivery, alreadyLinked);
    this.#written(delivery, { next: merged.xref }, fields, flow);
  }

  /**
   * Parks the side with its code and fix; a change of the golden record tries again. The intent of a
   * create that may have landed is kept: by it the next try looks first.
   */
  async refuse(delivery: Delivery, failure: Failure): Promise<void> {
    const isArchive = delivery.write.life === "archived";
    await saveSide(this.#deps, delivery.xref.canonicalId, {
      connection: this.#connection,
      change: (side) => afterRefusal(side, failure, isArchive),
      entry: this.#failed(failure),
    });
    const { recordType } = delivery.xref;
    this.#tally.count(delivery.hint, `refused.${this.#connection}.${recordType}`);
    this.#log(delivery, "refused", failure.code);
  }

  /**
   * Saves a write. A lost race is read and recorded again: the write has happened, whatever another
   * worker saved meanwhile; should the golden record have moved on, the rest is still owed.
   */
  async #saveWritten(
    delivery: Delivery,
    result: WriteResult & { kind: "written" },
    flow: Flow,
  ): Promise<void> {
    const { externalId, version } = result;
    const { recordType, canonicalId } = delivery.xref;
    const observed = this.#observedInward(delivery, result.observed);
    const connection = this.#connection;
    const ref = { connection, recordType, externalId };
    const sent = delivery.golden;
    const capturedAt = nowText(this.#deps);
    let held: Held | undefined = delivery;
    for (let tries = 0; tries < limits.saveTriesMax && held !== undefined; tries += 1) {
      const { xref, stored }: Held = held;
      const written = { connection, externalId, version, sent, observed, capturedAt };
      const side = sideOf(xref, connection);
      // It was linked with another record while we made this one: a person merges the two.
      if ((side.externalId ?? externalId) !== externalId) return this.#lookAt(delivery, externalId);
      const next = recordWrite(xref, written, flow);
      const isNew = !isLinked(side);
      const ofKeys = await claimNewKeys(this.#deps.xrefs, flow, stored, next);
      const claims = { ...ofKeys.claims, externalRefs: isNew ? [ref] : [] };
      const outcome = await this.#deps.xrefs.save(next, claims, newlyLinked(xref, next));
      if (outcome === "saved") {
        const digest = digestRecord(sideOf(next, connection).observed);
        const revision = next.revision + 1;
        await this.#deps.xrefs.markSeen(ref, { digest, version, revision });
        return this.#written(delivery, { before: xref, next }, observed, flow);
      }
      // A key that another worker claimed just now is not claimed the next time.
      const isOfKeys = claims.matchKeys.length > 0;
      if (outcome === "claimed" && !isOfKeys) return this.refuse(delivery, alreadyLinked);
      held = await this.#reload(canonicalId);
    }
    throw new SyncError({ kind: "retryable", code: "save-contended" });
  }

  /** Saves that the record was archived by us, or brought back. */
  async #saveLife(
    delivery: Delivery,
    { externalId, version }: WriteResult & { kind: "written" },
    flow: Flow,
  ): Promise<void> {
    const { life = "live" } = delivery.write;
    const { canonicalId, recordType } = delivery.xref;
    const connection = this.#connection;
    const capturedAt = nowText(this.#deps);
    let held: Held | undefined = delivery;
    for (let tries = 0; tries < limits.saveTriesMax && held !== undefined; tries += 1) {
      const { xref, stored }: Held = held;
      const written = { connection, externalId, version, life, capturedAt };
      const next = recordLifeWrite(xref, written, flow);
      const { claims } = await claimNewKeys(this.#deps.xrefs, flow, stored, next);
      if ((await this.#deps.xrefs.save(next, claims, newlyLinked(xref, next))) === "saved") {
        const revision = next.revision + 1;
        const side = sideOf(next, connection);
        const digest = side.state === "tombstoned" ? "ended" : digestRecord(side.observed);
        const ref = { connection, recordType, externalId };
        await this.#deps.xrefs.markSeen(ref, { digest, version, revision });
        const result = life === "archived" ? "archived" : "restored";
        this.#tally.count(delivery.hint, `${result}.${connection}.${recordType}`);
        return this.#log(delivery, result);
      }
      held = await this.#reload(canonicalId);
    }
    throw new SyncError({ kind: "retryable", code: "save-contended" });
  }

  /** As the delivery had it: what the remote's answer refers to must read as the golden record does. */
  async #reload(canonicalId: CanonicalId): Promise<Held | undefined> {
    const { xrefs } = this.#deps;
    const stored = (await xrefs.load([canonicalId])).get(canonicalId);
    if (stored === undefined) return undefined;
    const [xref = stored] = await withKnownReferences(xrefs, [stored]);
    return { xref, stored };
  }

  /** `before`: the record as the save found it, which may be newer than the delivery. */
  #written(
    delivery: Delivery,
    { before, next }: { readonly before?: CrossReference; readonly next: CrossReference },
    observed: Fields,
    flow: Flow,
  ): void {
    // Made by this delivery, even where a webhook of it was faster than this save.
    const isNew = delivery.write.externalId === undefined;
    const { recordType } = delivery.xref;
    const { hint } = delivery;
    // A record counts as made in the run that brought it, whoever hinted at it first.
    const runId = isNew ? (delivery.xref.runId ?? hint.runId) : hint.runId;
    const cause = { runId, receipt: hint.receipt };
    const path = `${this.#connection}.${recordType}`;
    this.#tally.count(cause, `${isNew ? "created" : "updated"}.${path}`);
    const total = observed["total"] ?? delivery.golden["total"];
    if (isNew && isMoney(total)) {
      this.#tally.count(cause, `total.${path}.${total.currency}`, total.minor);
    }
    this.#log(delivery, isNew ? "created" : "updated");
    // The answer held news for another side, or the golden record moved on during the write and
    // whoever moved it found this one unfinished. Who was owed before has been hinted at by others.
    const hinted = new Set(before === undefined ? [] : owedConnections(before, flow));
    hinted.delete(this.#connection);
    for (const connection of owedConnections(next, flow)) {
      if (hinted.has(connection)) continue;
      this.#tally.count(hint, `owed.${connection}.${recordType}`);
      this.#sendLater({ ...delivery.hint, tries: 0 }, limits.retryDelayMs, connection);
    }
  }

  /** References of the answer as canonical ids, where this write resolved them; others say nothing. */
  #observedInward(delivery: Delivery, observed: Fields): Fields {
    const resolved = resolveInward(observed, delivery.resolved);
    return Object.fromEntries(
      Object.entries(resolved).filter(([, value]) => pendingReferences({ value }).length === 0),
    );
  }

  async #saveFailure(delivery: Delivery, failure: Failure): Promise<void> {
    const { externalId, life } = delivery.write;
    const ownTries = sideOf(delivery.xref, this.#connection).intent?.tries;
    await saveSide(this.#deps, delivery.xref.canonicalId, {
      connection: this.#connection,
      change: (side) =>
        externalId === undefined
          ? afterFailedCreate(side, failure, ownTries)
          : afterFailedUpdate(side, failure, life === "archived"),
      entry: this.#failed(failure),
    });
  }

  #failed({ kind, code }: Failure): TrailEntry {
    const at = nowText(this.#deps);
    return { kind: "failed", at, connection: this.#connection, failureKind: kind, code };
  }

  /** The remote's record moved: read it, merge, and come back with what is then owed. */
  async lookAgain(delivery: Delivery, delayMs: number): Promise<void> {
    const { externalId } = delivery.write;
    if (externalId !== undefined) await this.#lookAt(delivery, externalId);
    this.#sendLater({ ...delivery.hint, tries: delivery.hint.tries + 1 }, delayMs);
  }

  async #lookAt({ xref, hint }: Delivery, externalId: ExternalId): Promise<void> {
    const { recordType } = xref;
    const connection = this.#connection;
    const capturedAt = nowText(this.#deps);
    const via = "look-again" as const;
    const event = { connection, recordType, externalId, capturedAt, via, tries: 0 };
    await this.#deps.changes.send([event], { runId: hint.runId });
  }

  #sendLater(received: ReceivedHint, delayMs: number, connection = this.#connection): void {
    const { receipt: _receipt, isRepeated: _isRepeated, ...hint } = received;
    const key = `${connection} ${delayMs}`;
    const later = this.#later.get(key) ?? { connection, delayMs, hints: [] };
    later.hints.push(hint);
    this.#later.set(key, later);
  }

  #log(delivery: Delivery, result: string, code?: string): void {
    const { recordType, canonicalId } = delivery.xref;
    this.#deps.log.moved({
      from: "tieout",
      recordType,
      id: canonicalId,
      to: this.#connection,
      result,
      code,
      runId: delivery.hint.runId,
    });
  }
}

/** Undefined where the record of ours that was found bears another one there by now. */
async function adopted(
  merging: Promise<MergedObservation>,
): Promise<MergedObservation | undefined> {
  try {
    return await merging;
  } catch (cause) {
    if (cause instanceof SyncError && cause.failure.code === registeredTwice.code) return undefined;
    throw cause;
  }
}
