import type { Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, it } from "vitest";
import { scheduledExports } from "#shared/config/exports.ts";
import { exportMessage } from "#shared/contracts/messages.ts";
import { propertiesOf, readable, synthesizeStage } from "./stack-template.ts";

let template: Template;

beforeAll(async () => {
  template = (await synthesizeStage("prod")).template;
});

describe("the HTTP API", () => {
  const access = (stage: Template) =>
    Object.fromEntries(
      [...propertiesOf(stage, "AWS::ApiGatewayV2::Route").values()].map((route) => [
        route.RouteKey,
        route.AuthorizationType,
      ]),
    );
  const guardedBy = (type: string) => ({
    "POST /webhooks/{connection}": "NONE",
    "GET /health": "NONE",
    "GET /cross-references/{connection}/{recordType}/{externalId}": type,
    "GET /customers/{canonicalId}": type,
    "GET /records/{canonicalId}/history": type,
    "GET /records/{canonicalId}/ubl": type,
    "GET /runs": type,
    "GET /runs/{runId}": type,
    "POST /syncs": type,
    "GET /parked": type,
    "POST /parked/retry": type,
    "GET /waiting": type,
    "POST /records/{canonicalId}/decisions": type,
    "POST /records/{canonicalId}/dismissals": type,
    "POST /runs/{runId}/approval": type,
    "POST /runs/{runId}/result": type,
    "GET /connections": type,
    "POST /tie-outs": type,
    "GET /tie-outs": type,
    "GET /tie-outs/{runId}": type,
    "GET /tie-outs/{runId}/differences": type,
    "GET /file-profiles": type,
    "POST /file-profiles/proposals": type,
    "GET /file-profiles/{name}": type,
    "PUT /file-profiles/{name}": type,
    "DELETE /file-profiles/{name}": type,
    "POST /exports": type,
    "GET /exports": type,
    "GET /exports/{runId}": type,
    "GET /corrections": type,
    "GET /corrections/{orderId}": type,
    "POST /corrections/{orderId}/approval": type,
    "POST /corrections/{orderId}/dismissal": type,
  });

  it("opens only webhooks and health without credentials of AWS", () => {
    expect(access(template)).toEqual(guardedBy("AWS_IAM"));
  });

  it("takes tokens of an issuer in place of IAM", async () => {
    const stage = await synthesizeStage("prod", {
      oidcIssuer: "https://login.example.com",
      oidcAudience: "tieout",
    });

    expect(access(stage.template)).toEqual(guardedBy("JWT"));
    stage.template.hasResourceProperties("AWS::ApiGatewayV2::Authorizer", {
      AuthorizerType: "JWT",
      JwtConfiguration: { Issuer: "https://login.example.com", Audience: ["tieout"] },
    });
  });

  it("sends webhooks to receive-webhook, exports and proposals to functions of their own, all else to serve-api", () => {
    const targets = new Map(
      [...propertiesOf(template, "AWS::ApiGatewayV2::Integration")].map(([id, integration]) => [
        `integrations/${id}`,
        readable(integration.IntegrationUri),
      ]),
    );
    const routes = [...propertiesOf(template, "AWS::ApiGatewayV2::Route").values()];

    const others = new Map([
      ["POST /webhooks/{connection}", "ReceiveWebhook"],
      ["GET /records/{canonicalId}/ubl", "ExportDocument"],
      ["POST /file-profiles/proposals", "ProposeProfile"],
    ]);
    for (const route of routes) {
      const name = others.get(route.RouteKey) ?? "ServeApi";
      expect(targets.get(readable(route.Target))).toBe(`SyncFunctions${name}Function.Arn`);
    }
    template.resourceCountIs("AWS::Lambda::Permission", routes.length);
  });

  it("is throttled and logs no header, body or query", () => {
    const stage = propertiesOf(template, "AWS::ApiGatewayV2::Stage").get("SyncApiStage");

    expect(stage).toMatchObject({
      StageName: "$default",
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 },
    });
    expect(readable(stage.AccessLogSettings.DestinationArn)).toBe("SyncApiAccessLog.Arn");
    expect(Object.values(JSON.parse(stage.AccessLogSettings.Format)).sort()).toEqual([
      "$context.authorizer.error",
      "$context.identity.sourceIp",
      "$context.integrationErrorMessage",
      "$context.requestId",
      "$context.requestTime",
      "$context.responseLatency",
      "$context.responseLength",
      "$context.routeKey",
      "$context.status",
    ]);
  });
});

describe("the schedules", () => {
  const schedules = (stage: Template) =>
    [...propertiesOf(stage, "AWS::Scheduler::Schedule").values()].map((schedule) => ({
      name: schedule.Name,
      expression: schedule.ScheduleExpression,
      timeZone: schedule.ScheduleExpressionTimezone,
      target: readable(schedule.Target.Arn),
      deadLetters: readable(schedule.Target.DeadLetterConfig.Arn),
      input: JSON.parse(schedule.Target.Input),
      window: schedule.FlexibleTimeWindow.Mode,
    }));
  const common = {
    target: "SyncPollsQueue.Arn",
    deadLetters: "SyncLostSchedules.Arn",
    window: "OFF",
  };

  it("ask for what changed at short intervals, for all each night, for a tie-out after it, and for exports", () => {
    expect(schedules(template)).toEqual([
      {
        ...common,
        name: "incremental",
        expression: "rate(5 minutes)",
        timeZone: "Etc/UTC",
        input: { version: 1, kind: "poll", mode: "incremental" },
      },
      {
        ...common,
        name: "nightly",
        expression: "cron(0 2 * * ? *)",
        timeZone: "Etc/UTC",
        input: { version: 1, kind: "poll", mode: "full" },
      },
      {
        ...common,
        target: "SyncSnapshotsQueue.Arn",
        name: "tie-out",
        expression: "cron(0 4 * * ? *)",
        timeZone: "Etc/UTC",
        input: { version: 1, kind: "snapshot" },
      },
      ...scheduledExports.map(({ name, cron, ...choices }) => ({
        ...common,
        target: "SyncExportsQueue.Arn",
        name: `export-${name}`,
        expression: `cron(${cron})`,
        timeZone: "Etc/UTC",
        input: { version: 1, kind: "export", choices },
      })),
    ]);
  });

  it("ask for exports that can be read", () => {
    const asked = schedules(template).filter(({ input }) => input.kind === "export");

    expect(asked.length).toBeGreaterThan(0);
    for (const { input } of asked) expect(exportMessage.safeParse(input).success).toBe(true);
  });

  it("keep the time zone they are given", async () => {
    const stage = await synthesizeStage("prod", { timeZone: "Europe/Berlin" });

    const zones = schedules(stage.template).map((schedule) => schedule.timeZone);
    expect(new Set(zones)).toEqual(new Set(["Europe/Berlin"]));
  });
});
