import { describe, expect, it } from "vitest";
import { money } from "#shared/domain/money.ts";
import type { DocumentLine } from "#shared/domain/records.ts";
import { approveRun } from "#shared/sync/approve-run.ts";
import { createMemoryWorld } from "#test/support/memory-world.ts";

const line: DocumentLine = {
  product: null,
  productCode: "W-1",
  description: "Widget",
  quantity: "4",
  unitPrice: "25.00",
  discountRate: "0",
  amount: money(10_000n, "EUR"),
};

describe("a held run of orders", () => {
  it("holds the drafts that are derived from them, until it is approved", async () => {
    const world = createMemoryWorld();
    const order = (lines: readonly DocumentLine[], runId?: string): Promise<void> =>
      world.file(
        "order",
        "1001",
        {
          number: "1001",
          status: "won",
          customer: { connection: "files", recordType: "customer", externalId: "H" },
          orderedOn: "2026-01-05",
          currency: "EUR",
          lines,
          total: money(10_000n, "EUR"),
        },
        runId,
      );
    const lineCounts = (): unknown[] =>
      [world.crm.all("order")[0], world.books.all("invoice")[0]].map((record) => {
        const lines = record?.fields["lines"];
        return Array.isArray(lines) ? lines.length : undefined;
      });
    await world.file("customer", "H", { name: "H" });
    await order([line]);
    await world.settle();
    await world.ports.runs.start({
      runId: "r",
      kind: "import",
      startedAt: "2026-01-05T09:00:00.000Z",
      subject: "orders.csv",
    });
    await world.ports.runs.add("r", "hold", { holds: 1n });
    world.ports.clock.advance(1_000);

    await order([line, { ...line, description: "More" }], "r");
    await world.settle();

    expect(lineCounts()).toEqual([1, 1]);
    const { records } = await world.ports.parked.list(10);
    expect(
      records.map(({ recordType, failure }) => `${recordType} ${failure.code}`).sort(),
    ).toEqual(["invoice run-awaits-approval", "order run-awaits-approval"]);

    await approveRun(world.deps, {
      runId: "r",
      by: "controller",
      receipt: "approval-1",
      remainingMs: () => 60_000,
    });
    await world.settle();

    expect(lineCounts()).toEqual([2, 2]);
  });
});
