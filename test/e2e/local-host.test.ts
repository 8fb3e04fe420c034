import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDB } from "@aws-sdk/client-dynamodb";
import { S3 } from "@aws-sdk/client-s3";
import { SQS } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HostLog, type LocalHost, startHost } from "#infra/local/host/index.ts";
import type { Assembly } from "#infra/local/host/template.ts";
import { synthesizeTestStack } from "./local-host-stack.ts";

const WAIT = { timeout: 30_000, interval: 50 };

let assembly: Assembly;
beforeAll(async () => {
  assembly = await synthesizeTestStack();
});

interface Started {
  readonly host: LocalHost;
  readonly log: HostLog[];
  readonly ddb: DynamoDB;
  readonly sqs: SQS;
  readonly s3: S3;
}

async function start(template = assembly.template, stateFolder?: string): Promise<Started> {
  const log: HostLog[] = [];
  const host = await startHost({
    template,
    assets: assembly.assets,
    secrets: new Map([["Token", "first"]]),
    onLog: (line) => log.push(line),
    ...(stateFolder === undefined ? {} : { stateFolder }),
  });
  const { region, endpoint, accessKeyId, secretAccessKey } = host.aws;
  const config = { region, endpoint, credentials: { accessKeyId, secretAccessKey } };
  return { host, log, ddb: new DynamoDB(config), sqs: new SQS(config), s3: new S3(config) };
}

async function readThing({ ddb, host }: Started, table: "Things" | "Seen", pk: string) {
  const answer = await ddb.getItem({ TableName: host.tables[table], Key: { pk: { S: pk } } });
  return answer.Item;
}

async function queueCounts({ sqs, host }: Started, name: string) {
  const { Attributes = {} } = await sqs.getQueueAttributes({
    QueueUrl: host.queues[name],
    AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
  });
  return {
    visible: Number(Attributes["ApproximateNumberOfMessages"]),
    inFlight: Number(Attributes["ApproximateNumberOfMessagesNotVisible"]),
  };
}

function send({ sqs, host }: Started, message: unknown) {
  return sqs.sendMessage({
    QueueUrl: host.queues["Changes"],
    MessageBody: JSON.stringify(message),
  });
}

