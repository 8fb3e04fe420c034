/**
 * Makes the template's tables in the emulator, or brings those of a former run up to date.
 */
import {
  type AwsClient,
  AwsCallError,
  type AwsFields,
  isFields,
  listOf,
  textOf,
} from "./aws-client.ts";
import type { TablePlan } from "./plan.ts";

export interface TablesMade {
  /** The emulator's own stream ARN, by the table's physical name. */
  readonly streamArns: ReadonlyMap<string, string>;
  /** Physical names of tables that did not exist before. */
  readonly fresh: ReadonlySet<string>;
}

async function describe(client: AwsClient, name: string): Promise<AwsFields | undefined> {
  try {
    const { Table } = await client.call("dynamodb", "DescribeTable", { TableName: name });
    return isFields(Table) ? Table : {};
  } catch (error) {
    if (error instanceof AwsCallError && error.code === "ResourceNotFoundException")
      return undefined;
    throw error;
  }
}

function streamSpecification({ properties }: TablePlan): AwsFields {
  return properties.StreamSpecification === undefined
    ? {}
    : { StreamSpecification: { StreamEnabled: true, ...properties.StreamSpecification } };
}

async function create(client: AwsClient, plan: TablePlan): Promise<void> {
  const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, BillingMode } = plan.properties;
  await client.call("dynamodb", "CreateTable", {
    TableName: plan.physicalName,
    AttributeDefinitions,
    KeySchema,
    BillingMode,
    ...(GlobalSecondaryIndexes === undefined ? {} : { GlobalSecondaryIndexes }),
    ...streamSpecification(plan),
  });
}

function keyText(keySchema: unknown): string {
  return listOf(keySchema)
    .map((one) => `${textOf(one["KeyType"])} ${textOf(one["AttributeName"])}`)
    .sort()
    .join(", ");
}

/** Adds indexes and the stream that the template has gained; a changed key needs a new table. */
async function update(client: AwsClient, plan: TablePlan, table: AwsFields): Promise<void> {
  const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes = [] } = plan.properties;
  if (keyText(table["KeySchema"]) !== keyText(KeySchema)) {
    throw new Error(
      `The kept table ${plan.physicalName} has another key than the template; start afresh to drop it`,
    );
  }
  const TableName = plan.physicalName;
  const existing = listOf(table["GlobalSecondaryIndexes"]);
  for (const index of GlobalSecondaryIndexes) {
    const same = existing.find((one) => one["IndexName"] === index.IndexName);
    if (same !== undefined && keyText(same["KeySchema"]) === keyText(index.KeySchema)) continue;
    if (same !== undefined) {
      throw new Error(
        `Index ${index.IndexName} of ${TableName} has changed; start afresh to drop it`,
      );
    }
    const GlobalSecondaryIndexUpdates = [{ Create: index }];
    await client.call("dynamodb", "UpdateTable", {
      TableName,
      AttributeDefinitions,
      GlobalSecondaryIndexUpdates,
    });
  }
  if (plan.properties.StreamSpecification !== undefined && table["LatestStreamArn"] === undefined) {
    await client.call("dynamodb", "UpdateTable", { TableName, ...streamSpecification(plan) });
  }
}

async function setTimeToLive(client: AwsClient, plan: TablePlan): Promise<void> {
  const wanted = plan.properties.TimeToLiveSpecification;
  if (wanted === undefined || !wanted.Enabled) return;
  const TableName = plan.physicalName;
  const { TimeToLiveDescription } = await client.call("dynamodb", "DescribeTimeToLive", {
    TableName,
  });
  const status = isFields(TimeToLiveDescription)
    ? textOf(TimeToLiveDescription["TimeToLiveStatus"])
    : "";
  if (status.startsWith("ENABL")) return;
  const TimeToLiveSpecification = wanted;
  await client.call("dynamodb", "UpdateTimeToLive", { TableName, TimeToLiveSpecification });
}

/** Rejects when a kept table cannot be brought to what the template says. */
export async function createTables(
  client: AwsClient,
  plans: readonly TablePlan[],
  notice: (text: string) => void,
): Promise<TablesMade> {
  const streamArns = new Map<string, string>();
  const fresh = new Set<string>();
  for (const plan of plans) {
    const table = await describe(client, plan.physicalName);
    if (table === undefined) {
      await create(client, plan);
      fresh.add(plan.physicalName);
    } else {
      await update(client, plan, table);
      const wanted = (plan.properties.GlobalSecondaryIndexes ?? []).map((one) => one.IndexName);
      const extra = listOf(table["GlobalSecondaryIndexes"])
        .map((one) => textOf(one["IndexName"]))
        .filter((name) => !wanted.includes(name));
      if (extra.length > 0) notice(`${plan.name} still has the dropped index ${extra.join(", ")}`);
    }
    await setTimeToLive(client, plan);
    const made = await describe(client, plan.physicalName);
    const arn = textOf(made?.["LatestStreamArn"]);
    if (arn !== "") streamArns.set(plan.physicalName, arn);
  }
  return { streamArns, fresh };
}
