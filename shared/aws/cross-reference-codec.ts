/**
 * A cross-reference as the text the table stores, and back: `decode(encode(x))` equals `x`, fields
 * and properties that are `undefined` left out.
 *
 * DynamoDB bills writes by the KiB, so what follows from something else is not stored. A *name* is a
 * golden field's position in `f`, or the field's own name where the golden record lacks it.
 *
 * ```
 * v  1, the version of this form           r  run id
 * c  created at    m  changed at           instants: epoch ms where that says it all, else as they are
 * f  golden record: { field: value }
 * p  sources: [[by, at, [name…]], …]       fields with the same source share one entry
 * u  corrections: [[invoice id, number, hash, decision, by, at, dated on?]…]
 * j  merged into   a  absorbed      t  trail of this save, see `trail-codec.ts`
 * d  sides: { connection: {
 *      q  state, unless linked             e  external id        v  remote version
 *      h  shown at
 *      g  [name…]: golden values last sent as they are now; absent: all of them
 *      s  [[name, digest]…]: other digests of `sent`
 *      o  [[name, digest]…]: observed, where it differs from `sent`
 *      x  [name…]: in `sent` but not observed
 *      i  intent [key, at, tries]   b  archiving since   w  waits for   z  failure
 *      k  conflicts [[field, golden, proposed, at, proposed by, golden by]…]
 *      n  ended [life, by, at]      y  review [code, at, 1 once dismissed]
 * } }
 * ```
 *
 * Canonical id, record type, revision, chain and time of saving are attributes of the item and not
 * repeated. A change of
 * `digestField` would change what `g` means: it needs a new version here.
 */
import {
  type CorrectionDecision,
  type CreateIntent,
  type CrossReference,
  type FieldConflict,
  type FieldSource,
  type Side,
  type SideEnd,
  type SideReview,
  type SideState,
  sideStates,
} from "#shared/domain/cross-reference.ts";
import { type Digest, digestField } from "#shared/domain/fingerprint.ts";
import { type CanonicalId, isOneOf, type RecordType } from "#shared/domain/identifiers.ts";
import { type Fields, type FieldValue, recordLives } from "#shared/domain/records.ts";
import { type Failure, failureKinds } from "#shared/domain/sync-error.ts";
import { loadTrail, storeTrail, type TrailContext } from "./trail-codec.ts";
import {
  listOf,
  loadInstant,
  loadValue,
  recordOf,
  recordOfText,
  storeInstant,
  storeValue,
  textOf,
  unreadable,
  wholeNumberOf,
} from "./value-codec.ts";

const VERSION = 1;

/** What the item's own attributes hold of the cross-reference. */
export interface CrossReferenceHead {
  readonly canonicalId: CanonicalId;
  readonly recordType: RecordType;
  readonly revision: number;
  readonly chain?: string | undefined;
  readonly savedAt?: number | undefined;
}

type Digests = Readonly<Record<string, Digest>>;
/** Position in the golden record, or a name it lacks. */
type Name = number | string;

export function encodeCrossReference(xref: CrossReference): string {
  const golden = goldenOf(xref.fields);
  const sides = Object.entries(xref.sides).map(([connection, side]) => [
    connection,
    storeSide(side, golden),
  ]);
  return JSON.stringify({
    v: VERSION,
    c: storeInstant(xref.createdAt),
    m: storeInstant(xref.changedAt),
    r: xref.runId,
    f: Object.fromEntries(
      golden.names.map((name) => [name, storeValue(xref.fields[name] ?? null)]),
    ),
    p: storeSources(xref.sources, golden),
    d: Object.fromEntries(sides),
    j: xref.mergedInto,
    a: xref.absorbed,
    u: xref.corrections?.map(storeCorrection),
    t: xref.trail && storeTrail(xref.trail, trailContext(xref.changedAt, xref.sides, golden)),
  });
}

/** Throws SyncError `bug` (`stored-record-unreadable`) on a damaged body or one of a newer version. */
export function decodeCrossReference(head: CrossReferenceHead, body: string): CrossReference {
  const stored = recordOfText(body);
  if (stored["v"] !== VERSION) return unreadable("version");
  const fields = Object.fromEntries(
    Object.entries(recordOf(stored["f"])).map(([name, value]) => [name, loadValue(value)]),
  );
  const golden = goldenOf(fields);
  const sides = Object.entries(recordOf(stored["d"])).map(([connection, side]) => [
    connection,
    loadSide(recordOf(side), golden),
  ]);
  const { r, j, a, u, t } = stored;
  const sidesOf: Readonly<Record<string, Side>> = Object.fromEntries(sides);
  const changedAt = loadInstant(stored["m"]);
  return {
    canonicalId: head.canonicalId,
    recordType: head.recordType,
    revision: head.revision,
    fields,
    sources: loadSources(listOf(stored["p"]), golden),
    sides: sidesOf,
    createdAt: loadInstant(stored["c"]),
    changedAt,
    ...(r === undefined ? {} : { runId: textOf(r) }),
    ...(j === undefined ? {} : { mergedInto: textOf(j) }),
    ...(a === undefined ? {} : { absorbed: listOf(a).map(textOf) }),
    ...(u === undefined ? {} : { corrections: listOf(u).map(loadCorrection) }),
    ...(t === undefined ? {} : { trail: loadTrail(t, trailContext(changedAt, sidesOf, golden)) }),
    ...(head.chain === undefined ? {} : { chain: head.chain }),
    ...(head.savedAt === undefined ? {} : { savedAt: head.savedAt }),
  };
}

