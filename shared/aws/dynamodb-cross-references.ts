/** Cross-references, external references and match keys in the mapping table. */
import { randomBytes } from "node:crypto";
import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { type CanonicalId, type ExternalRef, externalRefKey } from "#shared/domain/identifiers.ts";
import { type MatchKey, matchKeyText } from "#shared/domain/match-key.ts";
import { assert } from "#shared/domain/sync-error.ts";
import type { Claims, CrossReferenceStore, ExternalRefEntry } from "#shared/ports/mapping-table.ts";
import { optionalNumber, optionalText, requiredText } from "./attributes.ts";
import { crossReferenceItem, crossReferenceOfItem } from "./cross-reference-items.ts";
import {
  crossReferenceItemKey,
  externalRefItemKey,
  type ItemKey,
  matchKeyItemKey,
} from "./item-keys.ts";
import { type Expression, type Item, keyOf, type Table, TRANSACTION_ACTIONS_MAX } from "./table.ts";

export function createCrossReferenceStore(table: Table): CrossReferenceStore {
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
    async save(next, claims, newlyLinked) {
      const saveToken = randomBytes(6).toString("base64url");
      const item = crossReferenceItem(next, newlyLinked, saveToken);
      const claimed = claimActions(table, next.canonicalId, claims);
      const condition = revisionCondition(next.revision);
      if (claimed.length > 0) {
        const put: TransactWriteItem = {
          Put: {
            TableName: table.name,
            Item: item,
            ConditionExpression: condition.text,
            ExpressionAttributeValues: condition.values,
          },
        };
        const outcome = await table.transact([put, ...claimed]);
        if (outcome.kind === "written") return "saved";
        return outcome.positions.has(0) ? "stale" : "claimed";
      }
      const outcome = await table.put(item, condition);
      // Refused by what this very call stored: its first answer was lost on the way.
      const isOwn = outcome.kind === "refused" && outcome.stored?.["saveToken"]?.S === saveToken;
      return outcome.kind === "written" || isOwn ? "saved" : "stale";
    },
    async markSeen(ref, digest, version) {
      // A condition that does not hold is a newer observation, or a record nobody knows: both fine.
      await table.update(externalRefItemKey(ref), {
        text: "SET #digest = :digest, #version = :version",
        condition:
          "attribute_exists(pk) AND (attribute_not_exists(#version) OR #version <= :version)",
        names: { "#digest": "digest", "#version": "version" },
        values: { ":digest": { S: digest }, ":version": { N: String(version) } },
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
  if (digest === undefined || version === undefined) return { canonicalId };
  return { canonicalId, seen: { digest, version } };
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

/** 0 has never been saved. */
function revisionCondition(revision: number): Expression {
  if (revision === 0) return { text: "attribute_not_exists(pk)" };
  return { text: "revision = :revision", values: { ":revision": { N: String(revision) } } };
}

/**
 * One action per distinct claim. An update rather than a put: a reference that is the record's own
 * already keeps what was last seen of it.
 */
function claimActions(table: Table, id: CanonicalId, claims: Claims): TransactWriteItem[] {
  const keys = new Map<string, ItemKey>();
  for (const ref of claims.externalRefs) {
    const key = externalRefItemKey(ref);
    keys.set(key.pk, key);
  }
  for (const matchKey of claims.matchKeys) {
    const key = matchKeyItemKey(matchKey);
    keys.set(key.pk, key);
  }
  assert(keys.size < TRANSACTION_ACTIONS_MAX, "claims-too-many");
  return [...keys.values()].map((key) => ({
    Update: {
      TableName: table.name,
      Key: keyOf(key),
      UpdateExpression: "SET canonicalId = :id",
      ConditionExpression: "attribute_not_exists(pk) OR canonicalId = :id",
      ExpressionAttributeValues: { ":id": { S: id } },
    },
  }));
}
