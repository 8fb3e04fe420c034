/**
 * The trail of a save as the table stores it, and back. DynamoDB bills writes by the KiB and every
 * save carries a trail, so each entry is a list that leaves out what the rest of the cross-reference
 * says: `null` stands for the time of the record's last change and the side's version, `0` for the side's
 * external id.
 *
 * ```
 * ["s", at, connection, external id, version, life, decisions, speaks for?]   seen
 * ["i", at, connection, tries | life]                                        intended
 * ["w", at, connection, external id, version, is new, names, life?]          written
 * ["f", at, connection, failure kind, code]                                  failed
 * ["b", at, connection, waits for]                                           waiting
 * ["r", at, connection]                                                      resolved
 * ["h", at, connection, run id?]                                             held
 * ["a" | "m" | "u", at, connection, other]                 absorbed, merged into, un-merged
 * ["d", at, connection, by, what, decisions]                                 decided
 *
 * decisions: [[kind, policy, [name…]] | [kind, policy, [name], lost value, whose], …]
 * ```
 */

import { isOneOf } from "#shared/domain/identifiers.ts";
import { type RecordLife, recordLives } from "#shared/domain/records.ts";
import {
  type DecisionKind,
  decidedThings,
  decisionKinds,
  type FieldDecision,
  type TrailEntry,
} from "#shared/domain/trail.ts";
import {
  listOf,
  loadInstant,
  loadValue,
  storeInstant,
  storeValue,
  textOf,
  unreadable,
  wholeNumberOf,
} from "./value-codec.ts";

/** What the rest of the cross-reference says, for an entry that repeats it. */
export interface TrailContext {
  readonly changedAt: string;
  readonly sideOf: (connection: string) => {
    readonly externalId?: string | undefined;
    readonly remoteVersion?: number | undefined;
  };
  /** Field names are positions in the golden record, or names it lacks. */
  readonly storeName: (field: string) => number | string;
  readonly loadName: (stored: unknown) => string;
}

export function storeTrail(trail: readonly TrailEntry[], context: TrailContext): unknown[] {
  return trail.map((entry) => storeEntry(entry, context));
}

export function loadTrail(stored: unknown, context: TrailContext): TrailEntry[] {
  return listOf(stored).map((entry) => loadEntry(listOf(entry), context));
}

function storeEntry(entry: TrailEntry, context: TrailContext): unknown[] {
  const { connection } = entry;
  const head = (letter: string): unknown[] => [letter, storeAt(entry.at, context), connection];
  switch (entry.kind) {
    case "seen": {
      const life = recordLives.indexOf(entry.life);
      const decisions = storeDecisions(entry.decisions, context);
      const fields = [...head("s"), ...storePlace(entry, context), life, decisions];
      return entry.speaksFor === undefined ? fields : [...fields, entry.speaksFor];
    }
    case "intended":
      return [...head("i"), "life" in entry ? entry.life : entry.tries];
    case "written": {
      const names = entry.fields.map(context.storeName);
      const fields = [...head("w"), ...storePlace(entry, context), entry.isNew ? 1 : 0, names];
      return entry.life === undefined ? fields : [...fields, entry.life];
    }
    case "failed":
      return [...head("f"), entry.failureKind, entry.code];
    case "resolved":
      return head("r");
    case "waiting":
      return [...head("b"), [...entry.waitsFor]];
    case "held":
      return entry.runId === undefined ? head("h") : [...head("h"), entry.runId];
    case "absorbed":
      return [...head("a"), entry.other];
    case "merged-into":
      return [...head("m"), entry.other];
    case "un-merged":
      return [...head("u"), entry.other];
    case "decided":
      return [...head("d"), entry.by, entry.what, storeDecisions(entry.decisions, context)];
  }
}

function loadEntry(stored: readonly unknown[], context: TrailContext): TrailEntry {
  const [letter, storedAt, storedConnection, ...rest] = stored;
  const at = storedAt === null ? context.changedAt : loadInstant(storedAt);
  const connection = textOf(storedConnection);
  switch (letter) {
    case "s":
      return loadSeen(at, connection, rest, context);
    case "i":
      return rest[0] === "archived"
        ? { kind: "intended", at, connection, life: rest[0] }
        : { kind: "intended", at, connection, tries: wholeNumberOf(rest[0]) };
    case "w":
      return loadWritten(at, connection, rest, context);
    case "f":
      return {
        kind: "failed",
        at,
        connection,
        failureKind: textOf(rest[0]),
        code: textOf(rest[1]),
      };
    case "r":
      return { kind: "resolved", at, connection };
    case "b":
      return { kind: "waiting", at, connection, waitsFor: listOf(rest[0]).map(textOf) };
    case "h":
      return rest[0] === undefined
        ? { kind: "held", at, connection }
        : { kind: "held", at, connection, runId: textOf(rest[0]) };
    case "a":
    case "m":
    case "u":
      return { kind: mergeKinds[letter], at, connection, other: textOf(rest[0]) };
    case "d":
      return loadDecided(at, connection, rest, context);
    default:
      return unreadable("trail");
  }
}