function storeCorrection(one: CorrectionDecision): readonly unknown[] {
  const { invoiceId, number, hash, decision, by, at, datedOn } = one;
  const stored = [invoiceId, number, hash, decision, by, storeInstant(at)];
  return datedOn === undefined ? stored : [...stored, datedOn];
}

function loadCorrection(stored: unknown): CorrectionDecision {
  const [invoiceId, number, hash, decision, by, at, datedOn] = listOf(stored);
  return {
    invoiceId: textOf(invoiceId),
    number: wholeNumberOf(number),
    hash: textOf(hash),
    decision: isOneOf(correctionDecisions, decision) ? decision : unreadable("correction"),
    by: textOf(by),
    at: loadInstant(at),
    ...(datedOn === undefined ? {} : { datedOn: textOf(datedOn) }),
  };
}

const correctionDecisions = ["approved", "dismissed"] as const;

function trailContext(
  changedAt: string,
  sides: Readonly<Record<string, Side>>,
  golden: Golden,
): TrailContext {
  return {
    changedAt,
    sideOf: (connection) =>
      (Object.hasOwn(sides, connection) ? sides[connection] : undefined) ?? {},
    storeName: (field) => storeName(field, golden),
    loadName: (stored) => loadName(stored, golden),
  };
}

/** The golden record's names in their order, with digests made when first asked for. */
interface Golden {
  readonly names: readonly string[];
  readonly positions: ReadonlyMap<string, number>;
  digestAt(position: number): Digest;
}

function goldenOf(fields: Fields): Golden {
  const given = Object.entries(fields).filter(
    (entry): entry is [string, FieldValue] => entry[1] !== undefined,
  );
  // Objects put names that look like numbers first, so the order is taken from such an object.
  const names = Object.keys(Object.fromEntries(given));
  const digests: (Digest | undefined)[] = [];
  return {
    names,
    positions: new Map(names.map((name, position) => [name, position])),
    digestAt(position) {
      const known = digests[position];
      if (known !== undefined) return known;
      const digest = digestField(fields[names[position] ?? ""] ?? null);
      digests[position] = digest;
      return digest;
    },
  };
}

function storeName(field: string, golden: Golden): Name {
  return golden.positions.get(field) ?? field;
}

function loadName(stored: unknown, golden: Golden): string {
  if (typeof stored === "string") return stored;
  return golden.names[wholeNumberOf(stored)] ?? unreadable("field-position");
}

function storeSide(side: Side, golden: Golden): Record<string, unknown> {
  const sentAsGolden: number[] = [];
  const sentOther: [Name, Digest][] = [];
  for (const [field, digest] of Object.entries(side.sent)) {
    const position = golden.positions.get(field);
    if (position !== undefined && golden.digestAt(position) === digest) {
      sentAsGolden.push(position);
    } else {
      sentOther.push([position ?? field, digest]);
    }
  }
  const observedOther: [Name, Digest][] = Object.entries(side.observed)
    .filter(([field, digest]) => !(Object.hasOwn(side.sent, field) && side.sent[field] === digest))
    .map(([field, digest]) => [storeName(field, golden), digest]);
  const unobserved = Object.keys(side.sent)
    .filter((field) => !Object.hasOwn(side.observed, field))
    .map((field) => storeName(field, golden));
  const sentAll = sentAsGolden.length === golden.names.length;
  return {
    q: side.state === "linked" ? undefined : side.state,
    e: side.externalId,
    v: side.remoteVersion,
    h: side.shownAt && storeInstant(side.shownAt),
    g: sentAll ? undefined : sentAsGolden.sort((left, right) => left - right),
    s: sentOther.length === 0 ? undefined : sentOther,
    o: observedOther.length === 0 ? undefined : observedOther,
    x: unobserved.length === 0 ? undefined : unobserved,
    i: side.intent && [
      side.intent.idempotencyKey,
      storeInstant(side.intent.attemptedAt),
      side.intent.tries,
    ],
    b: side.archivingSince && storeInstant(side.archivingSince),
    w: side.waitsFor,
    z: side.failure,
    k: side.conflicts?.map((conflict) => [
      conflict.field,
      storeValue(conflict.golden),
      storeValue(conflict.proposed),
      storeInstant(conflict.at),
      conflict.proposedBy,
      ...(conflict.goldenBy === undefined ? [] : [conflict.goldenBy]),
    ]),
    n: side.ended && [side.ended.life, side.ended.by, storeInstant(side.ended.at)],
    y: side.review && [
      side.review.code,
      storeInstant(side.review.at),
      ...(side.review.isDismissed === true ? [1] : []),
    ],
  };
}

