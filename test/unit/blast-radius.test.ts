import { beforeEach, describe, expect, it } from "vitest";
import {
  type BlastRadiusLimits,
  impactOf,
  judgeRun,
  noImpact,
} from "#shared/domain/blast-radius.ts";
import { type CrossReference, sideOf } from "#shared/domain/cross-reference.ts";
import type { Fields, FieldValue } from "#shared/domain/records.ts";
import type { FieldDecision, TrailEntry } from "#shared/domain/trail.ts";
import { blastRadius } from "#shared/flows/blast-radius.ts";
import { approveRun } from "#shared/sync/approve-run.ts";
import { viewRun } from "#shared/sync/view-runs.ts";
import { aCustomer } from "#test/support/cross-references.ts";
import { applyNext, customers, drop } from "#test/support/dropped-files.ts";
import { createDyingPorts } from "#test/support/failing-ports.ts";
import { createMemoryWorld, type MemoryWorld } from "#test/support/memory-world.ts";

const limits: BlastRadiusLimits = {
  changedRecordsMin: 100,
  changedShareMax: 0.3,
  blankedValuesMax: 50,
};

describe("a run", () => {
  it.each([
    ["changes few records, though all of them", "allowed", { records: 99n, changed: 99n }],
    ["changes many records of far more", "allowed", { records: 1_000n, changed: 300n }],
    ["makes many records", "allowed", { records: 1_000n, applied: 1_000n }],
    ["blanks a few values", "allowed", { records: 10n, blanked: 50n }],
    ["was approved", "allowed", { records: 100n, changed: 100n, blanked: 99n, approvals: 1n }],
    ["changes many records", "run-changes-many-records", { records: 100n, changed: 100n }],
    ["changes too many of more", "run-changes-many-records", { records: 1_000n, changed: 301n }],
    ["changes many, nobody knows of how many", "run-changes-many-records", { changed: 100n }],
    ["blanks many values of few records", "run-blanks-many-values", { records: 10n, blanked: 51n }],
    ["was held when less was known", "run-changes-many-records", { records: 900n, holds: 1n }],
  ])("that %s: %s", (_name, expected, counts) => {
    const verdict = judgeRun(limits, counts);

    expect(verdict.kind === "allowed" ? "allowed" : verdict.code).toBe(expected);
  });

  it("has as many records as were applied, while it is still being handed on", () => {
    const applied = { applied: 150n, unchanged: 300n, excluded: 30n, parked: 20n };

    expect(judgeRun(limits, { records: 1n, changed: 150n, ...applied }).kind).toBe("allowed");
  });
});

describe("what a record adds to what its run changes", () => {
  const at = "2026-01-05T09:00:00.000Z";

  function saved(
    revision: number,
    decisions: readonly FieldDecision[],
    fields: Fields = {},
    life: "live" | "archived" = "live",
  ): CrossReference {
    const place = { connection: "crm", externalId: "1", version: 1 };
    const entry: TrailEntry = { kind: "seen", at, ...place, life, decisions };
    return aCustomer("1", { revision, fields, trail: [entry] });
  }

  const decided = (field: string, kind: FieldDecision["kind"]): FieldDecision => ({
    field,
    kind,
    policy: "newest",
  });

  it("is nothing for a record that is new with it", () => {
    expect(impactOf(saved(1, [decided("phone", "taken")], { phone: null }), "crm")).toEqual(
      noImpact,
    );
  });

  it.each([
    ["taken", true],
    ["restored", true],
    ["agreed", false],
    ["conflict", false],
  ] as const)("by a value that was %s: changed is %s", (kind, isChanged) => {
    expect(impactOf(saved(2, [decided("phone", kind)], { phone: "1" }), "crm")).toEqual({
      isChanged,
      blankedValues: 0,
    });
  });

  it("counts the values that are blank now and were taken so", () => {
    const fields: Record<string, FieldValue> = { phone: null, city: null, street: null, name: "A" };
    const decisions = [
      decided("phone", "taken"),
      decided("city", "taken"),
      decided("street", "restored"),
      decided("name", "taken"),
    ];

    expect(impactOf(saved(2, decisions, fields), "crm").blankedValues).toBe(2);
  });

  it("is a change where the record ended", () => {
    expect(impactOf(saved(2, [], {}, "archived"), "crm").isChanged).toBe(true);
  });

  it("is what that connection said, and not another", () => {
    expect(impactOf(saved(2, [decided("phone", "taken")]), "books")).toEqual(noImpact);
  });
});

