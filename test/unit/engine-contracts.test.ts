/** Contracts on the whole engine: what the books get, by the stream and by the nightly check. */
import { describe, expect, it } from "vitest";
import type { Fields } from "#shared/domain/records.ts";
import { decideCorrection } from "#shared/sync/decide-correction.ts";
import { listCorrections, viewCorrection } from "#shared/sync/view-corrections.ts";
import { createLifeStage, type LifeStage, lineOf, setInvoice } from "#test/support/life-stage.ts";

const DAY_MS = 86_400_000;

/** As many days from the world's today. */
function dayOf({ world }: LifeStage, days: number): string {
  return new Date(world.ports.clock() + days * DAY_MS).toISOString().slice(0, 10);
}

async function aWonContract(startedDaysAgo: number, terms: Fields = {}): Promise<LifeStage> {
  const stage = await createLifeStage("none");
  const billingStartsOn = dayOf(stage, -startedDaysAgo);
  await stage.act("crm", "order", (crm) =>
    crm.edit("order", stage.deal, {
      status: "won",
      billingPeriod: "monthly",
      billingStartsOn,
      ...terms,
    }),
  );
  return stage;
}

function billed({ world }: LifeStage): unknown[] {
  return world.books
    .all("invoice")
    .map(({ fields }) => `${String(fields["reference"])} ${String(fields["status"])}`);
}

async function nightAfter(stage: LifeStage, days: number): Promise<void> {
  stage.world.ports.clock.advance(days * DAY_MS);
  await stage.world.poll("full");
  await stage.world.settle();
}

describe("a contract", () => {
  it("is billed at once for what has come due, and each night for what comes due later", async () => {
    const stage = await aWonContract(40);
    expect(billed(stage)).toEqual(["1001/2025-11-26 draft", "1001/2025-12-26 draft"]);

    await nightAfter(stage, 1);
    expect(billed(stage)).toHaveLength(2);

    await nightAfter(stage, 31);
    expect(billed(stage)).toEqual([
      "1001/2025-11-26 draft",
      "1001/2025-12-26 draft",
      "1001/2026-01-26 draft",
    ]);
    await nightAfter(stage, 0);
    expect(billed(stage)).toHaveLength(3);
  });

  it("that begins later is first billed on its day", async () => {
    const stage = await aWonContract(-3);
    expect(billed(stage)).toEqual([]);

    await nightAfter(stage, 2);
    expect(billed(stage)).toEqual([]);

    await nightAfter(stage, 1);
    expect(billed(stage)).toEqual(["1001/2026-01-08 draft"]);
  });

  it("shows its deal what all of its invoices come to", async () => {
    const stage = await aWonContract(40);
    await setInvoice(stage, { status: "issued" });

    const deal = stage.world.crm.get("order", stage.deal)?.fields;
    expect(deal?.["invoiceStatus"]).toBe("issued");
    expect(deal?.["amountInvoiced"]).toEqual({ minor: 20_000n, currency: "EUR" });
  });

  it("that is lost keeps what was issued, loses its drafts, and is billed no more", async () => {
    const stage = await aWonContract(40);
    await setInvoice(stage, { status: "issued" });

    await stage.act("crm", "order", (crm) => crm.edit("order", stage.deal, { status: "lost" }));
    await nightAfter(stage, 40);

    expect(billed(stage)).toEqual(["1001/2025-11-26 deleted", "1001/2025-12-26 issued"]);
    expect((await stage.world.ports.parked.list(10)).records).toEqual([]);
  });

  it("that begins on another day takes its drafts back and makes others", async () => {
    const stage = await aWonContract(3);
    expect(billed(stage)).toEqual(["1001/2026-01-02 draft"]);

    await stage.act("crm", "order", (crm) =>
      crm.edit("order", stage.deal, { billingStartsOn: dayOf(stage, -2) }),
    );

    expect(billed(stage)).toEqual(["1001/2026-01-02 deleted", "1001/2026-01-03 draft"]);
  });

  it("whose terms do not fit what was issued waits for a person", async () => {
    const stage = await aWonContract(3);
    await setInvoice(stage, { status: "issued" });

    await stage.act("crm", "order", (crm) =>
      crm.edit("order", stage.deal, { billingStartsOn: dayOf(stage, -2) }),
    );

    expect(billed(stage)).toEqual(["1001/2026-01-02 issued"]);
    expect((await stage.world.ports.parked.list(10)).records).toMatchObject([
      { connection: "crm", externalId: stage.deal, failure: { code: "contract-billed-otherwise" } },
    ]);
  });

  it("that becomes an order of one invoice has the drafts of its periods taken back", async () => {
    const stage = await aWonContract(40);

    await stage.act("crm", "order", (crm) =>
      crm.edit("order", stage.deal, { billingPeriod: "once" }),
    );

    expect(billed(stage)).toEqual([
      "1001/2025-11-26 deleted",
      "1001/2025-12-26 deleted",
      "1001 draft",
    ]);
  });

  it("goes quiet: the night after changes nothing", async () => {
    const stage = await aWonContract(40);
    await nightAfter(stage, 0);
    const writes = [stage.world.crm.calls.write, stage.world.books.calls.write];

    await nightAfter(stage, 0);

    expect([stage.world.crm.calls.write, stage.world.books.calls.write]).toEqual(writes);
  });

  it("whose lines change has each issued invoice decided about by its own hash", async () => {
    const stage = await aWonContract(40);
    const { world } = stage;
    const both = world.books.all("invoice").map(({ externalId }) => externalId);
    for (const id of both) {
      await stage.act("books", "invoice", (books) =>
        books.edit("invoice", id, { status: "issued" }),
      );
    }
    await stage.act("crm", "order", (crm) =>
      crm.edit("order", stage.deal, { lines: [lineOf(12_000n)] }),
    );
    const { corrections } = await listCorrections(world.deps, 10, undefined);
    const [first, second] = corrections.map(({ orderId, hash }) => ({
      orderId: String(orderId),
      hash: String(hash),
    }));
    if (first === undefined || second === undefined) throw new Error("not both are proposed");
    const { orderId } = second;
    expect(await viewCorrection(world.deps, orderId)).toMatchObject(first);
    expect(await viewCorrection(world.deps, orderId, second.hash)).toMatchObject(second);

    await decideCorrection(world.deps, { ...second, decision: "approved", by: "jane" });
    await world.settle();
    expect(billed(stage)).toEqual([
      "1001/2025-11-26 issued",
      "1001/2025-12-26 issued",
      "1001/2025-12-26/002 draft",
    ]);
    await decideCorrection(world.deps, { ...first, decision: "dismissed", by: "jane" });
    await world.settle();

    expect((await listCorrections(world.deps, 10, undefined)).corrections).toEqual([]);
    expect(world.books.all("creditNote")).toHaveLength(1);
    expect(billed(stage)).toHaveLength(3);
  });
});
