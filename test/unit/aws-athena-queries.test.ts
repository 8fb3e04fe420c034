import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import { describe, expect, it } from "vitest";
import { createQueryEngine } from "#shared/aws/athena-queries.ts";
import type { QueryRow } from "#shared/ports/snapshots.ts";

type Status = Readonly<Record<string, unknown>>;

/** Athena with states and pages as told; its waits are not waited for. */
function engineThat(states: readonly Status[], pages: readonly (string | null)[][][] = []) {
  const started: unknown[] = [];
  const waits: number[] = [];
  let looks = 0;
  let nowMs = 0;
  const cells = (row: readonly (string | null)[]) => ({
    Data: row.map((text) => (text === null ? {} : { VarCharValue: text })),
  });
  class AnsweredClient extends AthenaClient {
    override send: AthenaClient["send"] = (command: unknown): never => {
      const answer = () => {
        if (command instanceof StartQueryExecutionCommand) {
          started.push(command.input);
          return { QueryExecutionId: "q-1" };
        }
        if (command instanceof GetQueryExecutionCommand) {
          looks += 1;
          return { QueryExecution: { Status: states[looks - 1] ?? states.at(-1) } };
        }
        if (!(command instanceof GetQueryResultsCommand)) throw new TypeError("unexpected call");
        const page = Number(command.input.NextToken ?? "0");
        const names = pages[0]?.[0] ?? [];
        return {
          ResultSet: {
            Rows: pages[page]?.map(cells),
            ResultSetMetadata: { ColumnInfo: names.map((Name) => ({ Name, Type: "varchar" })) },
          },
          ...(page + 1 < pages.length ? { NextToken: String(page + 1) } : {}),
        };
      };
      return Promise.resolve(answer()) as never;
    };
  }
  const engine = createQueryEngine({
    client: new AnsweredClient({ region: "eu-west-1" }),
    database: "tieout",
    workgroup: "tieout",
    clock: () => nowMs,
    wait: async (ms) => {
      waits.push(ms);
      nowMs += ms;
    },
  });
  const ask = async (): Promise<QueryRow[]> => {
    const rows: QueryRow[] = [];
    for await (const page of engine.run("SELECT 1", AbortSignal.timeout(5_000))) rows.push(...page);
    return rows;
  };
  return { ask, started, waits };
}

const succeeded = { State: "SUCCEEDED" };

describe("a query", () => {
  it("gives the rows of all pages without the row of names, null apart from empty", async () => {
    const pages = [
      [
        ["side", "gross"],
        ["crm", null],
      ],
      [["books", ""]],
    ];
    const { ask, started } = engineThat([succeeded], pages);

    expect(await ask()).toEqual([
      { side: "crm", gross: null },
      { side: "books", gross: "" },
    ]);
    expect(started).toEqual([
      {
        QueryString: "SELECT 1",
        QueryExecutionContext: { Database: "tieout" },
        WorkGroup: "tieout",
      },
    ]);
  });

  it("is asked for less and less often until it has ended", async () => {
    const { ask, waits } = engineThat(
      [{ State: "QUEUED" }, { State: "RUNNING" }, succeeded],
      [[["n"]]],
    );

    await ask();

    expect(waits).toEqual([250, 500]);
  });

  it.each([
    [{ State: "FAILED", AthenaError: { Retryable: true, ErrorType: 401 } }, "retryable"],
    [{ State: "FAILED", AthenaError: { Retryable: false, ErrorType: 1005 } }, "bug"],
    [{ State: "CANCELLED" }, "retryable"],
  ])("that ended as %o is %s", async (status, kind) => {
    const { ask } = engineThat([status]);

    await expect(ask()).rejects.toMatchObject({ failure: { kind, code: "query-failed" } });
  });

  it("is given up after ten minutes", async () => {
    const { ask, waits } = engineThat([{ State: "RUNNING" }]);

    await expect(ask()).rejects.toMatchObject({ failure: { code: "query-took-too-long" } });
    expect(waits.reduce((sofar, ms) => sofar + ms, 0)).toBeGreaterThanOrEqual(600_000);
  });
});
