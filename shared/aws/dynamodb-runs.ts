/**
 * Runs. A run is one item; each counter is an attribute `n:<path>` of it, so that adding is atomic
 * for any path. A receipt is an item beside it, written in the same transaction as its counts.
 */
import { limits } from "#shared/config/limits.ts";
import { tableSchema } from "#shared/config/names.ts";
import type { Clock } from "#shared/ports/log.ts";
import {
  type Counts,
  listingOf,
  type Run,
  type RunListing,
  type RunStore,
  runKinds,
} from "#shared/ports/runs.ts";
import { optionalText, requiredText } from "./attributes.ts";
import { cursorOf, itemOfCursor } from "./cursors.ts";
import { runItemKey, runReceiptItemKey } from "./item-keys.ts";
import { type Item, keyOf, type Table } from "./table.ts";
import { recordOfText, textOf, unreadable } from "./value-codec.ts";

const { runsIndex, expiresAt } = tableSchema;
const BUCKETS: Readonly<Record<RunListing, string>> = {
  "tie-outs": "tie-out",
  exports: "export",
  others: "run",
};
const COUNT_PREFIX = "n:";

type Problem = NonNullable<Run["problem"]>;

/** `clock` dates receipts, so that they expire. */
export function createRunStore(table: Table, clock: Clock): RunStore {
  const expiry = (fromMs: number) => ({
    N: String(Math.floor(fromMs / 1_000) + limits.runRetentionSeconds),
  });
  return {
    async start(run) {
      await table.update(runItemKey(run.runId), startOnce(run, expiry(Date.parse(run.startedAt))));
    },
    async add(runId, receipt, counts) {
      const receiptItem = {
        ...keyOf(runReceiptItemKey(runId, receipt)),
        [expiresAt]: expiry(clock()),
      };
      if (Object.keys(counts).length > 0) await addOnce(table, runId, receiptItem, counts);
    },
    async finishCapture(runId, capturedAt, problem) {
      const hasProblem = problem !== undefined;
      await table.update(runItemKey(runId), {
        text: `SET capturedAt = :capturedAt ${hasProblem ? ", problem = :problem" : "REMOVE problem"}`,
        condition: "attribute_exists(startedAt)",
        values: {
          ":capturedAt": { S: capturedAt },
          ...(hasProblem ? { ":problem": { S: JSON.stringify(problem) } } : {}),
        },
      });
    },
    async get(runId) {
      const item = await table.get(runItemKey(runId));
      return item?.["startedAt"] === undefined ? undefined : runOf(item);
    },
    async list(limit, cursor, of = "others") {
      const page = await table.queryIndex({
        index: runsIndex,
        bucket: BUCKETS[of],
        newestFirst: true,
        limit,
        after: cursor === undefined ? undefined : itemOfCursor(cursor, runsIndex),
      });
      const keys = page.items.map((item) => ({
        pk: requiredText(item, "pk"),
        sk: requiredText(item, "sk"),
      }));
      const stored = new Map((await table.getMany(keys)).map((item) => [item["pk"]?.S, item]));
      const runs = keys
        .map(({ pk }) => stored.get(pk))
        .filter((item) => item !== undefined)
        .map(runOf);
      return page.next === undefined ? { runs } : { runs, cursor: cursorOf(page.next, runsIndex) };
    },
  };
}

/** A condition that does not hold is a receipt whose counts are in already. */
async function addOnce(
  table: Table,
  runId: string,
  receiptItem: Item,
  counts: Counts,
): Promise<void> {
  const added = Object.entries(counts);
  await table.transact([
    {
      Put: {
        TableName: table.name,
        Item: receiptItem,
        ConditionExpression: "attribute_not_exists(pk)",
      },
    },
    {
      Update: {
        TableName: table.name,
        Key: keyOf(runItemKey(runId)),
        UpdateExpression: `ADD ${added.map((_, index) => `#${index} :${index}`).join(", ")}`,
        ExpressionAttributeNames: Object.fromEntries(
          added.map(([path], index) => [`#${index}`, `${COUNT_PREFIX}${path}`]),
        ),
        ExpressionAttributeValues: Object.fromEntries(
          added.map(([, count], index) => [`:${index}`, { N: count.toString() }]),
        ),
      },
    },
  ]);
}

/** Sets what a run starts with, unless it has started; counts may have come before. */
function startOnce(run: Omit<Run, "counts">, expires: { N: string }) {
  const attributes: Record<string, { S: string } | { N: string }> = {
    runId: { S: run.runId },
    kind: { S: run.kind },
    subject: { S: run.subject },
    [runsIndex.partitionKey]: { S: BUCKETS[listingOf(run.kind)] },
    [runsIndex.sortKey]: { S: run.startedAt },
    [expiresAt]: expires,
  };
  if (run.capturedAt !== undefined) attributes["capturedAt"] = { S: run.capturedAt };
  if (run.connection !== undefined) attributes["connection"] = { S: run.connection };
  if (run.problem !== undefined) attributes["problem"] = { S: JSON.stringify(run.problem) };
  const entries = Object.entries(attributes);
  return {
    text: `SET ${entries.map((_, index) => `#${index} = :${index}`).join(", ")}`,
    condition: "attribute_not_exists(startedAt)",
    names: Object.fromEntries(entries.map(([name], index) => [`#${index}`, name])),
    values: Object.fromEntries(entries.map(([, value], index) => [`:${index}`, value])),
  };
}

function runOf(item: Item): Run {
  const capturedAt = optionalText(item, "capturedAt");
  const connection = optionalText(item, "connection");
  const problem = optionalText(item, "problem");
  const kind = requiredText(item, "kind");
  return {
    runId: requiredText(item, "runId"),
    kind: runKinds.find((known) => known === kind) ?? unreadable("kind"),
    startedAt: requiredText(item, runsIndex.sortKey),
    subject: requiredText(item, "subject"),
    ...(capturedAt === undefined ? {} : { capturedAt }),
    ...(connection === undefined ? {} : { connection }),
    ...(problem === undefined ? {} : { problem: problemOf(problem) }),
    counts: countsOf(item),
  };
}

function problemOf(text: string): Problem {
  const { code, fix, detail } = recordOfText(text);
  return {
    code: textOf(code),
    fix: textOf(fix),
    ...(detail === undefined ? {} : { detail: textOf(detail) }),
  };
}

function countsOf(item: Item): Counts {
  const counts = Object.entries(item).flatMap(([name, value]): [string, bigint][] =>
    name.startsWith(COUNT_PREFIX) && value.N !== undefined
      ? [[name.slice(COUNT_PREFIX.length), BigInt(value.N)]]
      : [],
  );
  return Object.fromEntries(counts);
}