function postThing({ host }: Started, id: string, fields: unknown = {}): Promise<Response> {
  return fetch(`${host.http}/things/${id}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(fields),
  });
}

/** With headers that `fetch` does not let one choose. */
function statusOf(url: string, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(url, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on("error", reject);
    call.end();
  });
}

function errorsIn(log: readonly HostLog[]): readonly string[] {
  return log.flatMap((line) => (line.kind === "error" ? [line.text] : []));
}

describe("a running stack", () => {
  let stack: Started;
  beforeAll(async () => {
    stack = await start();
  });
  afterAll(() => stack?.host.close());

  it("carries a request over queue, function and table to the stream's function", async () => {
    const response = await postThing(stack, "one", { note: "hello" });

    expect(response.status).toBe(202);
    expect(response.headers.get("x-made-by")).toBe("receive");
    expect(await response.json()).toEqual({ id: "one" });
    await stack.host.idle();
    expect(await readThing(stack, "Things", "thing#one")).toMatchObject({ note: { S: "hello" } });
    expect(await readThing(stack, "Seen", "thing#one")).toMatchObject({
      times: { N: "1" },
      eventName: { S: "INSERT" },
    });
    expect(stack.log).toContainEqual({
      kind: "function-log",
      functionName: "Receive",
      text: "received /things/one",
    });
  });

  it("answers 404 where there is no route and gives the stack's outputs", async () => {
    expect((await fetch(`${stack.host.http}/nothing`)).status).toBe(404);
    expect(stack.host.outputs).toEqual({ ApiUrl: stack.host.http });
  });

  it("deletes what succeeded of a batch, and moves what keeps failing to the dead letters", async () => {
    await stack.sqs.sendMessageBatch({
      QueueUrl: stack.host.queues["Changes"],
      Entries: [
        { Id: "a", MessageBody: JSON.stringify({ id: "good" }) },
        { Id: "b", MessageBody: JSON.stringify({ id: "bad", mode: "poison" }) },
      ],
    });

    await expect.poll(() => readThing(stack, "Things", "thing#good"), WAIT).toBeDefined();
    await expect
      .poll(() => queueCounts(stack, "ChangesDead"), WAIT)
      .toEqual({ visible: 1, inFlight: 0 });
    const { Messages = [] } = await stack.sqs.receiveMessage({
      QueueUrl: stack.host.queues["ChangesDead"],
    });
    expect(Messages.map((one) => one.Body)).toEqual([
      JSON.stringify({ id: "bad", mode: "poison" }),
    ]);
    expect(await readThing(stack, "Things", "thing#bad")).toBeUndefined();
  });

  it("halves a failing stream batch and hands the record that keeps failing to its queue", async () => {
    await send(stack, { id: "worse", note: "bad for watch" });
    await send(stack, { id: "fine", note: "good for watch" });

    await expect.poll(() => readThing(stack, "Seen", "thing#fine"), WAIT).toBeDefined();
    await expect
      .poll(async () => (await queueCounts(stack, "StreamFailures")).visible, WAIT)
      .toBe(1);
    const { Messages = [] } = await stack.sqs.receiveMessage({
      QueueUrl: stack.host.queues["StreamFailures"],
    });
    expect(JSON.parse(Messages[0]?.Body ?? "")).toMatchObject({
      requestContext: { condition: "RetryAttemptsExhausted" },
      DDBStreamBatchInfo: { batchSize: 1 },
    });
    expect(errorsIn(stack.log).some((text) => /cannot watch thing#worse/.test(text))).toBe(true);
  });

  it("reads a stream for two functions, each on its own", async () => {
    await send(stack, { id: "both", note: "bad for watch" });

    await expect
      .poll(() => readThing(stack, "Seen", "recorded#thing#both"), WAIT)
      .toMatchObject({ times: { N: "1" } });
    await stack.host.idle();
    // Watch failed with it and gave it up, which is none of the other's business.
    expect((await queueCounts(stack, "StreamFailures")).visible).toBeGreaterThanOrEqual(1);
    expect(await readThing(stack, "Seen", "recorded#thing#both")).toMatchObject({
      times: { N: "1" },
    });
  });

  it("tells the queue of an object with the suffix, and of no other", async () => {
    const put = (key: string) =>
      fetch(`${stack.host.http}/_local/inbox/${key}`, { method: "PUT", body: "12345" });

    expect((await put("folder/ignored.txt")).status).toBe(200);
    expect((await put("folder/a b.csv")).status).toBe(200);

    await expect
      .poll(() => readThing(stack, "Things", "object#folder/a+b.csv"), WAIT)
      .toMatchObject({ note: { S: "5" } });
    await stack.host.idle();
    expect(await readThing(stack, "Things", "object#folder/ignored.txt")).toBeUndefined();
    const stored = await stack.s3.getObject({
      Bucket: stack.host.buckets["Inbox"],
      Key: "folder/ignored.txt",
    });
    expect(await stored.Body?.transformToString()).toBe("12345");
  });

  it("fires a schedule when asked, here and over HTTP", async () => {
    expect(stack.host.schedules).toEqual(["Nightly"]);

    await stack.host.fireSchedule("Nightly");
    await stack.host.idle();

    expect(await readThing(stack, "Things", "thing#nightly")).toMatchObject({
      note: { S: "scheduled" },
    });
    const url = `${stack.host.http}/_local/schedules`;
    expect((await fetch(`${url}/Nightly/fire`, { method: "POST" })).status).toBe(200);
    expect((await fetch(`${url}/Never/fire`, { method: "POST" })).status).toBe(500);
    await stack.host.idle();
  });

  it("lets the operator use guarded routes, and no web page", async () => {
    const url = `${stack.host.http}/admin/a/b?x=1&x=2`;

    const response = await fetch(url);

    expect(await response.json()).toEqual({
      arn: "arn:aws:iam::000000000000:user/local-operator",
      path: "a/b",
      query: { x: "1,2" },
    });
    expect(await statusOf(url, { host: "evil.example" })).toBe(403);
    expect(await statusOf(url, { origin: "http://evil.example" })).toBe(403);
    const control = `${stack.host.http}/_local/stack`;
    expect(await statusOf(control, { host: "evil.example:80" })).toBe(403);
    expect(await statusOf(control, {})).toBe(200);
  });

  it("refuses a caller without a known access key", async () => {
    const stranger = new SQS({
      region: "eu-west-1",
      endpoint: stack.host.aws.endpoint,
      credentials: { accessKeyId: "STRANGER", secretAccessKey: "x" },
    });

    await expect(stranger.listQueues({})).rejects.toThrow("Unknown access key");
  });

  it("asks a transaction for the grant of each of its parts", async () => {
    expect(await stack.host.invoke("Admin", { tool: "transact" })).toBe("AccessDeniedException");
    expect(
      errorsIn(stack.log).some((text) => text.includes("perform: dynamodb:ConditionCheckItem")),
    ).toBe(true);
  });

  it("keeps a secret's new value", async () => {
    const value = randomUUID();

    expect(await stack.host.invoke("Admin", { tool: "secret", value })).toBe(value);
  });

  it("stores an object once under a condition, as S3 does", async () => {
    const key = `once-${randomUUID()}`;

    expect(await stack.host.invoke("Admin", { tool: "put-once", key })).toBe("stored");
    expect(await stack.host.invoke("Admin", { tool: "put-once", key })).toBe("PreconditionFailed");
  });

  it("calls a missing object forbidden to a role that may not list", async () => {
    const key = "missing";

    expect(await stack.host.invoke("Admin", { tool: "read-object", key })).toBe("AccessDenied");
  });

  it("ends a function at its time-out, and the next event runs", async () => {
    await expect(stack.host.invoke("Admin", { tool: "loop" })).rejects.toThrow(
      "Task timed out after 3.00 seconds",
    );
    expect(await stack.host.invoke("Admin", { tool: "secret", value: "again" })).toBe("again");
  });

  it("counts calls, units and invocations, and plants faults", async () => {
    await stack.host.idle();
    stack.host.resetCounters();
    stack.host.injectFault({ service: "dynamodb", action: "PutItem", kind: "throttle", times: 1 });

    await postThing(stack, "counted");
    await stack.host.idle();

    const { calls, functions } = stack.host.counters();
    expect(calls["Apply"]?.["dynamodb:PutItem"]).toMatchObject({
      calls: 2,
      failed: 1,
      writeUnits: 1,
    });
    expect(calls["Receive"]?.["sqs:SendMessage"]).toMatchObject({ calls: 1, billedRequests: 1 });
    expect(calls["event-source/Apply"]?.["sqs:DeleteMessageBatch"]?.calls).toBe(1);
    expect(functions["Apply"]?.invocations).toBe(1);
    expect(functions["Apply"]?.cpuMs).toBeGreaterThan(0);
    const listed = await fetch(`${stack.host.http}/_local/counters`);
    expect(await listed.json()).toEqual(JSON.parse(JSON.stringify(stack.host.counters())));
  });
});

describe("a stack whose grant is missing", () => {
  it("refuses the call as AWS would", async () => {
    const { Resources, ...rest } = assembly.template;
    const without = Object.entries(Resources).filter(
      ([id]) => !id.startsWith("ReceiveServiceRoleDefaultPolicy"),
    );
    expect(without.length).toBe(Object.keys(Resources).length - 1);
    const stack = await start({ ...rest, Resources: Object.fromEntries(without) });

    const response = await postThing(stack, "refused");

    expect(response.status).toBe(500);
    expect(
      errorsIn(stack.log).some((text) => /^Receive: AccessDeniedException: User/.test(text)),
    ).toBe(true);
    await stack.host.close();
  });
});

describe("a killed host", () => {
  it("goes on where it was: items, objects, queues and stream positions", async () => {
    const folder = await mkdtemp(join(tmpdir(), "local-host-state-"));
    const first = await start(assembly.template, folder);
    await postThing(first, "early", { note: "kept" });
    await first.host.idle();
    await first.s3.putObject({
      Bucket: first.host.buckets["Inbox"],
      Key: "kept.txt",
      Body: "still here",
    });
    await first.host.invoke("Admin", { tool: "secret", value: "rotated" });
    await send(first, { id: "held", mode: "hold" });
    await expect.poll(() => readThing(first, "Things", "holding#held"), WAIT).toBeDefined();
    first.host.kill();

    const second = await start(assembly.template, folder);
    const TableName = second.host.tables["Things"];
    await second.ddb.putItem({ TableName, Item: { pk: { S: "release" }, note: { S: "" } } });
    await second.host.idle();

    expect(await readThing(second, "Things", "thing#early")).toMatchObject({ note: { S: "kept" } });
    expect(await readThing(second, "Things", "thing#held")).toBeDefined();
    expect(await readThing(second, "Things", "holding#held")).toMatchObject({ note: { S: "2" } });
    expect(await readThing(second, "Seen", "thing#held")).toMatchObject({ times: { N: "1" } });
    // Seen once by the first run, and not again by the second.
    expect(await readThing(second, "Seen", "thing#early")).toMatchObject({ times: { N: "1" } });
    for (const pk of ["recorded#thing#early", "recorded#thing#held"]) {
      expect(await readThing(second, "Seen", pk)).toMatchObject({ times: { N: "1" } });
    }
    const Bucket = second.host.buckets["Inbox"];
    const stored = await second.s3.getObject({ Bucket, Key: "kept.txt" });
    expect(await stored.Body?.transformToString()).toBe("still here");
    await second.host.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("acknowledges what was under way when it is closed", async () => {
    const folder = await mkdtemp(join(tmpdir(), "local-host-state-"));
    const first = await start(assembly.template, folder);
    await send(first, { id: "last", mode: "hold" });
    await expect.poll(() => readThing(first, "Things", "holding#last"), WAIT).toBeDefined();
    const closed = first.host.close();
    const TableName = first.host.tables["Things"];
    await first.ddb.putItem({ TableName, Item: { pk: { S: "release" }, note: { S: "" } } });
    await closed;

    const second = await start(assembly.template, folder);
    await second.host.idle();

    // Its one delivery was enough.
    expect(await readThing(second, "Things", "holding#last")).toMatchObject({ note: { S: "1" } });
    expect(await readThing(second, "Seen", "thing#last")).toMatchObject({ times: { N: "1" } });
    await second.host.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("holds its folder alone", async () => {
    const folder = await mkdtemp(join(tmpdir(), "local-host-state-"));
    const first = await start(assembly.template, folder);

    await expect(start(assembly.template, folder)).rejects.toThrow("in use by another local host");
    await first.host.close();
    await rm(folder, { recursive: true, force: true });
  });
});
