import { beforeEach, describe, expect, it } from "vitest";
import { limits } from "#shared/config/limits.ts";
import { holdSides, releaseSide } from "#shared/domain/approval.ts";
import { type CrossReference, sideOf } from "#shared/domain/cross-reference.ts";
import { decideConflict as decide } from "#shared/domain/merge.ts";
import { manual, rule } from "#shared/domain/policies.ts";
import type { RecordLife } from "#shared/domain/records.ts";
import { flows } from "#shared/flows/flows.ts";
import { type ConflictChoice, decideConflict } from "#shared/sync/decide-conflict.ts";
import { dismissReview } from "#shared/sync/dismiss-review.ts";
import { retryParked } from "#shared/sync/retry-parked.ts";
import { findCrossReference } from "#shared/sync/view-records.ts";
import { aCustomerId } from "#test/support/cross-references.ts";
import { applyNext } from "#test/support/dropped-files.ts";
import { createMemoryWorld, type MemoryWorld } from "#test/support/memory-world.ts";

const nobody = aCustomerId("nobody");

let world: MemoryWorld;
let company: string;
let contact: string;

/** As shipped, but that two fields are disputed, and an end in the CRM is for a person. */
const disputed = {
  ...flows,
  customer: {
    ...flows.customer,
    sides: {
      ...flows.customer.sides,
      books: { create: "always", whenEndedElsewhere: "review" },
    },
    fields: {
      ...flows.customer.fields,
      phone: rule(manual, "crm", "books"),
      taxNumber: rule(manual, "crm", "books"),
    },
  },
} as const;

beforeEach(async () => {
  world = createMemoryWorld({ flows: disputed });
  company = world.crm.edit("customer", undefined, { name: "Harbour", phone: "1" });
  await tell("crm");
  contact = world.books.all("customer")[0]?.externalId ?? "";
});

async function tell(connection: "crm" | "books"): Promise<void> {
  world.ports.clock.advance(1_000);
  await world.hint(connection, "customer", connection === "crm" ? company : contact);
  await world.settle();
}

async function end(life: RecordLife): Promise<void> {
  world.crm.end("customer", company, life);
  await tell("crm");
}

function theRecord(): CrossReference {
  const [xref] = world.ports.all();
  if (xref === undefined) throw new Error("no record");
  return xref;
}

async function parkedCodes(): Promise<string[]> {
  return (await world.ports.parked.list(10)).records.map(({ failure }) => failure.code);
}

/** Both changed it while the other's change was on its way. */
async function dispute(): Promise<void> {
  world.crm.edit("customer", company, { phone: "crm" });
  world.books.edit("customer", contact, { phone: "books" });
  await world.hint("crm", "customer", company);
  await world.hint("books", "customer", contact);
  await world.settle();
}

function choose(keep: "golden" | "proposed", over: Partial<ConflictChoice> = {}) {
  const { canonicalId } = theRecord();
  const choice = { canonicalId, connection: "books", field: "phone", keep, by: "jane", ...over };
  return decideConflict(world.deps, choice);
}

