import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkDeployment } from "#infra/local/host/deploy-checks.ts";
import { planStack } from "#infra/local/host/plan-stack.ts";
import { parseTemplate } from "#infra/local/host/template.ts";

const region = "eu-west-1";
const addresses = { region, gatewayUrl: "http://127.0.0.1:1", httpUrl: "http://127.0.0.1:2" };

function trust(service: string) {
  const statement = { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" };
  return { Version: "2012-10-17", Statement: [statement] };
}

function rolePolicy(actions: readonly string[], resource: unknown) {
  return {
    Type: "AWS::IAM::Policy",
    Properties: {
      PolicyName: "p",
      PolicyDocument: { Statement: [{ Effect: "Allow", Action: actions, Resource: resource }] },
      Roles: [{ Ref: "Role" }],
    },
  };
}

const QUEUE_READS = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

const base = {
  Role: {
    Type: "AWS::IAM::Role",
    Properties: { AssumeRolePolicyDocument: trust("lambda.amazonaws.com") },
  },
  RolePolicy: rolePolicy(QUEUE_READS, { "Fn::GetAtt": ["WorkABCDEF01", "Arn"] }),
  WorkABCDEF01: { Type: "AWS::SQS::Queue", Properties: { VisibilityTimeout: "60" } },
  WorkerABCDEF02: {
    Type: "AWS::Lambda::Function",
    Properties: {
      Code: { S3Bucket: "assets", S3Key: "abc.zip" },
      Handler: "index.handler",
      Runtime: "nodejs24.x",
      Role: { "Fn::GetAtt": ["Role", "Arn"] },
      Timeout: 10,
      Environment: { Variables: { QUEUE_URL: { Ref: "WorkABCDEF01" } } },
    },
  },
  Source: {
    Type: "AWS::Lambda::EventSourceMapping",
    Properties: {
      EventSourceArn: { "Fn::GetAtt": ["WorkABCDEF01", "Arn"] },
      FunctionName: { Ref: "WorkerABCDEF02" },
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 1,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    },
  },
};

/** `changes` replaces resources; a resource set to undefined is left out. */
function plan(changes: Readonly<Record<string, unknown>> = {}) {
  const Resources = Object.fromEntries(
    Object.entries({ ...base, ...changes }).filter(([, one]) => one !== undefined),
  );
  return planStack({
    template: parseTemplate({ Resources }),
    assets: new Map([["abc.zip", mkdtempSync(join(tmpdir(), "bundle-"))]]),
    addresses,
    check: (made, permissions) => checkDeployment(made, permissions, region),
  });
}

function withProperties(id: keyof typeof base, properties: object) {
  return { [id]: { ...base[id], Properties: { ...base[id].Properties, ...properties } } };
}

describe("plan of a template", () => {
  it("gives functions their names, limits and environment", () => {
    const made = plan();

    expect(made.functions).toMatchObject([
      {
        name: "Worker",
        physicalName: "local-WorkerABCDEF02",
        timeoutMs: 10_000,
        memoryMb: 128,
        environment: { QUEUE_URL: "http://127.0.0.1:1/000000000000/local-WorkABCDEF01" },
      },
    ]);
    expect(made.sqsSources).toMatchObject([
      { batchSize: 100, windowMs: 1_000, reportsFailures: true, concurrencyMax: 2 },
    ]);
  });

  it("leaves out a resource whose condition does not hold", () => {
    const template = parseTemplate({
      Conditions: { Never: { "Fn::Equals": ["a", "b"] } },
      Resources: { Maybe: { Type: "AWS::SQS::Queue", Condition: "Never" } },
    });

    const made = planStack({ template, assets: new Map(), addresses, check: () => [] });

    expect(made.queues).toEqual([]);
  });

  it("refuses all that is unknown at once, and says where", () => {
    const attempt = () =>
      plan({
        Stream: { Type: "AWS::Kinesis::Stream" },
        Custom: { Type: "Custom::S3BucketNotifications" },
        ...withProperties("WorkABCDEF01", { FifoQueue: true }),
        ...withProperties("Source", { TumblingWindowInSeconds: 5 }),
      });

    expect(attempt).toThrow(/Stream: unknown resource type AWS::Kinesis::Stream/);
    expect(attempt).toThrow(/Custom: unknown resource type Custom::S3BucketNotifications/);
    expect(attempt).toThrow(/WorkABCDEF01\.FifoQueue \(AWS::SQS::Queue\): FIFO queues are not/);
    expect(attempt).toThrow(/Source \(AWS::Lambda::EventSourceMapping\).*TumblingWindowInSeconds/);
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    [
      "a role without the right to read",
      { RolePolicy: undefined },
      "its role may not sqs:ReceiveMessage",
    ],
    [
      "a role nobody lets Lambda take",
      withProperties("Role", { AssumeRolePolicyDocument: trust("ec2.amazonaws.com") }),
      "not a role that lambda.amazonaws.com may take",
    ],
    [
      "a big batch without a window",
      withProperties("Source", { MaximumBatchingWindowInSeconds: 0 }),
      "above 10 it needs a MaximumBatchingWindowInSeconds",
    ],
    [
      "a visibility shorter than the function",
      withProperties("WorkABCDEF01", { VisibilityTimeout: 5 }),
      "its visibility time-out is less than the time-out of Worker",
    ],
    [
      "a stream's setting on a queue",
      withProperties("Source", { StartingPosition: "LATEST" }),
      "Source.StartingPosition: not known for a queue",
    ],
    [
      "a bundle that is not there",
      withProperties("WorkerABCDEF02", { Code: { S3Bucket: "b", S3Key: "other.zip" } }),
      "no bundle folder for other.zip",
    ],
    [
      "an unknown condition in a policy",
      withProperties("RolePolicy", {
        PolicyDocument: {
          Statement: {
            Effect: "Allow",
            Action: "*",
            Resource: "*",
            Condition: { IpAddress: { "aws:SourceIp": "1.2.3.4/32" } },
          },
        },
      }),
      "does not know the condition IpAddress aws:SourceIp",
    ],
    [
      "an unknown managed policy",
      withProperties("Role", {
        ManagedPolicyArns: ["arn:aws:iam::aws:policy/AdministratorAccess"],
      }),
      "unknown managed policy",
    ],
  ])("refuses %s", (_, changes, message) => {
    expect(() => plan(changes)).toThrow(message);
  });
});
