/**
 * The names, addresses and ARNs that each resource has on this machine, known before it exists.
 */
import { createHash } from "node:crypto";
import type { ResourceNames } from "./intrinsics.ts";
import type { Template } from "./template.ts";

export const ACCOUNT_ID = "000000000000";
export const STACK_NAME = "local";

export interface Addresses {
  readonly region: string;
  /** Base URL of the AWS gateway, no slash at the end. */
  readonly gatewayUrl: string;
  /** Base URL of the HTTP API, no slash at the end. */
  readonly httpUrl: string;
}

/** The logical id without the eight hex digits that CDK appends. */
function friendlyName(logicalId: string): string {
  const cut = logicalId.replace(/[0-9A-F]{8}$/, "");
  return cut === "" ? logicalId : cut;
}

/** Logical id to friendly name; those that would share one keep their whole logical id. */
export function friendlyNames(logicalIds: Iterable<string>): ReadonlyMap<string, string> {
  const ids = [...logicalIds];
  const count = (name: string) => ids.filter((id) => friendlyName(id) === name).length;
  return new Map(ids.map((id) => [id, count(friendlyName(id)) === 1 ? friendlyName(id) : id]));
}

export function arnOf(service: string, region: string, path: string): string {
  return `arn:aws:${service}:${region}:${ACCOUNT_ID}:${path}`;
}

/** The last part of an SQS or Lambda ARN. */
export function nameFromArn(arn: string): string {
  return arn.slice(arn.lastIndexOf(":") + 1);
}

function shorten(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 8);
  return `${text.slice(0, lengthMax - 9)}-${digest}`;
}

type NameMaker = (physical: string, addresses: Addresses) => ResourceNames;

function withArn(service: string, path: (name: string) => string, regional = true): NameMaker {
  return (name, { region }) => ({
    ref: name,
    attributes: { Arn: arnOf(service, regional ? region : "", path(name)) },
  });
}

const nameTable: NameMaker = (name, { region }) => {
  const arn = arnOf("dynamodb", region, `table/${name}`);
  return { ref: name, attributes: { Arn: arn, StreamArn: `${arn}/stream/local` } };
};
const nameQueue: NameMaker = (name, { region, gatewayUrl }) => {
  const url = `${gatewayUrl}/${ACCOUNT_ID}/${name}`;
  const arn = arnOf("sqs", region, name);
  return { ref: url, attributes: { Arn: arn, QueueName: name, QueueUrl: url } };
};
const nameSecret: NameMaker = (name, { region }) => {
  const tail = createHash("sha256").update(name).digest("hex").slice(0, 6);
  const arn = arnOf("secretsmanager", region, `secret:${name}-${tail}`);
  return { ref: arn, attributes: { Id: arn } };
};
const nameTopic: NameMaker = (name, { region }) => {
  const arn = arnOf("sns", region, name);
  return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
};
const plain: NameMaker = (name) => ({ ref: name, attributes: { Id: name } });
const bare: NameMaker = (name) => ({ ref: name, attributes: {} });

interface Naming {
  /** With a dot where the name is inside of a property. */
  readonly property?: string;
  readonly lengthMax?: number;
  readonly lowerCase?: boolean;
  readonly make: NameMaker;
}

const NAMINGS: Readonly<Record<string, Naming>> = {
  "AWS::DynamoDB::Table": { property: "TableName", make: nameTable },
  "AWS::DynamoDB::GlobalTable": { property: "TableName", make: nameTable },
  "AWS::SQS::Queue": { property: "QueueName", lengthMax: 80, make: nameQueue },
  "AWS::S3::Bucket": {
    property: "BucketName",
    lengthMax: 63,
    lowerCase: true,
    make: (name) => ({ ref: name, attributes: { Arn: `arn:aws:s3:::${name}` } }),
  },
  "AWS::Lambda::Function": {
    property: "FunctionName",
    lengthMax: 64,
    make: withArn("lambda", (name) => `function:${name}`),
  },
  "AWS::IAM::Role": {
    property: "RoleName",
    lengthMax: 64,
    make: withArn("iam", (name) => `role/${name}`, false),
  },
  "AWS::Logs::LogGroup": {
    property: "LogGroupName",
    make: withArn("logs", (name) => `log-group:${name}:*`),
  },
  "AWS::ApiGatewayV2::Api": {
    make: (name, { httpUrl }) => ({
      ref: name.toLowerCase(),
      attributes: { ApiEndpoint: httpUrl, ApiId: name.toLowerCase() },
    }),
  },
  "AWS::ApiGatewayV2::Stage": { property: "StageName", make: plain },
  "AWS::Scheduler::Schedule": {
    property: "Name",
    lengthMax: 64,
    make: withArn("scheduler", (name) => `schedule/default/${name}`),
  },
  "AWS::Scheduler::ScheduleGroup": {
    property: "Name",
    lengthMax: 64,
    make: withArn("scheduler", (name) => `schedule-group/${name}`),
  },
  "AWS::SecretsManager::Secret": { property: "Name", make: nameSecret },
  "AWS::CloudWatch::Alarm": {
    property: "AlarmName",
    make: withArn("cloudwatch", (name) => `alarm:${name}`),
  },
  "AWS::SNS::Topic": { property: "TopicName", make: nameTopic },
  "AWS::Glue::Database": { property: "DatabaseInput.Name", make: bare },
  "AWS::Glue::Table": { property: "TableInput.Name", make: bare },
  "AWS::Athena::WorkGroup": { property: "Name", make: bare },
};

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** The names of one resource: the physical name of the template when it gives one, else a stable one. */
export function nameResource(
  template: Pick<Template, "Resources">,
  logicalId: string,
  addresses: Addresses,
  resolve: (value: unknown, place: string) => unknown,
): ResourceNames {
  const resource = template.Resources[logicalId];
  const naming = NAMINGS[resource?.Type ?? ""] ?? { make: plain };
  const property = naming.property;
  const given = property?.split(".").reduce<unknown>(fieldOf, resource?.Properties);
  if (given !== undefined) {
    const name = resolve(given, `${logicalId}.Properties.${property}`);
    if (typeof name === "string") return naming.make(name, addresses);
  }
  const name = shorten(`${STACK_NAME}-${logicalId}`, naming.lengthMax ?? 255);
  return naming.make(naming.lowerCase === true ? name.toLowerCase() : name, addresses);
}
