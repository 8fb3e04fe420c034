import { describe, expect, it } from "vitest";
import { parseSchedule } from "#infra/local/host/schedule-expression.ts";

const MINUTE_MS = 60_000;

/** Every minute from `from` up to `to` at which the schedule is due, as ISO text without seconds. */
function dueBetween(expression: string, timeZone: string, from: string, to: string): string[] {
  const time = parseSchedule(expression, timeZone);
  if (time.kind !== "cron") throw new Error("not a cron expression");
  const due: string[] = [];
  for (let at = Date.parse(from); at < Date.parse(to); at += MINUTE_MS) {
    if (time.isDue(at)) due.push(new Date(at).toISOString().slice(0, 16));
  }
  return due;
}

describe("cron", () => {
  it.each([
    [
      "cron(15 2 * * ? *)",
      "2026-11-22T00:00Z",
      "2026-11-24T00:00Z",
      ["2026-11-22T02:15", "2026-11-23T02:15"],
    ],
    [
      "cron(0/20 9-10 ? * MON-FRI *)",
      "2026-11-20T09:30Z",
      "2026-11-23T09:10Z",
      [
        "2026-11-20T09:40",
        "2026-11-20T10:00",
        "2026-11-20T10:20",
        "2026-11-20T10:40",
        "2026-11-23T09:00",
      ],
    ],
    ["cron(0 0 1 JAN,jul ? 2027)", "2026-06-01T00:00Z", "2026-08-01T00:00Z", []],
    ["cron(0 12 ? * 1 *)", "2026-11-21T00:00Z", "2026-11-24T00:00Z", ["2026-11-22T12:00"]],
    ["cron(0 12 ? * 2#4 *)", "2026-11-01T00:00Z", "2026-12-01T00:00Z", ["2026-11-23T12:00"]],
    ["cron(0 12 ? * 6L *)", "2026-11-01T00:00Z", "2026-12-01T00:00Z", ["2026-11-27T12:00"]],
    ["cron(0 12 L * ? *)", "2026-02-01T00:00Z", "2026-03-02T00:00Z", ["2026-02-28T12:00"]],
  ])("%s", (expression, from, to, expected) => {
    expect(dueBetween(expression, "UTC", from, to)).toEqual(expected);
  });

  it("follows the zone's wall clock over the change to summer time", () => {
    const due = dueBetween(
      "cron(0 8 * * ? *)",
      "Europe/Amsterdam",
      "2026-03-28T00:00Z",
      "2026-03-30T00:00Z",
    );

    expect(due).toEqual(["2026-03-28T07:00", "2026-03-29T06:00"]);
  });

  it("skips a time that the change to summer time leaves out", () => {
    const due = dueBetween(
      "cron(30 2 * * ? *)",
      "Europe/Amsterdam",
      "2026-03-28T00:00Z",
      "2026-03-31T00:00Z",
    );

    expect(due).toEqual(["2026-03-28T01:30", "2026-03-30T00:30"]);
  });

  it("runs once at a time that the change to winter time repeats", () => {
    const due = dueBetween(
      "cron(30 2 * * ? *)",
      "Europe/Amsterdam",
      "2026-10-24T00:00Z",
      "2026-10-27T00:00Z",
    );

    expect(due).toEqual(["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"]);
  });

  it("reads a zone whose offset is no whole hour", () => {
    const due = dueBetween(
      "cron(0 0 * * ? *)",
      "Asia/Kolkata",
      "2026-11-22T00:00Z",
      "2026-11-23T00:00Z",
    );

    expect(due).toEqual(["2026-11-22T18:30"]);
  });
});

describe("other expressions", () => {
  it("reads rates and single times", () => {
    expect(parseSchedule("rate(5 minutes)", "UTC")).toEqual({ kind: "rate", periodMs: 300_000 });
    expect(parseSchedule("rate(1 day)", "UTC")).toEqual({ kind: "rate", periodMs: 86_400_000 });
    expect(parseSchedule("at(2026-07-01T12:00:00)", "Europe/Amsterdam")).toEqual({
      kind: "at",
      epochMs: Date.parse("2026-07-01T10:00:00Z"),
    });
  });

  it.each([
    ["cron(0 12 * * *)", "six fields"],
    ["cron(0 12 * * * *)", 'must be "?"'],
    ["cron(60 12 * * ? *)", "60 is no minute"],
    ["cron(0 12 ? * FUN *)", "FUN is no day of week"],
    ["cron(0 9-8 * * ? *)", "cannot read 9-8"],
    ["rate(0 minutes)", "Cannot read"],
    ["rate(5 weeks)", "Cannot read"],
    ["every(5)", "Cannot read"],
    ["at(tomorrow)", "is no time"],
  ])("refuses %s", (expression, message) => {
    expect(() => parseSchedule(expression, "UTC")).toThrow(message);
  });

  it("refuses an unknown time zone", () => {
    expect(() => parseSchedule("rate(1 day)", "Mars/Olympus")).toThrow("Mars/Olympus");
  });
});
