import { describe, expect, it } from "vitest";
import type { HostCounters } from "#infra/local/host/index.ts";
import { countersBetween, functionNameOf, usageLines } from "#test/bench/usage.ts";

const noUse = { calls: 0, failed: 0, readUnits: 0, writeUnits: 0, billedRequests: 0 };
const noWork = { invocations: 0, errors: 0, durationMs: 0, billedMs: 0, gbMs: 0, cpuMs: 0 };
const APPLY = "SyncFunctionsApplyChangesFunction";

describe("what happened between two readings", () => {
  it("is the later one less the earlier one, with what is new as it is", () => {
    const before: HostCounters = {
      calls: { [APPLY]: { "dynamodb:PutItem": { ...noUse, calls: 2, writeUnits: 3 } } },
      functions: { [APPLY]: { ...noWork, invocations: 1, gbMs: 10.5, cpuMs: 4 } },
    };
    const after: HostCounters = {
      calls: {
        [APPLY]: {
          "dynamodb:PutItem": { ...noUse, calls: 5, failed: 1, writeUnits: 7 },
          "dynamodb:GetItem": { ...noUse, calls: 1, readUnits: 0.5 },
        },
        scheduler: { "sqs:SendMessage": { ...noUse, calls: 1, billedRequests: 1 } },
      },
      functions: { [APPLY]: { ...noWork, invocations: 4, gbMs: 30.75, cpuMs: 9 } },
    };
    expect(countersBetween(before, after)).toEqual({
      calls: {
        [APPLY]: {
          "dynamodb:PutItem": { ...noUse, calls: 3, failed: 1, writeUnits: 4 },
          "dynamodb:GetItem": { ...noUse, calls: 1, readUnits: 0.5 },
        },
        scheduler: { "sqs:SendMessage": { ...noUse, calls: 1, billedRequests: 1 } },
      },
      functions: { [APPLY]: { ...noWork, invocations: 3, gbMs: 20.25, cpuMs: 5 } },
    });
  });
});

describe("names of functions", () => {
  it("are those of their folders", () => {
    expect(functionNameOf(APPLY)).toBe("apply-changes");
    expect(functionNameOf("serve-api")).toBe("serve-api");
  });

  it("must be known, since their units would be priced wrongly", () => {
    expect(() => functionNameOf("SyncFunctionsUnheardOfFunction")).toThrow("not known");
  });
});

describe("billed units", () => {
  it("are those of calls, of functions and of their logs; the operator's are nobody's", () => {
    const counters: HostCounters = {
      calls: {
        [APPLY]: {
          "dynamodb:TransactWriteItems": { ...noUse, calls: 1, writeUnits: 6 },
          "dynamodb:BatchGetItem": { ...noUse, calls: 1, readUnits: 12.5 },
          "s3:PutObject": { ...noUse, calls: 2, billedRequests: 2 },
          "s3:GetObject": { ...noUse, calls: 3, billedRequests: 3 },
          "s3:DeleteObject": { ...noUse, calls: 4, billedRequests: 4 },
          "secretsmanager:GetSecretValue": { ...noUse, calls: 1, billedRequests: 1 },
        },
        [`event-source/${APPLY}`]: {
          "sqs:ReceiveMessage": { ...noUse, calls: 2, billedRequests: 5 },
        },
        scheduler: { "sqs:SendMessage": { ...noUse, calls: 1, billedRequests: 1 } },
        operator: { "dynamodb:PutItem": { ...noUse, calls: 9, writeUnits: 9 } },
      },
      functions: {
        SyncFunctionsReceiveWebhookFunction: { ...noWork, invocations: 7, gbMs: 12.25 },
      },
    };
    const lines = usageLines(counters, { [APPLY]: 155 });
    expect(
      lines.map(({ caller, action, unit, thousandths }) => [caller, action, unit, thousandths]),
    ).toEqual([
      ["apply-changes", "dynamodb:TransactWriteItems", "dynamodb-writes", 6_000n],
      ["apply-changes", "dynamodb:BatchGetItem", "dynamodb-reads", 12_500n],
      ["apply-changes", "s3:PutObject", "s3-writes", 2_000n],
      ["apply-changes", "s3:GetObject", "s3-reads", 3_000n],
      ["apply-changes", "secretsmanager:GetSecretValue", "secret-reads", 1_000n],
      ["event-source/apply-changes", "sqs:ReceiveMessage", "sqs-requests", 5_000n],
      ["scheduler", "sqs:SendMessage", "sqs-requests", 1_000n],
      ["scheduler", "sqs:SendMessage", "schedules", 1_000n],
      ["receive-webhook", "duration", "lambda-gb-ms", 12_250n],
      ["receive-webhook", "invocation", "lambda-requests", 7_000n],
      ["receive-webhook", "request", "http-api-requests", 7_000n],
      ["apply-changes", "log", "log-bytes", 155_000n],
    ]);
  });

  it("are refused for a service without a price", () => {
    const counters: HostCounters = {
      calls: { [APPLY]: { "sns:Publish": { ...noUse, calls: 1 } } },
      functions: {},
    };
    expect(() => usageLines(counters, {})).toThrow("No price is known for sns:Publish");
  });
});