const many = blastRadius.changedRecordsMin + 20;
const newPhone = (index: number): Fields => ({ phone: `777-${index}` });

let world: MemoryWorld;

beforeEach(() => {
  world = createMemoryWorld();
});

async function run(runId: string) {
  const found = await world.ports.runs.get(runId);
  if (found === undefined) throw new Error(`no run ${runId}`);
  return { counts: found.counts, view: viewRun(found) };
}

/** What the records of a remote show in one field. */
function shown(remote: "crm" | "books", field: string): ReadonlySet<FieldValue | undefined> {
  return new Set(world[remote].all("customer").map(({ fields }) => fields[field]));
}

function phonesOf(count: number, prefix: string): ReadonlySet<string> {
  return new Set(Array.from({ length: count }, (_, index) => `${prefix}-${index}`));
}

function statesIn(connection: string): string[] {
  return world.ports.all().map((xref) => sideOf(xref, connection).state);
}

function approve(runId: string, by = "jane", deps = world.deps) {
  const remainingMs = () => 60_000;
  return approveRun(deps, { runId, by, receipt: `call-${world.ports.clock()}`, remainingMs });
}

describe("a file that makes records", () => {
  it("is not held, however many they are", async () => {
    await drop(world, "first", customers(many));
    await world.settle();

    expect(world.books.all("customer")).toHaveLength(many);
    expect((await run("first")).view).toMatchObject({ isHeld: false, isSettled: true });
  });
});

describe("a file that changes too much", () => {
  beforeEach(async () => {
    await drop(world, "first", customers(many));
    await world.settle();
    await drop(world, "second", customers(many, newPhone));
    await world.settle();
  });

  it("writes nothing, and the run says why and what to do", async () => {
    expect(shown("books", "phone")).toEqual(phonesOf(many, "555"));
    expect(shown("crm", "phone")).toEqual(phonesOf(many, "555"));
    const { view, counts } = await run("second");
    expect(view).toMatchObject({
      isHeld: true,
      isSettled: false,
      hold: {
        code: "run-changes-many-records",
        fix: expect.any(String),
        approve: "POST /runs/second/approval",
      },
    });
    expect(counts).toMatchObject({ changed: BigInt(many), held: BigInt(2 * many) });
    expect(Object.keys(counts).filter((path) => path.startsWith("owed."))).toEqual([]);
  });

  it("is listed record by record, with the run to approve", async () => {
    const { records } = await world.ports.parked.list(1);

    expect(records[0]).toMatchObject({
      failure: { code: "run-awaits-approval", field: "/runs/second", fix: expect.any(String) },
    });
    const [xref] = world.ports.all();
    expect(xref?.trail).toMatchObject([
      { kind: "held", connection: "books", runId: "second" },
      { kind: "held", connection: "crm", runId: "second" },
    ]);
  });

  it("is not let out by a full check, nor by a change that no run brought", async () => {
    await world.poll("full");
    await world.settle();
    const [first] = world.crm.all("customer");
    const id = first?.externalId ?? "";
    world.crm.edit("customer", id, { city: "Oslo" });
    await world.hint("crm", "customer", id);
    await world.settle();

    expect(shown("books", "phone")).toEqual(phonesOf(many, "555"));
    expect(shown("books", "city")).toEqual(new Set([undefined]));
  });

  it("goes out once it is approved, by whom stands in the trail", async () => {
    const outcome = await approve("second");

    expect(outcome).toEqual({
      kind: "approved",
      runId: "second",
      released: 2 * many,
      isComplete: true,
    });
    const [xref] = world.ports.all();
    expect(xref?.trail).toMatchObject([{ kind: "decided", what: "approval", by: "jane" }]);
    expect(xref?.sides["books"]).toMatchObject({ state: "dirty" });
    expect(xref?.sides["books"]).not.toHaveProperty("waitsFor");
    await world.settle();
    expect(shown("books", "phone")).toEqual(phonesOf(many, "777"));
    expect(shown("crm", "phone")).toEqual(phonesOf(many, "777"));
    const { view, counts } = await run("second");
    expect(view).toMatchObject({ isHeld: false, isSettled: true });
    expect(counts).toMatchObject({ released: BigInt(2 * many), "owed.crm.customer": BigInt(many) });
    expect((await world.ports.parked.list(10)).records).toEqual([]);
  });

  it("may be approved twice: the second time finds nothing left", async () => {
    await approve("second");
    await world.settle();

    expect(await approve("second")).toMatchObject({ released: 0, isComplete: true });
  });

  it("is approved call by call where one call has no time for all of it", async () => {
    let calls = 0;
    const call = (receipt: string) =>
      approveRun(world.deps, {
        runId: "second",
        by: "jane",
        receipt,
        remainingMs: () => (calls++ % 2 === 0 ? 60_000 : 0),
      });

    const outcomes = [await call("a"), await call("b"), await call("c")];

    expect(outcomes.map((outcome) => "isComplete" in outcome && outcome.isComplete)).toEqual([
      false,
      false,
      true,
    ]);
    await world.settle();
    expect(shown("books", "phone")).toEqual(phonesOf(many, "777"));
    expect((await run("second")).counts["released"]).toBe(BigInt(2 * many));
  });

  it("is let go without approval where the source is put right", async () => {
    await drop(world, "third", customers(many));
    await world.settle();

    expect(new Set(statesIn("books"))).toEqual(new Set(["linked"]));
    expect((await world.ports.parked.list(10)).records).toEqual([]);
    expect(world.ports.all().flatMap((xref) => sideOf(xref, "books").waitsFor ?? [])).toEqual([]);
  });

  it("is held on, whatever comes of it later", async () => {
    const more = customers(2, (index) => ({ ...newPhone(index), name: `Late ${index}` }));
    await drop(world, "second", { "L-0": { name: "New of the run", phone: "1" }, ...more });
    await world.settle();

    expect(world.books.all("customer")).toHaveLength(many);
    expect(world.ports.all().at(-1)?.sides["books"]?.state).toBe("awaiting-approval");
  });
});

