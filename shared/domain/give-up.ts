/**
 * What is owed to a document that became its books' alone before the write went out: it can not go
 * out any more, so the books' word becomes the golden one. What was owed is kept in the trail, and
 * the derivation it came from finds that the books hold something else.
 */
import { type CrossReference, type Side, sideOf, withSide } from "./cross-reference.ts";
import { type Digest, digestField } from "./fingerprint.ts";
import { derivedBy, type Flow, policyInForce, ruleOf } from "./flow.ts";
import type { ConnectionId } from "./identifiers.ts";
import { settleStates } from "./owed.ts";
import type { Fields, FieldValue } from "./records.ts";
import type { FieldDecision } from "./trail.ts";

export interface ShownDocument {
  readonly connection: ConnectionId;
  /** What is owed and can not be written. */
  readonly owed: readonly string[];
  /** The document as the connection shows it, its references canonical ids. */
  readonly fields: Fields;
  /** Our clock, ISO 8601 UTC. */
  readonly at: string;
}

/** Undefined where nothing is to be given up: the fields are not the connection's alone. */
export function giveUpOwed(
  xref: CrossReference,
  { connection, owed, fields, at }: ShownDocument,
  flow: Flow,
): CrossReference | undefined {
  const side = sideOf(xref, connection);
  if (side.externalId === undefined || side.state === "tombstoned") return undefined;
  const golden: Record<string, FieldValue | undefined> = { ...xref.fields };
  const sources = { ...xref.sources };
  const told: Record<string, Digest> = {};
  const decisions: FieldDecision[] = [];
  for (const field of [...owed].sort()) {
    const shown = fields[field];
    const rule = ruleOf(flow, field);
    if (shown === undefined || rule === undefined) continue;
    const policy = policyInForce(rule.policy, xref.fields);
    if (policy.kind !== "system-of-record" || policy.connection !== connection) continue;
    const lost = { value: xref.fields[field] ?? null, by: sources[field]?.by ?? derivedBy };
    decisions.push({ field, kind: "taken", policy: policy.kind, lost });
    golden[field] = shown;
    sources[field] = { by: connection, at };
    told[field] = digestField(shown);
  }
  if (decisions.length === 0) return undefined;
  const { externalId, remoteVersion: version = 0 } = side;
  const next: CrossReference = {
    ...withTold(withTold(xref, connection, told), derivedBy, told),
    fields: golden,
    sources,
    changedAt: at,
    trail: [{ kind: "seen", at, connection, externalId, version, life: "live", decisions }],
  };
  return settleStates(next, flow, true, at);
}

/** Both have been told: the books, which show it, and the derivation, which must see that it differs. */
function withTold(
  xref: CrossReference,
  connection: ConnectionId,
  told: Readonly<Record<string, Digest>>,
): CrossReference {
  const side: Side | undefined = xref.sides[connection];
  if (side === undefined) return xref;
  const observed = { ...side.observed, ...told };
  return withSide(xref, connection, { ...side, observed, sent: { ...side.sent, ...told } });
}
