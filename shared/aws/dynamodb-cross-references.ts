/** Cross-references, external references and match keys in the mapping table. */
import { randomBytes } from "node:crypto";
import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { type CanonicalId, type ExternalRef, externalRefKey } from "#shared/domain/identifiers.ts";
import { type MatchKey, matchKeyText } from "#shared/domain/match-key.ts";
import { assert } from "#shared/domain/sync-error.ts";
import type { Clock } from "#shared/ports/log.ts";
import type {
  Claims,
  CrossReferenceStore,
  ExternalRefEntry,
  MovedRef,
  SeenRecord,
} from "#shared/ports/mapping-table.ts";
import { optionalNumber, optionalText, requiredText } from "./attributes.ts";
import { crossReferenceItem, crossReferenceOfItem } from "./cross-reference-items.ts";
import {
  crossReferenceItemKey,
  externalRefItemKey,
  type ItemKey,
  matchKeyItemKey,
} from "./item-keys.ts";
import { type Expression, type Item, keyOf, type Table, TRANSACTION_ACTIONS_MAX } from "./table.ts";

/** `clock` dates the history of what is saved. */
export function createCrossReferenceStore(table: Table, clock: Clock): CrossReferenceStore {
  return {
    findExternalRefs: (refs) => findExternalRefs(table, refs),
    async load(ids) {
      const items = await table.getMany(ids.map(crossReferenceItemKey));
      return new Map(
        items.map((item): [CanonicalId, CrossReference] => {
          const xref = crossReferenceOfItem(item);
          return [xref.canonicalId, xref];
        }),
      );
    },
    findMatches: (keys) => findMatches(table, keys),
    async save(next, claims, newlyLinked, other) {
      const saveToken = randomBytes(6).toString("base64url");
      const nowMs = clock();
      const item = crossReferenceItem(next, newlyLinked, saveToken, nowMs);
      const claimed = claimActions(table, next.canonicalId, claims, other === undefined ? 1 : 2);
      const condition = unchangedCondition(next);
      if (claimed.length > 0 || other !== undefined) {
        const puts = [putAction(table, item, condition)];
        if (other !== undefined) {
          const otherItem = crossReferenceItem(other, [], saveToken, nowMs);
          puts.push(putAction(table, otherItem, unchangedCondition(other)));
        }
        const outcome = await table.transact([...puts, ...claimed]);
        if (outcome.kind === "written") return "saved";
        const isStale = puts.some((_, position) => outcome.positions.has(position));
        return isStale ? "stale" : "claimed";
      }
      const outcome = await table.put(item, condition);
      // Refused by what this very call stored: its first answer was lost on the way.
      const isOwn = outcome.kind === "refused" && outcome.stored?.["saveToken"]?.S === saveToken;
      return outcome.kind === "written" || isOwn ? "saved" : "stale";
    },
    async markSeen(ref, { digest, version, shownVersion, revision }) {
      const shown = shownVersion === undefined ? "" : ", #shown = :shown";
      // A condition that does not hold is a later save's word, or a record nobody knows: both fine.
      await table.update(externalRefItemKey(ref), {
        text: `SET #digest = :digest, #version = :version, #revision = :revision${shown}`,
        condition:
          "attribute_exists(pk) AND (attribute_not_exists(#revision) OR #revision <= :revision)",
        names: {
          "#digest": "digest",
          "#version": "version",
          "#revision": "revision",
          ...(shownVersion === undefined ? {} : { "#shown": "shownVersion" }),
        },
        values: {
          ":digest": { S: digest },
          ":version": { N: String(version) },
          ":revision": { N: String(revision) },
          ...(shownVersion === undefined ? {} : { ":shown": { N: String(shownVersion) } }),
        },
      });
    },
  };
}

async function findExternalRefs(
  table: Table,
  refs: readonly ExternalRef[],
): Promise<Map<string, ExternalRefEntry>> {
  const asked = new Map(refs.map((ref) => [externalRefItemKey(ref).pk, externalRefKey(ref)]));
  const items = await table.getMany(refs.map(externalRefItemKey));
  return new Map(
    items.map((item): [string, ExternalRefEntry] => [
      asked.get(requiredText(item, "pk")) ?? "",
      externalRefEntryOf(item),
    ]),
  );
}

