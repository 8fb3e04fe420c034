/**
 * The calls the stores make on the mapping table: strongly consistent, bounded in number, tried
 * again where the table asks for it, and with every refusal classified.
 *
 * Throws SyncError `retryable` (`table-busy`, `table-unavailable`) or `bug`
 * (`table-request-invalid`); a condition that does not hold is an outcome, not an error.
 */
import { randomUUID } from "node:crypto";
import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { limits } from "#shared/config/limits.ts";
import { assert, SyncError } from "#shared/domain/sync-error.ts";
import { asSyncError, createPause, errorName, type Pause } from "./aws-errors.ts";
import { createGate, inBatches } from "./batches.ts";
import type { ItemKey } from "./item-keys.ts";

export type Item = Readonly<Record<string, AttributeValue>>;

/** An expression with what its placeholders stand for. */
export interface Expression {
  readonly text: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Item;
}

interface Change {
  /** An update expression. */
  readonly text: string;
  readonly condition?: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Item;
}

type PutOutcome =
  | { readonly kind: "written" }
  /** The condition does not hold; `stored` is what is there. */
  | { readonly kind: "refused"; readonly stored: Item | undefined };

type TransactionOutcome =
  | { readonly kind: "written" }
  /** Positions of the actions whose condition does not hold. */
  | { readonly kind: "refused"; readonly positions: ReadonlySet<number> };

interface QueryPage {
  readonly items: readonly Item[];
  readonly next: Item | undefined;
}

export interface Index {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey: string;
}

interface IndexQuery {
  readonly index: Index;
  /** The one value of the index's partition key. */
  readonly bucket: string;
  /** Sort keys below this only. */
  readonly below?: string | undefined;
  readonly limit?: number | undefined;
  readonly newestFirst?: boolean;
  readonly after?: Item | undefined;
}

interface PartitionQuery {
  readonly pk: string;
  readonly sortKeyPrefix: string;
  readonly limit: number | undefined;
}

interface ScanQuery {
  readonly sk: string;
  readonly attribute: string;
  readonly value: string;
  readonly after?: Item | undefined;
}

export interface Table {
  get(key: ItemKey): Promise<Item | undefined>;
  /** Those that exist, in no order; the same key may be asked for twice. */
  getMany(keys: readonly ItemKey[], attributes?: readonly string[]): Promise<Item[]>;
  put(item: Item, condition?: Expression): Promise<PutOutcome>;
  /** False where the condition does not hold. */
  update(key: ItemKey, change: Change): Promise<boolean>;
  remove(key: ItemKey): Promise<void>;
  /** All items of a partition whose sort key begins so, in its order; of more than `limit` the first. */
  list(pk: string, sortKeyPrefix: string, limit?: number): Promise<Item[]>;
  /** Every item of the table with this sort key, in no order, each as it is when it is read. */
  all(sk: string): AsyncIterable<Item>;
  /** One page of what {@link all} goes through, of items that have this attribute so. */
  scanPage(query: ScanQuery): Promise<QueryPage>;
  /** One page of an index: its keys only, and only eventually consistent. */
  queryIndex(query: IndexQuery): Promise<QueryPage>;
  /** All or nothing; repeated by the SDK without effect. */
  transact(actions: readonly TransactWriteItem[]): Promise<TransactionOutcome>;
  /** For the actions of a transaction. */
  readonly name: string;
}

export interface TableOptions {
  readonly client: DynamoDBClient;
  readonly name: string;
  readonly pause?: Pause;
}

/** BatchGetItem's own bound. */
const BATCH_GET_KEYS_MAX = 100;
/** TransactWriteItems' own bound. */
export const TRANSACTION_ACTIONS_MAX = 100;
const BUSY_TRIES_MAX = 10;
const PAUSE_BASE_MS = 25;
const PAUSE_MAX_MS = 1_000;

const conflictNames: ReadonlySet<string> = new Set([
  "TransactionConflictException",
  "TransactionInProgressException",
]);

export function keyOf(key: ItemKey): Item {
  return { pk: { S: key.pk }, sk: { S: key.sk } };
}

