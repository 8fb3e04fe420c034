/**
 * What people merged in one system: the references of the record that is gone lead to the one that
 * took it in, and its documents count there. Repeating it changes nothing.
 */
import { limits } from "#shared/config/limits.ts";
import { absorb, exchangePlaces } from "#shared/domain/absorb.ts";
import { type CrossReference, sideOf, withSide } from "#shared/domain/cross-reference.ts";
import {
  type ConnectionId,
  type ExternalId,
  type ExternalRef,
  externalRefKey,
  type RecordType,
} from "#shared/domain/identifiers.ts";
import { owedConnections } from "#shared/domain/owed.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import { type ExternalRefEntry, noClaims } from "#shared/ports/mapping-table.ts";
import type { ApplyDependencies } from "./dependencies.ts";
import type { HintSender } from "./hint-sender.ts";
import { newlyLinked } from "./merge-observation.ts";
import { survivorOf } from "./references.ts";
import type { Counted } from "./tally.ts";

export interface Merger {
  readonly connection: ConnectionId;
  readonly recordType: RecordType;
  readonly survivorId: ExternalId;
  readonly loserId: ExternalId;
  /** When it was read, our clock. */
  readonly at: string;
  readonly cause: Counted;
}

type Needs = Pick<ApplyDependencies, "xrefs" | "flows" | "changes">;

export async function absorbMerged(
  deps: Needs,
  merger: Merger,
  hints: HintSender,
): Promise<"done" | "unchanged"> {
  for (let tries = 0; tries < limits.saveTriesMax; tries += 1) {
    const outcome = await tryAbsorb(deps, merger, hints);
    if (outcome !== "lost") return outcome;
  }
  throw new SyncError({ kind: "retryable", code: "save-contended" });
}

async function tryAbsorb(
  deps: Needs,
  merger: Merger,
  hints: HintSender,
): Promise<"done" | "unchanged" | "lost"> {
  const { connection, recordType, survivorId, loserId } = merger;
  const survivorRef = { connection, recordType, externalId: survivorId };
  const loserRef = { connection, recordType, externalId: loserId };
  const refs = await deps.xrefs.findExternalRefs([survivorRef, loserRef]);
  const [survivorEntry, loserEntry] = [survivorRef, loserRef].map((ref) =>
    refs.get(externalRefKey(ref)),
  );
  if (loserEntry === undefined) return "unchanged";
  const ids = [survivorEntry, loserEntry].flatMap((entry) => entry?.canonicalId ?? []);
  const xrefs = await deps.xrefs.load(ids);
  const loser = xrefs.get(loserEntry.canonicalId);
  // It stands elsewhere by now: what is told here was so before that.
  if (loser === undefined || sideOf(loser, connection).externalId !== loserId) return "unchanged";
  if (survivorEntry === undefined) return follow(deps, merger, loser, survivorRef, loserRef);
  const survivor = survivorOf(xrefs, survivorEntry.canonicalId);
  if (survivor === undefined) return "unchanged";
  if (survivor.canonicalId === loser.canonicalId) {
    const holder = xrefs.get(survivorEntry.canonicalId);
    return exchange(deps, merger, { survivor, holder, survivorRef, loserRef }, hints);
  }
  return unite(deps, merger, { loser, loserEntry, loserRef, survivor }, hints);
}

/** Nobody knows the survivor: the loser's record is the survivor's from now on. */
async function follow(
  deps: Needs,
  merger: Merger,
  loser: CrossReference,
  survivorRef: ExternalRef,
  loserRef: ExternalRef,
): Promise<"done" | "lost"> {
  const { connection, at, cause } = merger;
  const side = { ...sideOf(loser, connection), externalId: survivorRef.externalId };
  const next: CrossReference = {
    ...withSide(loser, connection, { ...side, remoteVersion: undefined }),
    changedAt: at,
    trail: [{ kind: "absorbed", at, connection, other: loser.canonicalId }],
  };
  const moved = [{ ref: loserRef, from: loser.canonicalId, at }];
  const claims = { externalRefs: [survivorRef], matchKeys: [], moved };
  if ((await deps.xrefs.save(next, claims, [])) !== "saved") return "lost";
  const event = { ...survivorRef, capturedAt: at, via: "look-again" as const, tries: 0 };
  await deps.changes.send([event], { runId: cause.runId });
  return "done";
}

/** They were merged the other way elsewhere: what is gone here stands under the record of both. */
async function exchange(
  deps: Needs,
  merger: Merger,
  places: {
    readonly survivor: CrossReference;
    readonly holder: CrossReference | undefined;
    readonly survivorRef: ExternalRef;
    readonly loserRef: ExternalRef;
  },
  hints: HintSender,
): Promise<"done" | "unchanged" | "lost"> {
  const { connection, recordType, survivorId, at, cause } = merger;
  const { survivor: both, holder, survivorRef, loserRef } = places;
  if (holder === undefined || sideOf(holder, connection).externalId !== survivorId) {
    return "unchanged";
  }
  const flow = deps.flows[recordType];
  const { survivor, loser } = exchangePlaces(both, holder, connection, at, flow);
  const moved = [
    { ref: survivorRef, from: holder.canonicalId, at },
    { ref: loserRef, from: both.canonicalId, at },
  ];
  const linked = newlyLinked(both, survivor);
  const outcome = await deps.xrefs.save(survivor, { ...noClaims, moved }, linked, loser);
  if (outcome !== "saved") return "lost";
  const saved = { ...survivor, revision: survivor.revision + 1 };
  hints.add(saved, owedConnections(saved, flow), cause);
  return "done";
}

interface Pair {
  readonly loser: CrossReference;
  readonly loserEntry: ExternalRefEntry;
  readonly loserRef: ExternalRef;
  readonly survivor: CrossReference;
}

async function unite(
  deps: Needs,
  merger: Merger,
  pair: Pair,
  hints: HintSender,
): Promise<"done" | "lost"> {
  const { connection, recordType, at, cause } = merger;
  const { loserRef } = pair;
  const flow = deps.flows[recordType];
  const from = pair.loser.canonicalId;
  const { survivor, loser, moved } = absorb(pair.loser, pair.survivor, connection, at, flow);
  const places = moved.map((other): ExternalRef => {
    const externalId = sideOf(pair.loser, other).externalId ?? "";
    return { connection: other, recordType, externalId };
  });
  const claims = { ...noClaims, moved: [loserRef, ...places].map((ref) => ({ ref, from, at })) };
  const linked = newlyLinked(pair.survivor, survivor);
  const outcome = await deps.xrefs.save(survivor, claims, linked, loser);
  if (outcome !== "saved") return "lost";
  const saved = { ...survivor, revision: survivor.revision + 1 };
  hints.add(saved, owedConnections(saved, flow), cause);
  hints.add(loser, owedConnections(loser, flow), cause);
  return "done";
}