describe("a conflict", () => {
  beforeEach(dispute);

  it("is shown with both values and whose they are", async () => {
    const ref = { connection: "crm", recordType: "customer", externalId: company } as const;

    expect(await findCrossReference(world.deps, ref)).toMatchObject({
      sides: {
        books: {
          state: "conflict",
          conflicts: [
            {
              field: "phone",
              golden: "crm",
              goldenBy: "crm",
              proposed: "books",
              proposedBy: "books",
            },
          ],
        },
      },
    });
    expect(await parkedCodes()).toEqual(["field-conflict"]);
  });

  it.each([
    ["golden", "crm"],
    ["proposed", "books"],
  ] as const)("decided for the %s value puts it everywhere", async (keep, value) => {
    expect(await choose(keep)).toMatchObject({ kind: "decided" });
    expect(theRecord().trail).toMatchObject([
      { kind: "decided", what: "conflict", by: "jane", connection: "books" },
    ]);
    await world.settle();

    expect(world.crm.get("customer", company)?.fields["phone"]).toBe(value);
    expect(world.books.get("customer", contact)?.fields["phone"]).toBe(value);
    expect(await parkedCodes()).toEqual([]);
  });

  it("decided twice is decided once, and what is owed is hinted again", async () => {
    await choose("golden");
    // As if the worker had died before its hint was sent.
    expect(world.ports.deliveries.take()).toHaveLength(1);

    expect(await choose("golden")).toMatchObject({ kind: "nothing-disputed" });
    await world.settle();

    expect(world.books.get("customer", contact)?.fields["phone"]).toBe("crm");
  });

  it("is decided about as it stands, whoever saves the record meanwhile", async () => {
    const { xrefs } = world.ports;
    let isDisturbed = false;
    const disturbed = {
      ...xrefs,
      load: async (ids: readonly string[]) => {
        const loaded = await xrefs.load(ids);
        if (!isDisturbed) {
          isDisturbed = true;
          world.crm.edit("customer", company, { name: "Harbour Coffee" });
          await tell("crm");
        }
        return loaded;
      },
    };
    const { canonicalId } = theRecord();
    const choice = { canonicalId, connection: "books", field: "phone", by: "jane" };

    await decideConflict({ ...world.deps, xrefs: disturbed }, { ...choice, keep: "proposed" });
    await world.settle();

    expect(theRecord().fields).toMatchObject({ name: "Harbour Coffee", phone: "books" });
  });

  it("is not decided by a choice that was made about another one", async () => {
    const conflictAt = sideOf(theRecord(), "books").conflicts?.[0]?.at ?? "";
    expect(conflictAt).not.toBe("");
    world.books.edit("customer", contact, { phone: "books again" });
    await tell("books");

    expect(await choose("proposed", { conflictAt })).toMatchObject({
      kind: "refused",
      status: 409,
      code: "conflict-changed",
    });
    expect(await parkedCodes()).toEqual(["field-conflict"]);
    const seenAt = sideOf(theRecord(), "books").conflicts?.[0]?.at;
    expect(await choose("proposed", { conflictAt: seenAt })).toMatchObject({ kind: "decided" });
    expect(theRecord().fields["phone"]).toBe("books again");
  });

  it.each([
    ["of a record nobody knows", { canonicalId: nobody }, "record-unknown"],
    ["of a connection that is no side", { connection: "erp" }, "side-unknown"],
    ["of a field the record does not have", { field: "shoeSize" }, "side-unknown"],
  ])("%s is not found", async (_name, over, code) => {
    expect(await choose("golden", over)).toMatchObject({ kind: "refused", status: 404, code });
  });

  it("outlasts a write of another field", async () => {
    world.crm.edit("customer", company, { name: "Harbour Coffee" });
    await tell("crm");

    expect(world.books.get("customer", contact)?.fields).toMatchObject({
      name: "Harbour Coffee",
      phone: "books",
    });
    expect(await parkedCodes()).toEqual(["field-conflict"]);
  });

  it("decided for another key of the record makes it known by that key", async () => {
    world.crm.edit("customer", company, { taxNumber: "GB111111" });
    await tell("crm");
    world.crm.edit("customer", company, { taxNumber: "GB222222" });
    world.books.edit("customer", contact, { taxNumber: "GB333333" });
    await world.hint("crm", "customer", company);
    await world.hint("books", "customer", contact);
    await world.settle();

    expect(await choose("proposed", { field: "taxNumber" })).toMatchObject({ kind: "decided" });

    const key = { recordType: "customer", kind: "tax-number", key: "GB333333" } as const;
    expect([...(await world.ports.xrefs.findMatches([key])).values()]).toEqual([
      theRecord().canonicalId,
    ]);
  });

  it("is no subject for a retry", async () => {
    const target = { canonicalId: theRecord().canonicalId, connection: "books" };

    expect(await retryParked(world.deps, target, "jane")).toMatchObject({
      status: 409,
      code: "field-conflict",
    });
  });
});

