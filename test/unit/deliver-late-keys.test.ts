/** Documents whose customer becomes known only after they are: by then they bear a key of their own. */
import { describe, expect, it } from "vitest";
import {
  type CrossReference,
  type Side,
  sideOf,
  withSide,
} from "#shared/domain/cross-reference.ts";
import type { RecordType } from "#shared/domain/identifiers.ts";
import type { Fields } from "#shared/domain/records.ts";
import { noClaims } from "#shared/ports/mapping-table.ts";
import { applyChanges } from "#shared/sync/apply-changes.ts";
import { deliverWrites } from "#shared/sync/deliver-writes.ts";
import { retryParked } from "#shared/sync/retry-parked.ts";
import { createLifeStage, dealOf, referTo } from "#test/support/life-stage.ts";
import { createMemoryWorld, type MemoryWorld } from "#test/support/memory-world.ts";

const { signal } = new AbortController();

/** A deal is won before anybody knows its company. */
async function wonEarly(): Promise<MemoryWorld> {
  const world = createMemoryWorld();
  const company = world.crm.edit("customer", "c1", { name: "Harbour" });
  const item = world.crm.edit("product", "p1", { code: "W-1", name: "Widget" });
  await world.hint("crm", "product", item);
  world.crm.edit("order", "d1", { ...dealOf("1001", company, item), status: "won" });
  await world.hint("crm", "order", "d1");
  await world.settle();
  return world;
}

async function customerBecomesKnown(world: MemoryWorld): Promise<void> {
  await world.hint("crm", "customer", "c1");
  await world.settle();
}

/** The invoice that was made from the deal. */
function derived({ ports }: MemoryWorld): CrossReference | undefined {
  return ports
    .all()
    .find(({ recordType, sides }) => recordType === "invoice" && Object.hasOwn(sides, "tieout"));
}

function derivedSide(world: MemoryWorld): Side | undefined {
  const xref = derived(world);
  return xref && sideOf(xref, "books");
}

describe("an invoice whose customer becomes known late", () => {
  it("is one record where its webhook is faster than what was made is saved", async () => {
    const world = await wonEarly();
    const { write } = world.books;
    world.books.write = async (recordType, writes, given) => {
      const results = await write(recordType, writes, given);
      for (const one of recordType === "invoice" ? results : []) {
        const { externalId } = one.kind === "written" ? one : {};
        const shown = world.books.get(recordType, externalId ?? "");
        if (shown === undefined) continue;
        // Unlike a contact, an invoice of Xero holds no id of ours.
        const record = { ...shown, registeredId: undefined };
        const capturedAt = new Date(world.ports.clock()).toISOString();
        const event = { connection: "books", recordType, externalId: shown.externalId, record };
        await applyChanges(
          world.deps,
          [{ ...event, capturedAt, tries: 0, receipt: "hook" }],
          signal,
        );
      }
      return results;
    };
    await world.hint("crm", "customer", "c1");
    for (const { events } of world.ports.changes.take()) {
      const received = events.map((event) => ({ ...event, receipt: "change" }));
      await applyChanges(world.deps, received, signal);
    }
    // A delivery that is faster than the derivation finds the customer, but not in the books yet.
    const { canonicalId = "" } = derived(world) ?? {};
    const hint = { canonicalId, recordType: "invoice", tries: 0, receipt: "delivery" } as const;
    await deliverWrites(world.deps, "books", [hint], signal);

    await world.settle();

    expect(world.books.all("invoice")).toHaveLength(1);
    expect(derivedSide(world)?.state).toBe("linked");
    expect(world.ports.all().filter(({ recordType }) => recordType === "invoice")).toHaveLength(1);
  });

  it("is not made beside one that a bookkeeper entered for it, unless that one is void", async () => {
    const world = await wonEarly();
    const contact = world.books.edit("customer", "b1", {
      name: "Harbour",
      taxNumber: "SE556000000101",
    });
    world.crm.edit("customer", "c1", { taxNumber: "SE556000000101" });
    const reference = derived(world)?.fields["reference"];
    const customer = referTo("books", "customer", contact);
    const byHand: Fields = { reference, customer, status: "draft", currency: "EUR", lines: [] };
    world.books.edit("invoice", "i1", byHand);
    await world.hint("books", "customer", contact);
    await world.hint("crm", "customer", "c1");
    await world.hint("books", "invoice", "i1");
    await world.settle();

    const parked = { state: "rejected", failure: { code: "already-linked-elsewhere" } };
    expect(derivedSide(world)).toMatchObject(parked);
    expect(world.books.all("invoice").map(({ externalId }) => externalId)).toEqual(["i1"]);

    world.books.edit("invoice", "i1", { status: "void" });
    await world.hint("books", "invoice", "i1");
    await world.settle();
    const canonicalId = derived(world)?.canonicalId ?? "";
    await retryParked(world.deps, { canonicalId, connection: "books" }, "operator");
    await world.settle();

    expect(derivedSide(world)?.state).toBe("linked");
    expect(world.books.all("invoice")).toHaveLength(2);
  });

  it("waits where its customer ended before it is known what a lost call made, and is found later", async () => {
    const world = await wonEarly();
    const failure = { kind: "uncertain", code: "no-answer" } as const;
    const { write } = world.books;
    world.books.write = async (recordType, writes, given) => {
      if (recordType === "invoice") {
        world.books.failNextWrites({ failure, hasEffect: true });
        const [contact] = world.books.all("customer");
        world.books.end("customer", contact?.externalId ?? "", "archived");
        await world.hint("books", "customer", contact?.externalId ?? "");
      }
      return write(recordType, writes, given);
    };

    await customerBecomesKnown(world);

    expect(derivedSide(world)).toMatchObject({
      state: "blocked",
      failure: { code: "waits-for-ended-record" },
    });

    const [contact] = world.books.all("customer");
    world.books.end("customer", contact?.externalId ?? "", "live");
    await world.hint("books", "customer", contact?.externalId ?? "");
    await world.settle();

    expect(derivedSide(world)?.state).toBe("linked");
    expect(world.books.all("invoice")).toHaveLength(1);
  });
});

describe("a reference to another id of the customer it has already", () => {
  it.each(["dirty", "blocked"] as const)(
    "is stored as such by the delivery of a record that is %s for it, and nothing is written",
    async (state) => {
      const { world } = await createLifeStage("draft");
      const { xrefs } = world.deps;
      const of = (type: RecordType) => world.ports.all().find((one) => one.recordType === type);
      const [customer, document] = [of("customer"), of("invoice")];
      if (customer === undefined || document === undefined) throw new Error("nothing is known");
      const other = { connection: "crm", recordType: "customer", externalId: "merged-1" } as const;
      const side = { ...sideOf(document, "books"), state };
      const fields = { ...document.fields, customer: other };
      await xrefs.save({ ...withSide(document, "books", side), fields }, noClaims, []);
      await xrefs.save(customer, { externalRefs: [other], matchKeys: [] }, []);
      const calls = world.books.calls.write;
      const { canonicalId } = document;
      const hint = { canonicalId, recordType: "invoice", tries: 0, receipt: "delivery" } as const;

      await deliverWrites(world.deps, "books", [hint], signal);

      const saved = of("invoice");
      expect(saved?.fields["customer"]).toEqual({ canonicalId: customer.canonicalId });
      expect(saved && sideOf(saved, "books").state).toBe("linked");
      expect(saved?.trail).toMatchObject([{ kind: "resolved", connection: "books" }]);
      expect(world.books.calls.write).toBe(calls);
    },
  );
});
