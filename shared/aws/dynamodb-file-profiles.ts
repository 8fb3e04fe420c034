/** Confirmed file profiles, one item each, as the JSON that was confirmed. */
import { fileProfile } from "#shared/contracts/file-profiles.ts";
import { decodeJson } from "#shared/domain/json.ts";
import type { ConfirmedProfile, FileProfileStore } from "#shared/ports/file-profiles.ts";
import { requiredNumber, requiredText } from "./attributes.ts";
import { fileProfileItemKey, fileProfilePartition } from "./item-keys.ts";
import { type Item, keyOf, type Table } from "./table.ts";
import { unreadable } from "./value-codec.ts";

export function createFileProfileStore(table: Table): FileProfileStore {
  return {
    async list() {
      const { pk, sortKeyPrefix } = fileProfilePartition;
      return (await table.list(pk, sortKeyPrefix)).map(loadProfile);
    },
    async get(name) {
      const item = await table.get(fileProfileItemKey(name));
      return item === undefined ? undefined : loadProfile(item);
    },
    async save(next) {
      const { profile, revision, confirmedAt, confirmedBy } = next;
      const item = {
        ...keyOf(fileProfileItemKey(profile.profile)),
        revision: { N: String(revision) },
        confirmedAt: { S: confirmedAt },
        confirmedBy: { S: confirmedBy },
        body: { S: JSON.stringify(profile) },
      };
      const before = revision - 1;
      const outcome = await table.put(
        item,
        before === 0
          ? { text: "attribute_not_exists(pk)" }
          : { text: "revision = :before", values: { ":before": { N: String(before) } } },
      );
      return outcome.kind === "written" ? "saved" : "stale";
    },
    async remove(name, revision) {
      const removal = {
        TableName: table.name,
        Key: keyOf(fileProfileItemKey(name)),
        ConditionExpression: "revision = :revision",
        ExpressionAttributeValues: { ":revision": { N: String(revision) } },
      };
      const outcome = await table.transact([{ Delete: removal }]);
      return outcome.kind === "written" ? "removed" : "stale";
    },
  };
}

function loadProfile(item: Item): ConfirmedProfile {
  const parsed = fileProfile.safeParse(decodeJson(requiredText(item, "body")));
  if (!parsed.success) return unreadable("file profile");
  return {
    profile: parsed.data,
    revision: requiredNumber(item, "revision"),
    confirmedAt: requiredText(item, "confirmedAt"),
    confirmedBy: requiredText(item, "confirmedBy"),
  };
}
