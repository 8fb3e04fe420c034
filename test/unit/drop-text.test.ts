import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  describeEnd,
  describeProgress,
  type ImportView,
  isRefused,
  isTold,
} from "#infra/local/drop-text.ts";

const begun: ImportView = {
  runId: "import-1",
  subject: "orders.csv",
  isSettled: false,
  isHeld: false,
  counts: {},
};
const read = { ...begun, capturedAt: "2026-11-27T09:00:00.000Z" };
const fourRows = { rows: 4, rowsTotal: 4 };
const told = { "rows.applied": 1, "rows.unchanged": 1, "rows.waiting": 1, "rows.rejected": 1 };

describe("progress", () => {
  it("says rows, share, rate and the time that is left", () => {
    const progress = { rows: 12_500, rowsTotal: 40_000, rowsPerSecond: 1_500, secondsLeft: 78 };

    expect(describeProgress({ ...begun, progress })).toBe(
      "12,500 of 40,000 rows read, 31 %, 1,500 rows a second, 1 min 18 s left",
    );
    expect(describeProgress({ ...begun, progress: { rows: 0, rowsTotal: 1 } })).toBe(
      "0 of 1 row read, 0 %",
    );
  });

  it("says before that where the file is, and behind it how many writes are done", () => {
    const counts = { "owed.crm.order": 4, "owed.books.invoice": 4, "created.crm.order": 3 };

    expect(describeProgress(undefined)).toBe("in the inbox");
    expect(describeProgress(begun)).toBe("being opened");
    expect(describeProgress({ ...read, progress: fourRows })).toBe("4 rows read");
    expect(
      describeProgress({
        ...read,
        progress: fourRows,
        counts: { ...counts, "refused.crm.order": 1 },
      }),
    ).toBe("4 rows read, 4 of 8 writes done");
  });

  it("never says more than there is", () => {
    const sizes = fc
      .nat()
      .chain((rowsTotal) =>
        fc.record({ rows: fc.nat(rowsTotal), rowsTotal: fc.constant(rowsTotal) }),
      );
    fc.assert(
      fc.property(sizes, (progress) => {
        const [, share] = describeProgress({ ...begun, progress }).match(/, (\d+) %/) ?? [];
        expect(Number(share)).toBeLessThanOrEqual(100);
        expect(share === "100").toBe(progress.rows === progress.rowsTotal);
      }),
    );
  });
});

describe("the end", () => {
  it("comes when the result knows every row, though some of them wait", () => {
    const result = { ...read, progress: fourRows, counts: told };

    expect(isTold({ ...result, isSettled: true, counts: {} })).toBe(false);
    expect(isTold({ ...result, counts: { "rows.applied": 3 } })).toBe(false);
    expect(isTold(result)).toBe(true);
    expect(isRefused(result)).toBe(true);
    expect(describeEnd(result)).toBe(
      "orders.csv: 4 rows, 1 applied, 1 unchanged, 1 waiting, 1 rejected. Result in the outbox: orders.result.csv",
    );
  });

  it("of XML comes when its run has settled", () => {
    const statement = { ...read, subject: "2026-11-26.xml", counts: { rows: 3, rejectedRows: 1 } };

    expect(isTold(statement)).toBe(false);
    expect(isTold({ ...statement, isSettled: true })).toBe(true);
    expect(isRefused(statement)).toBe(true);
    expect(describeEnd(statement)).toBe(
      "2026-11-26.xml: 3 rows, 2 taken, 1 rejected. Result in the outbox: 2026-11-26.xml.result.csv",
    );
  });

  it("of a refused file says why, and what to do", () => {
    const problem = { code: "header-unknown", detail: "colour", fix: "Propose a profile." };
    const refused = { ...read, isSettled: true, problem };

    expect(isTold(refused)).toBe(true);
    expect(isRefused(refused)).toBe(true);
    expect(describeEnd(refused)).toBe(
      "orders.csv was refused: header-unknown, colour. Propose a profile. Result in the outbox: orders.result.csv",
    );
  });

  it("of a file refused for one row comes when its rows are told", () => {
    const problem = { code: "file-has-bad-row", fix: "Mend it." };
    const refused = { ...read, isSettled: true, problem, progress: fourRows };

    expect(isTold(refused)).toBe(false);
    expect(isTold({ ...refused, counts: { "rows.rejected": 4 } })).toBe(true);
    expect(describeEnd(refused)).toContain("Result in the outbox: orders.result.csv");
  });

  it("names no result where the run was lost on its way", () => {
    const problem = { code: "file-replaced", fix: "Drop it again." };

    expect(describeEnd({ ...read, problem, progress: fourRows })).toBe(
      "orders.csv was refused: file-replaced. Drop it again.",
    );
  });

  it("comes where a person is asked, with what to call", () => {
    const approve = "POST /runs/import-1/approval";
    const hold = { code: "run-changes-many-records", fix: "Look at it.", approve };
    const held = { ...read, isHeld: true, hold, progress: fourRows };

    expect(isTold({ ...held, isHeld: false })).toBe(false);
    expect(isTold(held)).toBe(true);
    expect(isRefused(held)).toBe(false);
    expect(describeEnd(held)).toBe(
      `orders.csv waits for a person: run-changes-many-records. Look at it. ${approve}`,
    );
  });

  it("holds no sign that a terminal obeys", () => {
    const problem = { code: "header-unknown", detail: "\u001b[2Jcolour", fix: "Look." };

    expect(describeEnd({ ...read, problem })).not.toMatch(/\p{Cc}/u);
  });
});
