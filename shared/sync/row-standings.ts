/** Where the records of a file stand now: landed, already known, waiting, or set aside. */
import {
  type CrossReference,
  isLinked,
  type Side,
  sideOf,
} from "#shared/domain/cross-reference.ts";
import type { HeldRecord } from "#shared/domain/export/not-taken.ts";
import { namesOf } from "#shared/domain/export/record-rows.ts";
import { returnedConnection } from "#shared/domain/export/returned.ts";
import type { RowResult } from "#shared/domain/file-result.ts";
import type { RowFault } from "#shared/domain/file-rows.ts";
import { derivedBy, type Flow } from "#shared/domain/flow.ts";
import {
  type CanonicalId,
  type ConnectionId,
  type ExternalRef,
  externalRefKey,
  type RecordType,
} from "#shared/domain/identifiers.ts";
import { owedFields } from "#shared/domain/owed.ts";
import type { Failure } from "#shared/domain/sync-error.ts";
import type { ImportDependencies } from "./import-dependencies.ts";
import { referredBy } from "./references.ts";

/** What a row's result says of its record. */
export interface Standing extends Omit<RowResult, "row"> {
  /** Of a row of an export that was taken, or had nothing to take: what it may be held against. */
  readonly held?: HeldRecord | undefined;
}

export interface StandingQuestion {
  readonly connection: ConnectionId;
  readonly recordType: RecordType;
  /** Version that the file's records bear. */
  readonly version: number;
  readonly runId: string;
}

type StandingDependencies = Pick<ImportDependencies, "xrefs" | "parked" | "flows">;

/** By external id. Reads the mapping table only. */
export async function standingsOf(
  deps: StandingDependencies,
  question: StandingQuestion,
  externalIds: readonly string[],
): Promise<ReadonlyMap<string, Standing>> {
  const { connection, recordType } = question;
  const refs = externalIds.map(
    (externalId): ExternalRef => ({ connection, recordType, externalId }),
  );
  const ids = await idsOf(deps, refs);
  const xrefs = await deps.xrefs.load([...new Set(ids.values())]);
  const isReturned = connection === returnedConnection;
  const referred = isReturned ? await deps.xrefs.load(referredBy(xrefs.values())) : noRecords;
  const names = namesOf(referred);
  const standings = new Map<string, Standing>();
  for (const ref of refs) {
    const xref = xrefs.get(ids.get(ref.externalId) ?? "");
    // A row of an export leaves no trace of its own on the record, so it may be parked beside it.
    const mayBeParked = xref === undefined || isReturned;
    const parked = mayBeParked ? await deps.parked.find(ref) : undefined;
    const held = isReturned && xref !== undefined ? { xref, referred, names } : undefined;
    standings.set(
      ref.externalId,
      parked === undefined
        ? { ...standingOf(question, deps.flows[recordType], xref), held }
        : { status: "rejected", faults: [faultOf(parked.failure)] },
    );
  }
  return standings;
}

const noRecords: ReadonlyMap<CanonicalId, CrossReference> = new Map();

/** Canonical ids by external id; an export names its records by them. */
async function idsOf(
  { xrefs }: StandingDependencies,
  refs: readonly ExternalRef[],
): Promise<ReadonlyMap<string, CanonicalId>> {
  if (refs[0]?.connection === returnedConnection) {
    return new Map(refs.map(({ externalId }) => [externalId, externalId]));
  }
  const entries = await xrefs.findExternalRefs(refs);
  return new Map(
    refs.flatMap((ref) => {
      const entry = entries.get(externalRefKey(ref));
      return entry === undefined ? [] : [[ref.externalId, entry.canonicalId] as const];
    }),
  );
}

function standingOf(
  question: StandingQuestion,
  flow: Flow,
  xref: CrossReference | undefined,
): Standing {
  if (xref === undefined) return { status: "waiting", faults: [onItsWay] };
  const own = sideOf(xref, question.connection);
  const ids = { crmId: linkedId(xref, "crm"), booksId: linkedId(xref, "books") };
  const obstacle = obstacleOf(own) ?? firstObstacle(xref, flow);
  if (obstacle !== undefined) return { ...obstacle, ...ids };
  const isTouched = xref.runId === question.runId || own.remoteVersion === question.version;
  return { status: isTouched ? "applied" : "unchanged", faults: [], ...ids };
}

/** What is in the way in one of the systems that follow the record. */
function firstObstacle(xref: CrossReference, flow: Flow): Standing | undefined {
  const sides = new Set([...Object.keys(flow.sides), ...Object.keys(xref.sides)]);
  sides.delete(derivedBy);
  for (const connection of [...sides].toSorted()) {
    const obstacle = obstacleOf(sideOf(xref, connection));
    if (obstacle !== undefined) return obstacle;
  }
  const isOwed = [...sides].some((connection) => owedFields(xref, connection, flow).length > 0);
  return isOwed ? { status: "waiting", faults: [onItsWay] } : undefined;
}

function obstacleOf(side: Side): Standing | undefined {
  switch (side.state) {
    case "rejected":
      return { status: "rejected", faults: [faultOf(side.failure)] };
    case "conflict":
      return { status: "waiting", faults: [faultOf(conflict)] };
    case "awaiting-approval":
      return { status: "waiting", faults: [faultOf(unapproved)] };
    case "blocked":
      return { status: "waiting", faults: [faultOf(side.failure ?? blockedBy(side))] };
    default:
      return undefined;
  }
}

type Told = Pick<Failure, "code" | "fix" | "field">;

const conflict: Told = {
  code: "field-conflict",
  fix: "Choose one of the values that two systems hold; /parked shows both.",
};
const unapproved: Told = {
  code: "run-awaits-approval",
  fix: "Look at what the run would change, and approve it.",
};
/** The record was taken, and has yet to reach a system that follows it. */
export const onItsWay: RowFault = {
  column: "",
  value: "",
  code: "on-its-way",
  fix: "Nothing; ask for the result again in a while.",
};

function blockedBy({ waitsFor = [] }: Side): Told {
  const fix = "Nothing; it goes on by itself once the record it refers to is there.";
  return { code: "waits-for-record", fix, field: waitsFor[0] };
}

function faultOf(told: Told | undefined): RowFault {
  const { code = "unexpected-error", fix = "", field = "" } = told ?? {};
  return { column: field, value: "", code, fix };
}

function linkedId(xref: CrossReference, connection: ConnectionId): string | undefined {
  const side = sideOf(xref, connection);
  return isLinked(side) ? side.externalId : undefined;
}