describe("what is not held", () => {
  it("is a run that changes less", async () => {
    const few = blastRadius.changedRecordsMin - 1;
    await drop(world, "first", customers(many));
    await world.settle();
    await drop(world, "second", customers(few, newPhone));
    await world.settle();

    expect((await run("second")).counts).toMatchObject({ changed: BigInt(few) });
    expect((await run("second")).view).toMatchObject({ isHeld: false, isSettled: true });
    expect(shown("books", "phone")).toEqual(
      new Set([
        ...phonesOf(few, "777"),
        ...[...phonesOf(many, "555")].filter((phone) => Number(phone.slice(4)) >= few),
      ]),
    );
  });

  it("is what webhooks tell, which belongs to no run", async () => {
    await drop(world, "first", customers(many));
    await world.settle();
    for (const [index, { externalId }] of world.crm.all("customer").entries()) {
      world.crm.edit("customer", externalId, newPhone(index));
      await world.hint("crm", "customer", externalId);
    }
    await world.settle();

    expect(shown("books", "phone")).toEqual(phonesOf(many, "777"));
  });
});

describe("messages of one run that are applied together", () => {
  it("let out no more than the limits allow, whichever is judged first", async () => {
    const half = Math.ceil(many / 2);
    await drop(world, "first", customers(many));
    await world.settle();
    const changed = Object.entries(customers(many, newPhone));
    await drop(world, "second", Object.fromEntries(changed.slice(0, half)));
    await drop(world, "second", Object.fromEntries(changed.slice(half)));

    const [left, right] = [await applyNext(world, "left"), await applyNext(world, "right")];
    await Promise.all([left(), right()]);
    await world.settle();

    const written = [...shown("books", "phone")].filter((phone) => String(phone).startsWith("777"));
    expect(written.length).toBeLessThan(blastRadius.changedRecordsMin);
    expect((await run("second")).view).toMatchObject({ isHeld: true });
  });
});

