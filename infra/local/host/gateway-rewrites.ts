/**
 * What the gateway changes in requests and answers on their way, and what it reads off them to count.
 */
import { isFields, listOf, textOf } from "./aws-client.ts";
import { type CallUsage, sqsRequests } from "./counters.ts";
import type { AwsCall } from "./gateway-actions.ts";
import { ACCOUNT_ID } from "./names.ts";

const READS = ["BatchGetItem", "GetItem", "Query", "Scan", "TransactGetItems"];
const WRITES = ["BatchWriteItem", "DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem"];

/** `VisibilityTimeout` 0 becomes 1 second, here and in each entry of a batch. */
function withVisibility(fields: AwsCall["fields"]): AwsCall["fields"] {
  const raise = (one: AwsCall["fields"]) =>
    one["VisibilityTimeout"] === 0 ? { ...one, VisibilityTimeout: 1 } : one;
  if (!Array.isArray(fields["Entries"])) return raise(fields);
  return { ...fields, Entries: listOf(fields["Entries"]).map(raise) };
}

/**
 * The body to pass on. DynamoDB is always asked for its capacity units, and a persistent fauxqs
 * (2.4.1) fails when a visibility is set to 0 seconds.
 */
export function prepareBody(call: AwsCall, body: Buffer, isPersistent: boolean): Buffer {
  const { service, action, fields } = call;
  if (service === "dynamodb" && [...READS, ...WRITES].includes(action)) {
    const asked = fields["ReturnConsumedCapacity"];
    if (asked === "TOTAL" || asked === "INDEXES") return body;
    return Buffer.from(JSON.stringify({ ...fields, ReturnConsumedCapacity: "TOTAL" }));
  }
  if (service === "sqs" && action.startsWith("ChangeMessageVisibility") && isPersistent) {
    return Buffer.from(JSON.stringify(withVisibility(fields)));
  }
  return body;
}

/** The answer with the emulators' own addresses and region replaced by those of the gateway. */
export function reshapeAnswer(
  { service, action }: AwsCall,
  body: Buffer,
  options: { readonly gatewayUrl: string; readonly region: string },
): Buffer {
  if (service === "sqs" && ["CreateQueue", "GetQueueUrl", "ListQueues"].includes(action)) {
    const own = new RegExp(`http://[^/"]+/${ACCOUNT_ID}/`, "g");
    return Buffer.from(
      body.toString("utf8").replaceAll(own, `${options.gatewayUrl}/${ACCOUNT_ID}/`),
    );
  }
  if (service === "dynamodb" && action === "DescribeTable") {
    const arn = `arn:aws:dynamodb:${options.region}:`;
    return Buffer.from(body.toString("utf8").replaceAll("arn:aws:dynamodb:ddblocal:", arn));
  }
  return body;
}

function sumUnits(consumed: unknown): number {
  const all = Array.isArray(consumed) ? consumed : [consumed];
  return listOf(all).reduce((sum, one) => sum + Number(one["CapacityUnits"] ?? 0), 0);
}

/**
 * Units of a write that was refused by its condition. AWS bills them but reports none; the size of
 * the item is not known here, so this is the least they can be.
 */
function refusedUnits({ action, fields }: AwsCall, errorType: string): number {
  if (errorType.endsWith("#ConditionalCheckFailedException")) return 1;
  if (errorType.endsWith("#TransactionCanceledException") && action === "TransactWriteItems") {
    return 2 * listOf(fields["TransactItems"]).length;
  }
  return 0;
}

function measureDynamoDb(call: AwsCall, body: Buffer, failed: boolean): CallUsage {
  if (![...READS, ...WRITES].includes(call.action)) return { failed };
  const answer: unknown = body.length === 0 ? {} : JSON.parse(body.toString("utf8"));
  const fields = isFields(answer) ? answer : {};
  const units = failed
    ? refusedUnits(call, textOf(fields["__type"]))
    : sumUnits(fields["ConsumedCapacity"]);
  return READS.includes(call.action) ? { failed, readUnits: units } : { failed, writeUnits: units };
}

/** What this call adds to the counters. */
export function measureUsage(
  call: AwsCall,
  requestBody: Buffer,
  answer: { readonly status: number; readonly body: Buffer },
): CallUsage {
  const failed = answer.status >= 400;
  if (call.service === "dynamodb") return measureDynamoDb(call, answer.body, failed);
  if (call.service !== "sqs") return { failed };
  const isReceive = call.action === "ReceiveMessage";
  const payload = isReceive ? answer.body : requestBody;
  return { failed, billedRequests: sqsRequests(payload.length) };
}