describe("a retry of a write that was refused", () => {
  const failure = { kind: "rejected", code: "name-taken", fix: "Rename one." } as const;

  async function refuse(): Promise<void> {
    world.books.failNextWrites({ failure, hasEffect: false });
    world.crm.edit("customer", company, { name: "Harbour Coffee" });
    await tell("crm");
    expect(await parkedCodes()).toEqual(["name-taken"]);
  }

  function retry(canonicalId = theRecord().canonicalId, connection = "books") {
    return retryParked(world.deps, { canonicalId, connection }, "jane");
  }

  it("writes it now, and says who wanted it", async () => {
    await refuse();

    expect(await retry()).toMatchObject({ kind: "retried", state: "dirty" });
    expect(theRecord().trail).toMatchObject([{ kind: "decided", what: "retry", by: "jane" }]);
    await world.settle();

    expect(world.books.get("customer", contact)?.fields["name"]).toBe("Harbour Coffee");
    expect(await parkedCodes()).toEqual([]);
  });

  it("makes a record that was never made", async () => {
    world.books.failNextWrites({ failure, hasEffect: false });
    const second = world.crm.edit("customer", undefined, { name: "Second" });
    await world.hint("crm", "customer", second);
    await world.settle();
    const { canonicalId } = world.ports.all()[1] ?? theRecord();

    expect(await retry(canonicalId)).toMatchObject({ kind: "retried", state: "absent" });
    await world.settle();

    expect(world.books.all("customer")).toHaveLength(2);
  });

  it("may be repeated: each time what is owed is hinted", async () => {
    await refuse();
    await retry();
    // As if the worker had died before its hint was sent.
    expect(world.ports.deliveries.take()).toHaveLength(1);

    expect(await retry()).toMatchObject({ kind: "retried", state: "dirty" });
    await world.settle();

    expect(await retry()).toMatchObject({ kind: "retried", state: "linked" });
    expect(world.books.get("customer", contact)?.fields["name"]).toBe("Harbour Coffee");
  });

  it("looks first for what may have been made, where nobody ever learnt how the tries ended", async () => {
    const lost = { kind: "uncertain", code: "remote-unreachable" } as const;
    const tries = Array.from({ length: limits.triesMax }, (_, index) => ({
      failure: lost,
      hasEffect: index === limits.triesMax - 1,
    }));
    world.books.failNextWrites(...tries);
    const second = world.crm.edit("customer", undefined, { name: "Second" });
    await world.hint("crm", "customer", second);
    await world.settle();
    expect(await parkedCodes()).toEqual(["remote-unreachable"]);
    expect(world.books.all("customer")).toHaveLength(2);
    const { canonicalId } = world.ports.all()[1] ?? theRecord();

    expect(await retry(canonicalId)).toMatchObject({ kind: "retried", state: "uncertain" });
    await world.settle();

    expect(world.books.all("customer")).toHaveLength(2);
    expect(await parkedCodes()).toEqual([]);
  });

  it("of a create goes under another key, so that no remote repeats its first answer", async () => {
    const keys: string[] = [];
    const { write } = world.books;
    world.books.write = (recordType, writes, signal) => {
      keys.push(...writes.map(({ idempotencyKey }) => idempotencyKey));
      return write(recordType, writes, signal);
    };
    const lost = { kind: "uncertain", code: "remote-unreachable" } as const;
    world.books.failNextWrites({ failure, hasEffect: false }, { failure: lost, hasEffect: false });
    const second = world.crm.edit("customer", undefined, { name: "Second" });
    await world.hint("crm", "customer", second);
    await world.settle();
    await retry(world.ports.all()[1]?.canonicalId);
    await world.settle();

    const [refused, uncertain, repeated] = keys;
    expect(keys).toHaveLength(3);
    expect(uncertain).not.toBe(refused);
    expect(repeated).toBe(uncertain);
  });

  it("is refused again where the cause is still there", async () => {
    await refuse();
    world.books.failNextWrites({ failure, hasEffect: false });
    await retry();
    await world.settle();

    expect(await parkedCodes()).toEqual(["name-taken"]);
  });

  it.each([
    ["a record nobody knows", nobody, "books", "record-unknown"],
    ["a connection that takes no part", undefined, "erp", "side-unknown"],
  ])("of %s is not found", async (_name, canonicalId, connection, code) => {
    expect(await retry(canonicalId, connection)).toMatchObject({ status: 404, code });
  });

  it("of a record that ended there is refused", async () => {
    await end("archived");

    expect(await retry(undefined, "crm")).toMatchObject({ status: 409, code: "ended-here" });
  });
});