function externalRefEntryOf(item: Item): ExternalRefEntry {
  const canonicalId = requiredText(item, "canonicalId");
  const digest = optionalText(item, "digest");
  const version = optionalNumber(item, "version");
  const shownVersion = optionalNumber(item, "shownVersion");
  const movedAt = optionalText(item, "movedAt");
  return {
    canonicalId,
    ...(digest === undefined || version === undefined
      ? {}
      : { seen: seenOf(digest, version, shownVersion) }),
    ...(movedAt === undefined ? {} : { movedAt }),
  };
}

function seenOf(digest: string, version: number, shownVersion: number | undefined): SeenRecord {
  return shownVersion === undefined ? { digest, version } : { digest, version, shownVersion };
}

async function findMatches(
  table: Table,
  keys: readonly MatchKey[],
): Promise<Map<string, CanonicalId>> {
  const asked = new Map(keys.map((key) => [matchKeyItemKey(key).pk, matchKeyText(key)]));
  const items = await table.getMany(keys.map(matchKeyItemKey));
  return new Map(
    items.map((item): [string, CanonicalId] => [
      asked.get(requiredText(item, "pk")) ?? "",
      requiredText(item, "canonicalId"),
    ]),
  );
}

function putAction(table: Table, item: Item, condition: Expression): TransactWriteItem {
  return {
    Put: {
      TableName: table.name,
      Item: item,
      ConditionExpression: condition.text,
      ExpressionAttributeValues: condition.values,
    },
  };
}

/**
 * The stored record is the one that `next` was made from. Revision 0 has never been saved. The chain
 * is asked for too, so that no save leaves the history out, whatever became of the record on its way.
 */
function unchangedCondition({ revision, chain }: CrossReference): Expression {
  if (revision === 0) return { text: "attribute_not_exists(pk)" };
  const text = "revision = :revision AND ";
  const values = { ":revision": { N: String(revision) } };
  if (chain === undefined) return { text: `${text}attribute_not_exists(chain)`, values };
  return { text: `${text}chain = :chain`, values: { ...values, ":chain": { S: chain } } };
}

/**
 * One action per distinct claim. An update rather than a put: a reference that is the record's own
 * already keeps what was last seen of it.
 */
function claimActions(
  table: Table,
  id: CanonicalId,
  claims: Claims,
  putCount: number,
): TransactWriteItem[] {
  const keys = new Map<string, ItemKey>();
  for (const ref of claims.externalRefs) {
    const key = externalRefItemKey(ref);
    keys.set(key.pk, key);
  }
  for (const matchKey of claims.matchKeys) {
    const key = matchKeyItemKey(matchKey);
    keys.set(key.pk, key);
  }
  const moved = claims.moved ?? [];
  assert(keys.size + moved.length + putCount <= TRANSACTION_ACTIONS_MAX, "claims-too-many");
  const claimed = [...keys.values()].map((key) => ({
    Update: {
      TableName: table.name,
      Key: keyOf(key),
      UpdateExpression: "SET canonicalId = :id",
      ConditionExpression: "attribute_not_exists(pk) OR canonicalId = :id",
      ExpressionAttributeValues: { ":id": { S: id } },
    },
  }));
  return [...claimed, ...moved.map((one) => moveAction(table, id, one))];
}

/** What was last seen under the reference is another record's now: it is forgotten. */
function moveAction(table: Table, id: CanonicalId, { ref, from, at }: MovedRef): TransactWriteItem {
  return {
    Update: {
      TableName: table.name,
      Key: keyOf(externalRefItemKey(ref)),
      UpdateExpression:
        "SET canonicalId = :id, movedAt = :at REMOVE #digest, #version, #revision, #shown",
      ConditionExpression: "attribute_not_exists(pk) OR canonicalId IN (:id, :from)",
      ExpressionAttributeNames: {
        "#digest": "digest",
        "#version": "version",
        "#revision": "revision",
        "#shown": "shownVersion",
      },
      ExpressionAttributeValues: { ":id": { S: id }, ":from": { S: from }, ":at": { S: at } },
    },
  };
}
