import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { beforeEach, describe, expect, it } from "vitest";
import {
  getDifferences,
  getTieOut,
  getTieOuts,
  postTieOut,
} from "#functions/serve-api/tie-out-routes.ts";
import type { Difference, TieOutReport } from "#shared/domain/tie-out/report.ts";
import type { SnapshotRequest, TieOutRequest } from "#shared/ports/queues.ts";
import type { StoredReport } from "#shared/ports/tie-out-reports.ts";
import { createMemoryRuns } from "#test/support/memory-runs.ts";
import { createMemoryWorld } from "#test/support/memory-world.ts";

const at = "2026-11-27T04:00:00.000Z";
const runId = "tie-out-20261127040000000";

function world() {
  const snapshots: SnapshotRequest[] = [];
  const tieOuts: TieOutRequest[] = [];
  const stored = new Map<string, StoredReport>();
  const runs = createMemoryRuns();
  const deps = {
    runs,
    clock: () => Date.parse(at),
    snapshotQueue: { send: async (one: SnapshotRequest) => void snapshots.push(one) },
    tieOuts: { send: async (one: TieOutRequest) => void tieOuts.push(one) },
    reports: {
      read: async (of: string) => stored.get(of) ?? { kind: "missing" as const },
      placeOf: (of: string, file: string) => `s3://outbox/tie-outs/${of}/tie-out.${file}`,
    },
  };
  return { deps: { ...createMemoryWorld().deps, ...deps }, snapshots, tieOuts, stored, runs };
}

let here: ReturnType<typeof world>;

beforeEach(() => {
  here = world();
});

type Route = typeof postTieOut;

async function call(
  route: Route,
  asked: {
    readonly runId?: string;
    readonly query?: Readonly<Record<string, string>>;
    readonly body?: unknown;
  } = {},
) {
  const event = {
    pathParameters: asked.runId === undefined ? undefined : { runId: asked.runId },
    queryStringParameters: asked.query,
    body: asked.body === undefined ? undefined : JSON.stringify(asked.body),
    isBase64Encoded: false,
  } as unknown as APIGatewayProxyEventV2;
  const answer = await route(here.deps as unknown as Parameters<Route>[0], event);
  return { status: answer.statusCode, body: JSON.parse(answer.body ?? "") as unknown };
}

function difference(key: string, of: Difference["class"]): Difference {
  return {
    class: of,
    finding: null,
    what: "Something.",
    nextStep: "Do something.",
    recordType: "document",
    apart: null,
    currency: null,
    key,
    canonicalId: null,
    history: null,
    records: [],
  };
}

const report: TieOutReport = {
  version: 1,
  snapshotId: runId,
  snapshotAt: at,
  from: null,
  to: null,
  lockedThrough: null,
  rules: { inFlightSeconds: 60, toleranceMinor: "0", bankWindowDays: 5 },
  proof: { rowsWritten: 4, rowsCompared: 4, sumsChecked: 6, sumsApart: 0 },
  matchedUnits: 1,
  differences: [
    difference("A", "amount"),
    difference("B", "tax"),
    difference("C", "amount"),
    difference("D", "amount"),
  ],
  counts: [{ class: "amount", units: 3, aboveTolerance: 3 }],
  cells: [],
  rates: [],
  excluded: [],
  excludedCount: 0,
};

async function aRun(id = runId) {
  await here.runs.start({ runId: id, kind: "tie-out", startedAt: at, subject: "all sides" });
}

async function anEndedRun() {
  await aRun();
  await here.runs.finishCapture(runId, at);
  here.stored.set(runId, { kind: "read", report });
}