describe("a retry of a record that could not be taken in", () => {
  const target = { connection: "crm", recordType: "customer", externalId: "c9" } as const;

  async function park(): Promise<void> {
    world.crm.failNextReads({ kind: "invalid-input", code: "date-unreadable" });
    world.crm.edit("customer", "c9", { name: "Newcomer" });
    await world.hint("crm", "customer", "c9");
    await world.settle();
    expect(await parkedCodes()).toEqual(["date-unreadable"]);
  }

  it("reads and takes it in, and it leaves the list", async () => {
    await park();

    expect(await retryParked(world.deps, target, "jane")).toEqual({
      kind: "looked-at-again",
      ...target,
    });
    await world.settle();

    expect(await parkedCodes()).toEqual([]);
    expect(world.books.all("customer").map(({ fields }) => fields["name"])).toContain("Newcomer");
  });

  it("leaves it there with what is wrong now, where it still cannot be", async () => {
    await park();
    world.crm.failNextReads({ kind: "invalid-input", code: "number-unreadable" });
    await retryParked(world.deps, target, "jane");
    await world.settle();

    expect(await parkedCodes()).toEqual(["number-unreadable"]);
  });

  it("is not found where nothing is parked", async () => {
    expect(await retryParked(world.deps, target, "jane")).toMatchObject({
      status: 404,
      code: "not-parked",
    });
  });

  it("is refused where its source cannot be asked", async () => {
    const ref = { connection: "files", recordType: "customer", externalId: "K-1" } as const;
    const failure = { kind: "rejected", code: "record-too-large" } as const;
    await world.ports.parked.park({ ...ref, failure, parkedAt: "2026-01-05T09:00:00.000Z" });

    expect(await retryParked(world.deps, ref, "jane")).toMatchObject({
      status: 409,
      code: "source-not-readable",
    });
    expect(await parkedCodes()).toEqual(["record-too-large"]);
  });
});

describe("a record that ended elsewhere", () => {
  function dismiss(canonicalId = theRecord().canonicalId) {
    return dismissReview(world.deps, { canonicalId, connection: "books", by: "jane" });
  }

  it("is listed until a person leaves it as it is, for good", async () => {
    await end("archived");
    expect(await parkedCodes()).toEqual(["ended-elsewhere"]);

    expect(await dismiss()).toMatchObject({ kind: "dismissed" });
    expect(theRecord().trail).toMatchObject([{ kind: "decided", what: "end", by: "jane" }]);
    expect(await parkedCodes()).toEqual([]);

    world.books.edit("customer", contact, { email: "a@harbour.example" });
    await tell("books");
    await world.poll("full");
    await world.settle();
    expect(await parkedCodes()).toEqual([]);
    expect(theRecord().fields["email"]).toBe("a@harbour.example");
  });

  it("is dismissed once, however often one says so", async () => {
    await end("archived");
    await dismiss();
    const { revision } = theRecord();

    expect(await dismiss()).toMatchObject({ kind: "dismissed" });
    expect(theRecord().revision).toBe(revision);
  });

  it("is listed again once it ends anew", async () => {
    await end("archived");
    await dismiss();
    await end("live");
    await end("archived");

    expect(await parkedCodes()).toEqual(["ended-elsewhere"]);
  });

  it("is listed again where it was archived and is deleted now", async () => {
    await end("archived");
    await dismiss();
    await end("deleted");

    expect(await parkedCodes()).toEqual(["ended-elsewhere"]);
  });

  it("is no subject for a retry, which tells the way out", async () => {
    await end("archived");
    const target = { canonicalId: theRecord().canonicalId, connection: "books" };

    expect(await retryParked(world.deps, target, "jane")).toMatchObject({
      status: 409,
      code: "ended-elsewhere",
    });
    await dismiss();
    expect(await retryParked(world.deps, target, "jane")).toMatchObject({ kind: "retried" });
  });

  it.each([
    ["of a record nobody knows", nobody, 404, "record-unknown"],
    ["of which nothing is asked", undefined, 409, "nothing-to-dismiss"],
  ])("%s cannot be dismissed", async (_name, canonicalId, status, code) => {
    expect(await dismiss(canonicalId)).toMatchObject({ kind: "refused", status, code });
  });
});

describe("a disputed side that its run holds back", () => {
  const at = "2026-01-05T10:00:00.000Z";
  const flow = disputed.customer;

  async function heldRecord(): Promise<CrossReference> {
    await dispute();
    world.crm.edit("customer", company, { name: "Harbour Coffee" });
    await world.hint("crm", "customer", company);
    const apply = await applyNext(world, "no-run");
    await apply();
    return holdSides(theRecord(), ["books"], { runId: "r", at }, flow).next;
  }

  it("is disputed again once it is let go", async () => {
    const held = await heldRecord();
    expect(sideOf(held, "books").state).toBe("awaiting-approval");

    const released = releaseSide(held, { connection: "books", by: "jane", at }, flow);

    expect(released && sideOf(released, "books").state).toBe("conflict");
  });

  it("is held on where the dispute is decided", async () => {
    const held = await heldRecord();
    const choice = { connection: "books", field: "phone", keep: "golden", by: "jane", at } as const;

    const decided = decide(held, choice, flow);

    expect(decided && sideOf(decided, "books")).toMatchObject({ state: "awaiting-approval" });
    expect(decided && sideOf(decided, "books").conflicts).toBeUndefined();
  });
});
