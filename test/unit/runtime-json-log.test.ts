import { describe, expect, it } from "vitest";
import { createJsonLog, type JsonLogOptions } from "#shared/runtime/json-log.ts";

const NOW_MS = Date.UTC(2026, 0, 5, 9);

function countedBy(options: JsonLogOptions): unknown {
  const lines: string[] = [];
  const log = createJsonLog({ ...options, write: (line) => lines.push(line), clock: () => NOW_MS });
  log.count("ChangesApplied", 3, { connection: "crm", door: "poll" });
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? "");
}

describe("a count in the log", () => {
  it("is a line from which CloudWatch takes a metric, in the stage's namespace", () => {
    expect(countedBy({ functionName: "tieout-prod-apply-changes" })).toEqual({
      event: "count",
      _aws: {
        Timestamp: NOW_MS,
        CloudWatchMetrics: [
          {
            Namespace: "tieout-prod",
            Dimensions: [["connection", "door"]],
            Metrics: [{ Name: "ChangesApplied", Unit: "Count" }],
          },
        ],
      },
      connection: "crm",
      door: "poll",
      ChangesApplied: 3,
    });
  });

  it.each([undefined, "", "apply-changes", "something-else"])(
    "has a namespace where the function is called %j, too",
    (functionName) => {
      expect(countedBy({ functionName })).toMatchObject({
        _aws: { CloudWatchMetrics: [{ Namespace: "tieout" }] },
      });
    },
  );
});
