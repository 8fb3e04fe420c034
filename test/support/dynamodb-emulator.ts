/** A live DynamoDB with the mapping table as the deployment has it, for contract tests. */
import { randomUUID } from "node:crypto";
import {
  CreateTableCommand,
  DynamoDBClient,
  type GlobalSecondaryIndex,
} from "@aws-sdk/client-dynamodb";
import {
  type _Record,
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from "@aws-sdk/client-dynamodb-streams";
import { type EngineChoice, startDynamoDb } from "#infra/local/host/dynamodb-engine.ts";
import { callSettings } from "#shared/aws/aws-clients.ts";
import { createTable, type Table } from "#shared/aws/table.ts";
import { tableSchema } from "#shared/config/names.ts";

interface EmulatedTable {
  readonly table: Table;
  readonly client: DynamoDBClient;
  /** All that the table's stream holds, oldest first. */
  readStream(): Promise<readonly _Record[]>;
}

export interface DynamoDbEmulator {
  /** A new, empty table. */
  createMappingTable(): Promise<EmulatedTable>;
  stop(): Promise<void>;
}

export async function startDynamoDbEmulator(
  choice: EngineChoice = "auto",
): Promise<DynamoDbEmulator> {
  const engine = await startDynamoDb(choice, undefined, () => undefined);
  const settings = {
    ...callSettings(),
    endpoint: engine.url,
    region: "eu-west-1",
    credentials: { accessKeyId: "contract", secretAccessKey: "contract" },
  };
  const client = new DynamoDBClient(settings);
  const streams = new DynamoDBStreamsClient(settings);
  return {
    async createMappingTable() {
      const name = `mapping-${randomUUID()}`;
      const created = await client.send(new CreateTableCommand(tableDefinition(name)));
      const streamArn = created.TableDescription?.LatestStreamArn;
      if (streamArn === undefined) throw new Error("the table has no stream");
      return {
        table: createTable({ client, name }),
        client,
        readStream: () => readStream(streams, streamArn),
      };
    },
    async stop() {
      client.destroy();
      streams.destroy();
      await engine.stop();
    },
  };
}

/** Indexes project keys only: the stores must not rely on more. */
function tableDefinition(name: string): ConstructorParameters<typeof CreateTableCommand>[0] {
  const { partitionKey, sortKey, dueIndex, parkedIndex, runsIndex } = tableSchema;
  const indexes = [dueIndex, parkedIndex, runsIndex];
  const attributes = [
    partitionKey,
    sortKey,
    ...indexes.flatMap((index) => [index.partitionKey, index.sortKey]),
  ];
  return {
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: [
      { AttributeName: partitionKey, KeyType: "HASH" },
      { AttributeName: sortKey, KeyType: "RANGE" },
    ],
    AttributeDefinitions: attributes.map((attribute) => ({
      AttributeName: attribute,
      AttributeType: "S" as const,
    })),
    GlobalSecondaryIndexes: indexes.map(
      (index): GlobalSecondaryIndex => ({
        IndexName: index.name,
        KeySchema: [
          { AttributeName: index.partitionKey, KeyType: "HASH" },
          { AttributeName: index.sortKey, KeyType: "RANGE" },
        ],
        Projection: { ProjectionType: "KEYS_ONLY" },
      }),
    ),
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
  };
}

async function readStream(streams: DynamoDBStreamsClient, StreamArn: string): Promise<_Record[]> {
  const described = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const records: _Record[] = [];
  for (const { ShardId } of described.StreamDescription?.Shards ?? []) {
    const start = await streams.send(
      new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" }),
    );
    let iterator = start.ShardIterator;
    while (iterator !== undefined) {
      const page = await streams.send(new GetRecordsCommand({ ShardIterator: iterator }));
      records.push(...(page.Records ?? []));
      // An open shard has always one more iterator; an empty page is its end for now.
      iterator = (page.Records ?? []).length === 0 ? undefined : page.NextShardIterator;
    }
  }
  return records;
}