function loadSeen(
  at: string,
  connection: string,
  rest: readonly unknown[],
  context: TrailContext,
): TrailEntry {
  const [externalId, version, life, decisions, speaksFor] = rest;
  return {
    kind: "seen",
    at,
    connection,
    ...loadPlace(connection, externalId, version, context),
    life: loadLife(life),
    decisions: loadDecisions(decisions, context),
    ...(speaksFor === undefined ? {} : { speaksFor: textOf(speaksFor) }),
  };
}

function loadWritten(
  at: string,
  connection: string,
  rest: readonly unknown[],
  context: TrailContext,
): TrailEntry {
  const [externalId, version, isNew, names, life] = rest;
  return {
    kind: "written",
    at,
    connection,
    ...loadPlace(connection, externalId, version, context),
    isNew: isNew === 1,
    fields: listOf(names).map(context.loadName),
    ...(life === undefined ? {} : { life: life === "archived" ? "archived" : "live" }),
  };
}

function loadDecided(
  at: string,
  connection: string,
  rest: readonly unknown[],
  context: TrailContext,
): TrailEntry {
  const [by, what, decisions] = rest;
  return {
    kind: "decided",
    at,
    connection,
    by: textOf(by),
    what: isOneOf(decidedThings, what) ? what : unreadable("trail"),
    decisions: loadDecisions(decisions, context),
  };
}

const mergeKinds = { a: "absorbed", m: "merged-into", u: "un-merged" } as const;

function storeAt(at: string, context: TrailContext): number | string | null {
  return at === context.changedAt ? null : storeInstant(at);
}

function storePlace(
  entry: { readonly connection: string; readonly externalId: string; readonly version: number },
  context: TrailContext,
): [string | 0, number | null] {
  const side = context.sideOf(entry.connection);
  return [
    entry.externalId === side.externalId ? 0 : entry.externalId,
    entry.version === side.remoteVersion ? null : entry.version,
  ];
}

function loadPlace(
  connection: string,
  externalId: unknown,
  version: unknown,
  context: TrailContext,
): { externalId: string; version: number } {
  const side = context.sideOf(connection);
  return {
    externalId: textOf(externalId === 0 ? side.externalId : externalId),
    version: wholeNumberOf(version === null ? side.remoteVersion : version),
  };
}

function loadLife(stored: unknown): RecordLife {
  return recordLives[wholeNumberOf(stored)] ?? unreadable("life");
}

function storeDecisions(decisions: readonly FieldDecision[], context: TrailContext): unknown[] {
  const groups: unknown[] = [];
  const open = new Map<string, (number | string)[]>();
  for (const { field, kind, policy, lost } of decisions) {
    const name = context.storeName(field);
    if (lost !== undefined) {
      groups.push([kind, policy, [name], storeValue(lost.value), lost.by]);
      continue;
    }
    const key = `${kind} ${policy}`;
    const names = open.get(key);
    if (names !== undefined) {
      names.push(name);
      continue;
    }
    const first = [name];
    open.set(key, first);
    groups.push([kind, policy, first]);
  }
  return groups;
}

function loadDecisions(stored: unknown, context: TrailContext): FieldDecision[] {
  return listOf(stored)
    .flatMap((group) => {
      const [storedKind, policy, names, value, by] = listOf(group);
      const kind: DecisionKind = isOneOf(decisionKinds, storedKind)
        ? storedKind
        : unreadable("trail");
      const lost = by === undefined ? undefined : { value: loadValue(value), by: textOf(by) };
      return listOf(names).map((name) => {
        const decision = { field: context.loadName(name), kind, policy: textOf(policy) };
        return lost === undefined ? decision : { ...decision, lost };
      });
    })
    .sort((left, right) => (left.field < right.field ? -1 : 1));
}