export function createTable(options: TableOptions): Table {
  const { client, name } = options;
  const pause = options.pause ?? createPause(PAUSE_BASE_MS, PAUSE_MAX_MS);
  const gate = createGate(limits.tableConcurrencyMax);
  const call = <Answer>(task: () => Promise<Answer>): Promise<Answer> =>
    withoutConflicts(() => gate(task), pause);
  return {
    name,
    async get(key) {
      const answer = await call(() =>
        client.send(new GetItemCommand({ TableName: name, Key: keyOf(key), ConsistentRead: true })),
      );
      return answer.Item;
    },
    async getMany(keys, attributes) {
      const distinct = [...new Map(keys.map((key) => [`${key.pk}\n${key.sk}`, key])).values()];
      const batches = inBatches(distinct, BATCH_GET_KEYS_MAX);
      const found = await Promise.all(
        batches.map((batch) => getBatch(options, call, pause, batch.map(keyOf), attributes)),
      );
      return found.flat();
    },
    put: (item, condition) => putItem(options, call, item, condition),
    async update(key, change) {
      const command = new UpdateItemCommand({
        TableName: name,
        Key: keyOf(key),
        UpdateExpression: change.text,
        ConditionExpression: change.condition,
        ExpressionAttributeNames: change.names,
        ExpressionAttributeValues: change.values,
      });
      const outcome = await conditional(() => call(() => client.send(command)));
      return outcome.kind === "written";
    },
    async remove(key) {
      const command = new DeleteItemCommand({ TableName: name, Key: keyOf(key) });
      await call(() => client.send(command));
    },
    list: (pk, sortKeyPrefix, limit) => listPartition(options, call, { pk, sortKeyPrefix, limit }),
    all: (sk) => scan(options, call, sk),
    scanPage: (query) => scanPage(options, call, query),
    queryIndex: (query) => queryIndex(options, call, query),
    transact: (actions) => transact(options, gate, pause, actions),
  };
}

type Call = <Answer>(task: () => Promise<Answer>) => Promise<Answer>;

/** Tries again while a transaction of someone else holds the item, then gives up as `table-busy`. */
async function withoutConflicts<Answer>(
  task: () => Promise<Answer>,
  pause: Pause,
): Promise<Answer> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await task();
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) throw error;
      if (error instanceof TransactionCanceledException) throw error;
      if (!conflictNames.has(errorName(error))) throw asSyncError("table", error);
      if (tries >= BUSY_TRIES_MAX) throw busy(error);
      await pause(tries);
    }
  }
}

function busy(cause?: unknown): SyncError {
  return new SyncError({ kind: "retryable", code: "table-busy" }, cause);
}

async function conditional(task: () => Promise<unknown>): Promise<PutOutcome> {
  try {
    await task();
    return { kind: "written" };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { kind: "refused", stored: error.Item };
  }
}

function putItem(
  { client, name }: TableOptions,
  call: Call,
  item: Item,
  condition: Expression | undefined,
): Promise<PutOutcome> {
  const command = new PutItemCommand({
    TableName: name,
    Item: item,
    ConditionExpression: condition?.text,
    ExpressionAttributeNames: condition?.names,
    ExpressionAttributeValues: condition?.values,
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  });
  return conditional(() => call(() => client.send(command)));
}

/** Asks again for what an answer left out, for as long as answers bring something. */
async function getBatch(
  { client, name }: TableOptions,
  call: Call,
  pause: Pause,
  keys: readonly Item[],
  attributes: readonly string[] | undefined,
): Promise<Item[]> {
  const projection =
    attributes === undefined
      ? {}
      : {
          ProjectionExpression: attributes.map((_, index) => `#${index}`).join(","),
          ExpressionAttributeNames: Object.fromEntries(
            attributes.map((attribute, index) => [`#${index}`, attribute]),
          ),
        };
  const found: Item[] = [];
  let rest = [...keys];
  for (let tries = 0; rest.length > 0; ) {
    const command = new BatchGetItemCommand({
      RequestItems: { [name]: { Keys: rest, ConsistentRead: true, ...projection } },
    });
    const answer = await call(() => client.send(command));
    found.push(...(answer.Responses?.[name] ?? []));
    const left = answer.UnprocessedKeys?.[name]?.Keys ?? [];
    if (left.length > 0) {
      tries = left.length < rest.length ? 0 : tries + 1;
      if (tries > BUSY_TRIES_MAX) throw busy();
      await pause(tries);
    }
    rest = left;
  }
  return found;
}