describe("a tie-out that is started", () => {
  it("is of all there is and of now, and has a run at once", async () => {
    expect(await call(postTieOut)).toEqual({ status: 202, body: { runId } });

    expect(here.snapshots).toEqual([{ runId, choices: {}, tries: 0 }]);
    expect(here.tieOuts).toEqual([]);
    expect(await call(getTieOut, { runId })).toMatchObject({
      status: 200,
      body: { runId, kind: "tie-out", isSettled: false },
    });
  });

  it.each([
    [{ period: "2026-10" }, { from: "2026-10", to: "2026-10" }],
    [
      { from: "2026-01", to: "2026-03" },
      { from: "2026-01", to: "2026-03" },
    ],
    [
      { from: "2026-01", inFlightSeconds: 0 },
      { from: "2026-01", inFlightSeconds: 0 },
    ],
  ])("%o is of those months", async (body, choices) => {
    await call(postTieOut, { body });

    expect(here.snapshots).toEqual([{ runId, choices, tries: 0 }]);
  });

  it("of a snapshot that is there reads no system again", async () => {
    await call(postTieOut, { body: { snapshotId: "tie-out-1", period: "2026-10" } });

    const choices = { from: "2026-10", to: "2026-10" };
    expect(here.tieOuts).toEqual([{ runId, snapshotId: "tie-out-1", choices, tries: 0 }]);
    expect(here.snapshots).toEqual([]);
  });

  it.each([
    { period: "2026-13" },
    { period: "2026-10", from: "2026-10" },
    { from: "2026-03", to: "2026-01" },
    { snapshotId: "../secret" },
    { inFlightSeconds: -1 },
    { month: "2026-10" },
  ])("is refused for %o", async (body) => {
    expect(await call(postTieOut, { body })).toMatchObject({
      status: 400,
      body: { code: "body-unreadable" },
    });
    expect(here.snapshots).toEqual([]);
  });
});

describe("a tie-out that has ended", () => {
  it("shows what it found, and where the files are, but not each difference", async () => {
    await anEndedRun();
    const { differences: _, excluded: __, ...summary } = report;

    const answer = await call(getTieOut, { runId });

    expect(answer).toMatchObject({
      status: 200,
      body: {
        isSettled: true,
        report: summary,
        files: { html: `s3://outbox/tie-outs/${runId}/tie-out.html` },
      },
    });
    expect(answer.body).not.toHaveProperty("report.differences");
  });

  it("shows its differences page by page, of one class where one is asked for", async () => {
    await anEndedRun();
    const query = { class: "amount", limit: "2" };

    const first = await call(getDifferences, { runId, query });
    const second = await call(getDifferences, { runId, query: { ...query, cursor: "2" } });

    expect(first).toEqual({
      status: 200,
      body: { differences: [report.differences[0], report.differences[2]], cursor: "2" },
    });
    expect(second).toEqual({ status: 200, body: { differences: [report.differences[3]] } });
    expect(await call(getDifferences, { runId })).toMatchObject({
      body: { differences: report.differences },
    });
  });

  it("says where to look when its report is too large to be shown", async () => {
    await anEndedRun();
    here.stored.set(runId, { kind: "too-large", bytes: 1 });

    expect(await call(getTieOut, { runId })).toMatchObject({
      status: 200,
      body: { files: { json: `s3://outbox/tie-outs/${runId}/tie-out.json` } },
    });
    expect(await call(getDifferences, { runId })).toMatchObject({
      status: 409,
      body: { code: "report-too-large" },
    });
  });

  it.each([{ cursor: "next" }, { class: "colour" }])("is not read for %o", async (query) => {
    await anEndedRun();

    await expect(call(getDifferences, { runId, query })).rejects.toMatchObject({
      failure: { kind: "invalid-input" },
    });
  });

  it("with a problem has no report, even of an earlier try", async () => {
    await anEndedRun();
    await here.runs.finishCapture(runId, at, { code: "snapshot-incomplete", fix: "Again." });

    expect(await call(getTieOut, { runId })).toMatchObject({
      body: { problem: { code: "snapshot-incomplete" } },
    });
    expect(await call(getDifferences, { runId })).toMatchObject({
      status: 404,
      body: { code: "report-missing" },
    });
  });
});

describe("tie-outs", () => {
  it("are listed newest first, and no other run with them", async () => {
    await here.runs.start({ runId: "poll-1", kind: "poll", startedAt: at, subject: "crm" });
    await aRun("tie-out-1");

    expect(await call(getTieOuts)).toMatchObject({
      status: 200,
      body: { tieOuts: [{ runId: "tie-out-1" }] },
    });
  });

  it.each(["none", "x".repeat(2_000)])("are not what nobody knows: %s", async (unknown) => {
    for (const route of [getTieOut, getDifferences]) {
      expect(await call(route, { runId: unknown })).toMatchObject({
        status: 404,
        body: { code: "tie-out-unknown" },
      });
    }
  });

  it("are not runs of another kind", async () => {
    await here.runs.start({ runId: "poll-1", kind: "poll", startedAt: at, subject: "crm" });

    expect((await call(getTieOut, { runId: "poll-1" })).status).toBe(404);
  });
});
