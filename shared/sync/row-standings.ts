/** Where the records of a file stand now: landed, already known, waiting, or set aside. */
import {
  type CrossReference,
  isLinked,
  type Side,
  sideOf,
} from "#shared/domain/cross-reference.ts";
import type { RowResult } from "#shared/domain/file-result.ts";
import type { RowFault } from "#shared/domain/file-rows.ts";
import { derivedBy, type Flow } from "#shared/domain/flow.ts";
import {
  type ConnectionId,
  type ExternalRef,
  externalRefKey,
  type RecordType,
} from "#shared/domain/identifiers.ts";
import { owedFields } from "#shared/domain/owed.ts";
import type { Failure } from "#shared/domain/sync-error.ts";
import type { ParkedRecord } from "#shared/ports/mapping-table.ts";
import type { ImportDependencies } from "./import-dependencies.ts";

/** What a row's result says of its record. */
export type Standing = Omit<RowResult, "row">;

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
  const entries = await deps.xrefs.findExternalRefs(refs);
  const ids = [...entries.values()].map(({ canonicalId }) => canonicalId);
  const xrefs = await deps.xrefs.load([...new Set(ids)]);
  const standings = new Map<string, Standing>();
  for (const ref of refs) {
    const xref = xrefs.get(entries.get(externalRefKey(ref))?.canonicalId ?? "");
    const parked = xref === undefined ? await deps.parked.find(ref) : undefined;
    standings.set(ref.externalId, standingOf(question, deps.flows[recordType], xref, parked));
  }
  return standings;
}

function standingOf(
  question: StandingQuestion,
  flow: Flow,
  xref: CrossReference | undefined,
  parked: ParkedRecord | undefined,
): Standing {
  if (xref === undefined) {
    if (parked !== undefined) return { status: "rejected", faults: [faultOf(parked.failure)] };
    return { status: "waiting", faults: [onItsWay] };
  }
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