describe("a worker that dies", () => {
  /** Filled in first, then emptied: few records, many values. */
  const filled = (): Fields => ({
    phone: "1",
    street: "2",
    city: "3",
    region: "4",
    postalCode: "5",
    country: "6",
    website: "7",
    segment: "8",
    email: "a@example.com",
  });
  const emptied = (): Fields =>
    Object.fromEntries(Object.keys(filled()).map((field) => [field, null]));
  const count = Math.ceil((blastRadius.blankedValuesMax + 1) / Object.keys(filled()).length);

  async function blanking() {
    world = createMemoryWorld();
    await drop(world, "first", customers(count, filled));
    await world.settle();
    await drop(world, "blanks", customers(count, emptied));
    return applyNext(world, "blanks-1");
  }

  it.each([true, false])(
    "while it holds a run back lets nothing out and loses nothing, wherever it dies (call done: %s)",
    async (isDone) => {
      let hasDied = true;
      for (let afterCalls = 0; hasDied; afterCalls += 1) {
        const apply = await blanking();
        const dying = createDyingPorts(world.ports, { afterCalls, isDone });
        const ended = await apply({ ...world.deps, ...dying.ports }).then(
          () => "ended",
          () => "died",
        );
        hasDied = dying.hasDied();
        expect(ended).toBe(hasDied ? "died" : "ended");

        await apply();
        await world.settle();

        expect(shown("books", "phone")).toEqual(new Set(["1"]));
        expect(shown("crm", "email")).toEqual(new Set(["a@example.com"]));
        expect((await run("blanks")).view).toMatchObject({
          isHeld: true,
          hold: { code: "run-blanks-many-values" },
        });
        expect(new Set([...statesIn("crm"), ...statesIn("books")])).toEqual(
          new Set(["awaiting-approval"]),
        );

        await approve("blanks");
        await world.settle();
        expect(shown("books", "phone")).toEqual(new Set([null]));
        expect((await world.ports.parked.list(10)).records).toEqual([]);
      }
    },
  );

  it.each([true, false])(
    "while it lets a run go leaves nothing behind that a second approval does not free (call done: %s)",
    async (isDone) => {
      let hasDied = true;
      for (let afterCalls = 0; hasDied; afterCalls += 1) {
        const apply = await blanking();
        await apply();
        const dying = createDyingPorts(world.ports, { afterCalls, isDone });
        const ended = await approve("blanks", "jane", { ...world.deps, ...dying.ports }).then(
          () => "ended",
          () => "died",
        );
        hasDied = dying.hasDied();
        expect(ended).toBe(hasDied ? "died" : "ended");

        await approve("blanks");
        await world.settle();

        expect(shown("books", "phone")).toEqual(new Set([null]));
        expect(shown("crm", "email")).toEqual(new Set([null]));
        expect((await world.ports.parked.list(10)).records).toEqual([]);
      }
    },
  );

  it("does not hold back what was approved while it was at it", async () => {
    const apply = await blanking();
    let isApproved = false;
    const runs = world.ports.runs;
    const deps = {
      ...world.deps,
      waits: {
        ...world.ports.waits,
        register: async (...given: Parameters<typeof world.ports.waits.register>) => {
          if (!isApproved) {
            isApproved = true;
            await approve("blanks");
          }
          return world.ports.waits.register(...given);
        },
      },
    };

    await apply(deps);
    await world.settle();

    expect((await runs.get("blanks"))?.counts).toMatchObject({ holds: 1n, approvals: 1n });
    expect(shown("books", "phone")).toEqual(new Set([null]));
    expect((await world.ports.parked.list(10)).records).toEqual([]);
  });
});

describe("an approval", () => {
  it.each([
    ["of a run that nobody knows", "nothing", "run-unknown", 404],
    ["of a run that is not held", "first", "run-not-held", 409],
  ])("%s is refused", async (_name, runId, code, status) => {
    await drop(world, "first", customers(1));
    await world.settle();

    const outcome = await approve(runId);

    expect(outcome).toEqual({ kind: "refused", status, code, fix: expect.any(String) });
  });
});