async function listPartition(
  { client, name }: TableOptions,
  call: Call,
  { pk, sortKeyPrefix, limit }: PartitionQuery,
): Promise<Item[]> {
  const items: Item[] = [];
  let after: Record<string, AttributeValue> | undefined;
  do {
    const command: QueryCommand = new QueryCommand({
      TableName: name,
      ConsistentRead: true,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
      ExpressionAttributeValues: { ":pk": { S: pk }, ":prefix": { S: sortKeyPrefix } },
      ExclusiveStartKey: after,
      Limit: limit === undefined ? undefined : limit - items.length,
    });
    const answer = await call(() => client.send(command));
    items.push(...(answer.Items ?? []));
    after = items.length === limit ? undefined : answer.LastEvaluatedKey;
  } while (after !== undefined);
  return items;
}

async function* scan({ client, name }: TableOptions, call: Call, sk: string): AsyncGenerator<Item> {
  let after: Record<string, AttributeValue> | undefined;
  do {
    const command: ScanCommand = new ScanCommand({
      TableName: name,
      ConsistentRead: true,
      FilterExpression: "sk = :sk",
      ExpressionAttributeValues: { ":sk": { S: sk } },
      ExclusiveStartKey: after,
    });
    const answer = await call(() => client.send(command));
    yield* answer.Items ?? [];
    after = answer.LastEvaluatedKey;
  } while (after !== undefined);
}

async function scanPage(
  { client, name }: TableOptions,
  call: Call,
  { sk, attribute, value, after }: ScanQuery,
): Promise<QueryPage> {
  const command = new ScanCommand({
    TableName: name,
    ConsistentRead: true,
    FilterExpression: "sk = :sk AND #attribute = :value",
    ExpressionAttributeNames: { "#attribute": attribute },
    ExpressionAttributeValues: { ":sk": { S: sk }, ":value": { S: value } },
    ExclusiveStartKey: after,
  });
  const answer = await call(() => client.send(command));
  return { items: answer.Items ?? [], next: answer.LastEvaluatedKey };
}

async function queryIndex(
  { client, name }: TableOptions,
  call: Call,
  query: IndexQuery,
): Promise<QueryPage> {
  const { index, below } = query;
  const command = new QueryCommand({
    TableName: name,
    IndexName: index.name,
    KeyConditionExpression:
      below === undefined ? "#bucket = :bucket" : "#bucket = :bucket AND #sort < :below",
    ExpressionAttributeNames: { "#bucket": index.partitionKey, "#sort": index.sortKey },
    ExpressionAttributeValues: {
      ":bucket": { S: query.bucket },
      ...(below === undefined ? {} : { ":below": { S: below } }),
    },
    ProjectionExpression: "pk, sk, #bucket, #sort",
    ScanIndexForward: query.newestFirst !== true,
    Limit: query.limit,
    ExclusiveStartKey: query.after,
  });
  const answer = await call(() => client.send(command));
  return { items: answer.Items ?? [], next: answer.LastEvaluatedKey };
}

async function transact(
  { client }: TableOptions,
  gate: Call,
  pause: Pause,
  actions: readonly TransactWriteItem[],
): Promise<TransactionOutcome> {
  assert(actions.length <= TRANSACTION_ACTIONS_MAX, "transaction-too-large");
  for (let tries = 0; ; tries += 1) {
    const command = new TransactWriteItemsCommand({
      TransactItems: [...actions],
      // A repetition by the SDK, after an answer that was lost, takes effect once.
      ClientRequestToken: randomUUID(),
    });
    try {
      await withoutConflicts(() => gate(() => client.send(command)), pause);
      return { kind: "written" };
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const codes = (error.CancellationReasons ?? []).map((reason) => reason.Code ?? "None");
      const refused = codes.flatMap((code, position) =>
        code === "ConditionalCheckFailed" ? [position] : [],
      );
      if (refused.length > 0) return { kind: "refused", positions: new Set(refused) };
      if (codes.includes("ValidationError")) {
        throw new SyncError({ kind: "bug", code: "table-request-invalid" }, error);
      }
      if (tries >= BUSY_TRIES_MAX) throw busy(error);
      await pause(tries);
    }
  }
}