function loadSide(stored: Readonly<Record<string, unknown>>, golden: Golden): Side {
  const { q, e, v, h, g, s, o, x, i, b, w, z, k, n, y } = stored;
  const sent: [string, Digest][] = (g === undefined ? golden.names.keys() : listOf(g).values())
    .map((name): [string, Digest] => {
      const position = wholeNumberOf(name);
      return [loadName(position, golden), golden.digestAt(position)];
    })
    .toArray();
  sent.push(...loadDigests(s, golden));
  const unobserved = new Set(
    x === undefined ? [] : listOf(x).map((name) => loadName(name, golden)),
  );
  const observed = [...sent.filter(([field]) => !unobserved.has(field)), ...loadDigests(o, golden)];
  return {
    state: loadState(q),
    ...(e === undefined ? {} : { externalId: textOf(e) }),
    ...(v === undefined ? {} : { remoteVersion: wholeNumberOf(v) }),
    ...(h === undefined ? {} : { shownAt: loadInstant(h) }),
    observed: digestsOf(observed),
    sent: digestsOf(sent),
    ...(i === undefined ? {} : { intent: loadIntent(listOf(i)) }),
    ...(b === undefined ? {} : { archivingSince: loadInstant(b) }),
    ...(z === undefined ? {} : { failure: loadFailure(recordOf(z)) }),
    ...(w === undefined ? {} : { waitsFor: listOf(w).map(textOf) }),
    ...(k === undefined ? {} : { conflicts: listOf(k).map(loadConflict) }),
    ...(n === undefined ? {} : { ended: loadEnd(listOf(n)) }),
    ...(y === undefined ? {} : { review: loadReview(listOf(y)) }),
  };
}

function digestsOf(entries: readonly (readonly [string, Digest])[]): Digests {
  return Object.fromEntries(entries);
}

function loadDigests(stored: unknown, golden: Golden): [string, Digest][] {
  if (stored === undefined) return [];
  return listOf(stored).map((pair) => {
    const [name, digest] = listOf(pair);
    return [loadName(name, golden), textOf(digest)];
  });
}

function loadState(stored: unknown): SideState {
  if (stored === undefined) return "linked";
  return sideStates.find((state) => state === stored) ?? unreadable("state");
}

function loadIntent(stored: readonly unknown[]): CreateIntent {
  const [idempotencyKey, attemptedAt, tries] = stored;
  return {
    idempotencyKey: textOf(idempotencyKey),
    attemptedAt: loadInstant(attemptedAt),
    tries: wholeNumberOf(tries),
  };
}

/** Failures are stored as they are; the parked newcomers' store reads them with this too. */
export function loadFailure(stored: Readonly<Record<string, unknown>>): Failure {
  const { kind, code, fix, field, retryAfterMs } = stored;
  return {
    kind: failureKinds.find((known) => known === kind) ?? unreadable("failure"),
    code: textOf(code),
    ...(fix === undefined ? {} : { fix: textOf(fix) }),
    ...(field === undefined ? {} : { field: textOf(field) }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs: wholeNumberOf(retryAfterMs) }),
  };
}

function loadConflict(stored: unknown): FieldConflict {
  const [field, golden, proposed, at, proposedBy, goldenBy] = listOf(stored);
  return {
    field: textOf(field),
    golden: loadValue(golden),
    ...(goldenBy === undefined ? {} : { goldenBy: textOf(goldenBy) }),
    proposed: loadValue(proposed),
    proposedBy: textOf(proposedBy),
    at: loadInstant(at),
  };
}

function loadEnd(stored: readonly unknown[]): SideEnd {
  const [life, by, at] = stored;
  const isKnown = isOneOf(recordLives, life) && life !== "live";
  return {
    life: isKnown ? life : unreadable("life"),
    by: textOf(by),
    at: loadInstant(at),
  };
}

function loadReview(stored: readonly unknown[]): SideReview {
  const [code, at, dismissed] = stored;
  const review: SideReview = { code: textOf(code), at: loadInstant(at) };
  return dismissed === undefined ? review : { ...review, isDismissed: true };
}

function storeSources(
  sources: Readonly<Record<string, FieldSource>>,
  golden: Golden,
): readonly unknown[] {
  const groups = new Map<string, { source: FieldSource; names: Name[] }>();
  for (const [field, source] of Object.entries(sources)) {
    const key = `${source.by} ${source.at}`;
    const group = groups.get(key) ?? { source, names: [] };
    group.names.push(storeName(field, golden));
    groups.set(key, group);
  }
  return [...groups.values()].map(({ source, names }) => [
    source.by,
    storeInstant(source.at),
    names,
  ]);
}

function loadSources(
  stored: readonly unknown[],
  golden: Golden,
): Readonly<Record<string, FieldSource>> {
  const entries = stored.flatMap((group) => {
    const [by, at, names] = listOf(group);
    const source: FieldSource = { by: textOf(by), at: loadInstant(at) };
    return listOf(names).map((name) => [loadName(name, golden), source] as const);
  });
  return Object.fromEntries(entries);
}
