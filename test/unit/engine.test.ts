import { beforeEach, describe, expect, it } from "vitest";
import { type Side, sideOf } from "#shared/domain/cross-reference.ts";
import { money } from "#shared/domain/money.ts";
import type { DocumentLine } from "#shared/domain/records.ts";
import { applyChanges } from "#shared/sync/apply-changes.ts";
import { deliverWrites } from "#shared/sync/deliver-writes.ts";
import { viewRun } from "#shared/sync/view-runs.ts";
import { incompressibleText } from "#test/support/incompressible.ts";
import { createMemoryWorld, type MemoryWorld } from "#test/support/memory-world.ts";

let world: MemoryWorld;

beforeEach(() => {
  world = createMemoryWorld();
  world.books.complete = (recordType, fields) => {
    if (recordType !== "invoice") return;
    fields["status"] ??= "draft";
    fields["number"] ??= "INV-1";
    fields["total"] ??= money(10_000n, "EUR");
    fields["amountDue"] ??= money(10_000n, "EUR");
    fields["amountPaid"] ??= money(0n, "EUR");
    fields["tax"] ??= money(0n, "EUR");
  };
});

const line: DocumentLine = {
  product: null,
  productCode: "W-1",
  description: "Widget",
  quantity: "4",
  unitPrice: "25.00",
  discountRate: "0",
  amount: money(10_000n, "EUR"),
};

describe("a customer", () => {
  it("of the CRM is made in the books, once", async () => {
    const id = world.crm.edit("customer", undefined, { name: "Harbour Coffee", phone: "1" });
    await world.hint("crm", "customer", id);
    await world.hint("crm", "customer", id);
    await world.settle();

    expect(world.books.all("customer")).toHaveLength(1);
    expect(world.books.all("customer")[0]?.fields).toMatchObject({
      name: "Harbour Coffee",
      phone: "1",
    });
  });

  it("is changed in the books when the CRM changes what it owns", async () => {
    const id = world.crm.edit("customer", undefined, { name: "Harbour Coffee", phone: "1" });
    await world.hint("crm", "customer", id);
    await world.settle();

    world.crm.edit("customer", id, { phone: "2" });
    await world.hint("crm", "customer", id);
    await world.settle();

    expect(world.books.all("customer")[0]?.fields["phone"]).toBe("2");
  });

  it("has an edit put back that was made on the side which does not own the field", async () => {
    const id = world.crm.edit("customer", undefined, { name: "Harbour Coffee" });
    await world.hint("crm", "customer", id);
    await world.settle();
    const contact = world.books.all("customer")[0]?.externalId ?? "";

    world.books.edit("customer", contact, { name: "Harbor Coffee", taxNumber: "GB123456" });
    await world.hint("books", "customer", contact);
    await world.settle();

    expect(world.books.get("customer", contact)?.fields["name"]).toBe("Harbour Coffee");
    expect(world.crm.get("customer", id)?.fields["taxNumber"]).toBe("GB123456");
  });

  it("goes quiet: full checks after everything agrees write nothing", async () => {
    const id = world.crm.edit("customer", undefined, {
      name: "Harbour Coffee",
      email: "a@harbour.example",
    });
    await world.hint("crm", "customer", id);
    await world.settle();
    await world.poll("full");
    await world.settle();
    const writes = world.crm.calls.write + world.books.calls.write;

    await world.poll("full");
    await world.settle();

    expect(world.crm.calls.write + world.books.calls.write).toBe(writes);
  });

  it("known on both sides by its tax number is linked, not doubled", async () => {
    world.crm.edit("customer", "c1", { name: "Harbour", taxNumber: "GB 123 456" });
    world.books.edit("customer", "b1", { name: "Harbour Coffee Ltd", taxNumber: "GB123456" });
    await world.poll("full");
    await world.settle();

    expect(world.crm.all("customer")).toHaveLength(1);
    expect(world.books.all("customer")).toHaveLength(1);
    expect(world.books.get("customer", "b1")?.fields["name"]).toBe("Harbour");
  });
});

/** Another worker was faster: the customer's side of the books is this record now. */
async function linkWith(externalId: string): Promise<void> {
  const [xref] = world.ports.all();
  if (xref === undefined) throw new Error("nobody is known");
  const { intent: _given, ...side } = sideOf(xref, "books");
  const linked: Side = { ...side, state: "linked", externalId };
  const next = { ...xref, sides: { ...xref.sides, books: linked } };
  const ref = { connection: "books", recordType: "customer", externalId } as const;
  const claims = { externalRefs: [ref], matchKeys: [] };
  expect(await world.ports.xrefs.save(next, claims, ["books"])).toBe("saved");
}

describe("a create whose answer was lost", () => {
  it("is looked up and adopted, never repeated", async () => {
    const failure = { kind: "uncertain", code: "remote-unreachable" } as const;
    world.books.failNextWrites({ failure, hasEffect: true });
    const id = world.crm.edit("customer", undefined, { name: "Harbour Coffee" });
    await world.hint("crm", "customer", id);
    await world.settle();

    expect(world.books.all("customer")).toHaveLength(1);
    expect(world.books.calls.lookUp).toBe(1);
    const [xref] = world.ports.all();
    expect(xref?.sides["books"]?.state).toBe("linked");
  });

  it("and whose record was linked elsewhere while it was looked up is told, not adopted over it", async () => {
    const failure = { kind: "uncertain", code: "remote-unreachable" } as const;
    world.books.failNextWrites({ failure, hasEffect: true });
    const { lookUp } = world.books;
    Object.assign(world.books, {
      lookUp: async (...given: Parameters<typeof lookUp>) => {
        const found = await lookUp(...given);
        await linkWith(world.books.edit("customer", "other", { name: "Harbour Coffee" }));
        return found;
      },
    });
    const id = world.crm.edit("customer", undefined, { name: "Harbour Coffee" });
    await world.hint("crm", "customer", id);
    await world.settle();

    const [xref] = world.ports.all();
    expect(xref?.sides["books"]).toMatchObject({ state: "linked", externalId: "other" });
    const { records } = await world.ports.parked.list(10);
    expect(records.map((one) => one.failure.code)).toEqual(["registered-twice"]);
  });

  it("is made after all where the look-up finds nothing", async () => {
    const failure = { kind: "uncertain", code: "remote-unreachable" } as const;
    world.books.failNextWrites({ failure, hasEffect: false });
    await world.hint("crm", "customer", world.crm.edit("customer", undefined, { name: "Harbour" }));
    await world.settle();

    expect(world.books.all("customer")).toHaveLength(1);
  });
});

describe("a refusal", () => {
  it("parks the side with its code and tries again when the record changes", async () => {
    const failure = { kind: "rejected", code: "name-taken", fix: "Rename one." } as const;
    world.books.failNextWrites({ failure, hasEffect: false });
    const id = world.crm.edit("customer", undefined, { name: "Harbour" });
    await world.hint("crm", "customer", id);
    await world.settle();
    expect((await world.ports.parked.list(10)).records[0]?.failure.code).toBe("name-taken");

    world.crm.edit("customer", id, { name: "Harbour Two" });
    await world.hint("crm", "customer", id);
    await world.settle();

    expect(world.books.all("customer")[0]?.fields["name"]).toBe("Harbour Two");
    expect((await world.ports.parked.list(10)).records).toEqual([]);
  });

  it("of a quota waits as long as the remote asks, and is no refusal", async () => {
    const failure = { kind: "rate-limited", code: "quota-minute", retryAfterMs: 30_000 } as const;
    world.books.failNextWrites({ failure, hasEffect: false });
    const startedAt = world.ports.clock();
    await world.hint("crm", "customer", world.crm.edit("customer", undefined, { name: "Harbour" }));
    await world.settle();

    expect(world.books.all("customer")).toHaveLength(1);
    expect(world.ports.clock() - startedAt).toBeGreaterThanOrEqual(30_000);
  });
});

describe("a run of a file", () => {
  it("comes to its end though a record that waited was hinted at twice", async () => {
    const { runs, clock } = world.ports;
    await runs.start({ runId: "r", kind: "import", startedAt: "", subject: "orders.csv" });
    await runs.finishCapture("r", "2026-01-05T09:00:00.000Z");
    const failure = { kind: "rejected", code: "name-taken", fix: "Rename one." } as const;
    world.books.failNextWrites({ failure, hasEffect: false });
    const dropOrder = async (orderedOn: string) => {
      clock.advance(1_000);
      const customer = { connection: "files", recordType: "customer", externalId: "K1" } as const;
      const lines = [{ ...line, description: orderedOn }];
      const won = { number: "10248", status: "won", currency: "EUR", customer, lines, orderedOn };
      await world.file("order", "O1", won, "r");
      await world.settle();
    };
    await world.file("customer", "K1", { name: "Harbour" }, "r");
    await dropOrder("2026-01-05");
    await dropOrder("2026-01-06");
    expect(world.books.all("invoice")).toEqual([]);
    const settled = async () => {
      const run = await runs.get("r");
      return run && viewRun(run)["isSettled"];
    };
    expect(await settled()).toBe(false);

    clock.advance(1_000);
    await world.file("customer", "K1", { name: "Harbour Two" }, "r");
    await world.settle();

    expect(world.books.all("invoice")).toHaveLength(1);
    expect(await settled()).toBe(true);
  });
});

describe("a full check", () => {
  it("hints again what is owed though nothing changed, as after a lost hint", async () => {
    const id = world.crm.edit("customer", undefined, { name: "Harbour" });
    await world.hint("crm", "customer", id);
    const [changes] = world.ports.changes.take(1);
    if (changes === undefined) throw new Error("no message");
    const received = changes.events.map((event) => ({ ...event, receipt: "r" }));
    await applyChanges(world.deps, received, new AbortController().signal);
    expect(world.ports.deliveries.take()).toHaveLength(1);

    await world.poll("full");
    await world.settle();

    expect(world.books.all("customer")).toHaveLength(1);
  });

  it("tries a refused write once more, so that a cause removed in the remote heals", async () => {
    const failure = { kind: "rejected", code: "currency-not-subscribed" } as const;
    world.books.failNextWrites({ failure, hasEffect: false });
    await world.hint("crm", "customer", world.crm.edit("customer", undefined, { name: "Harbour" }));
    await world.settle();
    expect(world.books.all("customer")).toHaveLength(0);

    await world.poll("full");
    await world.settle();

    expect(world.books.all("customer")).toHaveLength(1);
    expect((await world.ports.parked.list(10)).records).toEqual([]);
  });
});

describe("an incremental poll", () => {
  it("reads the lookback until nothing can be late, then only what is new", async () => {
    world.crm.edit("customer", "c1", { name: "One" });
    for (let edits = 0; edits < 5; edits += 1) world.crm.edit("customer", "c2", { name: "Two" });
    const pollCrm = async (): Promise<number> => {
      const before = world.ports.log.movedEntries.length;
      await world.ports.polls.send({
        mode: "incremental",
        connection: "crm",
        recordType: "customer",
        tries: 0,
      });
      await world.settle();
      world.ports.clock.advance(1_000);
      const seen = world.ports.log.movedEntries.slice(before);
      return seen.filter(({ from }) => from === "crm").length;
    };

    expect(await pollCrm()).toBe(2);
    expect(await pollCrm()).toBe(2);
    expect(await pollCrm()).toBe(1);
    world.crm.edit("customer", "c1", { name: "One again" });
    expect(await pollCrm()).toBe(2);
  });
});

describe("a remote with an optimistic lock", () => {
  it("refuses to be overwritten unseen: what its user set is read and merged first", async () => {
    const id = world.crm.edit("customer", undefined, { name: "Harbour", email: "a@harbour.test" });
    await world.hint("crm", "customer", id);
    await world.settle();
    const contact = world.books.all("customer")[0]?.externalId ?? "";
    world.crm.edit("customer", id, { phone: "2" });
    world.books.edit("customer", contact, { email: "new@harbour.test" });

    await world.hint("crm", "customer", id);
    await world.settle();

    expect(world.books.get("customer", contact)?.fields).toMatchObject({
      phone: "2",
      email: "new@harbour.test",
    });
    expect(world.crm.get("customer", id)?.fields["email"]).toBe("new@harbour.test");
  });
});

describe("a won order", () => {
  async function wonOrder(): Promise<string> {
    const customer = world.crm.edit("customer", undefined, { name: "Harbour" });
    return world.crm.edit("order", undefined, {
      number: "1001",
      status: "won",
      customer: { connection: "crm", recordType: "customer", externalId: customer },
      orderedOn: "2026-01-05",
      currency: "EUR",
      lines: [line],
      total: money(10_000n, "EUR"),
    });
  }

  it("becomes one draft invoice for the customer's contact, and its number comes back", async () => {
    const order = await wonOrder();
    await world.poll("full");
    await world.settle();

    const contact = world.books.all("customer")[0]?.externalId;
    expect(world.books.all("invoice")).toHaveLength(1);
    expect(world.books.all("invoice")[0]?.fields).toMatchObject({
      reference: "1001",
      customer: { connection: "books", recordType: "customer", externalId: contact },
      dueOn: "2026-02-04",
    });
    expect(world.crm.get("order", order)?.fields).toMatchObject({
      invoiceNumber: "INV-1",
      invoiceStatus: "draft",
    });
  });

  it("rolls its invoice and payment up onto the customer in the CRM", async () => {
    await wonOrder();
    await world.poll("full");
    await world.settle();
    const invoice = world.books.all("invoice")[0]?.externalId ?? "";
    world.books.edit("invoice", invoice, {
      status: "issued",
      amountPaid: money(4_000n, "EUR"),
      amountDue: money(6_000n, "EUR"),
    });
    world.books.edit("payment", undefined, {
      invoice: { connection: "books", recordType: "invoice", externalId: invoice },
      status: "settled",
      amount: money(4_000n, "EUR"),
      paidOn: "2026-01-06",
    });
    await world.poll("incremental");
    await world.settle();

    expect(world.crm.all("customer")[0]?.fields).toMatchObject({
      openBalance: money(6_000n, "EUR"),
      overdueBalance: money(0n, "EUR"),
      revenue: money(10_000n, "EUR"),
      lastPaymentOn: "2026-01-06",
    });
  });

  it("that arrives before its customer waits for it and is then made", async () => {
    await world.file("order", "1001", {
      number: "1001",
      status: "won",
      customer: { connection: "files", recordType: "customer", externalId: "HARB" },
      orderedOn: "2026-01-05",
      currency: "EUR",
      lines: [line],
      total: money(10_000n, "EUR"),
    });
    await world.settle();
    expect(world.crm.all("order")).toHaveLength(0);

    await world.file("customer", "HARB", { name: "Harbour" });
    await world.settle();

    expect(world.crm.all("order")).toHaveLength(1);
    expect(world.books.all("invoice")).toHaveLength(1);
    expect(world.crm.all("order")[0]?.fields["customer"]).toMatchObject({ connection: "crm" });
  });

  it("without a customer is parked with what to do", async () => {
    world.crm.edit("order", "d1", { number: "7", status: "won", lines: [line], currency: "EUR" });
    await world.poll("full");
    await world.settle();

    expect((await world.ports.parked.list(10)).records).toMatchObject([
      { recordType: "order", externalId: "d1", failure: { code: "order-has-no-customer" } },
    ]);
  });
});

describe("a record that is too large for a message", () => {
  /** Each line at its greatest length, and no compression helps; as many as the table takes. */
  const lines = Array.from({ length: 6 }, () => ({
    ...line,
    description: incompressibleText(60_000),
  }));

  it("is read from its own system", async () => {
    const fields = { number: "7", status: "open", lines, currency: "EUR" } as const;
    const id = world.crm.edit("order", "d1", fields);
    const order = world.crm.get("order", id);
    if (order === undefined) throw new Error("no order");
    await world.sight("crm", order);
    await world.settle();

    const [xref] = world.ports.all();
    expect(xref?.sides["crm"]?.externalId).toBe("d1");
    expect(xref?.fields["lines"]).toEqual(lines);
    expect((await world.ports.parked.list(10)).records).toEqual([]);
  });

  it("is parked with what to do where it came from a file", async () => {
    await world.file("order", "1001", { number: "1001", status: "won", lines, currency: "EUR" });
    await world.settle();

    expect(world.ports.all()).toEqual([]);
    expect((await world.ports.parked.list(10)).records).toMatchObject([
      {
        connection: "files",
        externalId: "1001",
        failure: {
          kind: "rejected",
          code: "record-not-readable",
          fix: "Split the document or shorten its texts, then drop the file again.",
        },
      },
    ]);
  });
});

describe("a run", () => {
  it("accounts for every record and every write", async () => {
    await world.ports.runs.start({
      runId: "r",
      kind: "import",
      startedAt: "2026-01-05T09:00:00.000Z",
      subject: "f",
    });
    await world.file("customer", "A", { name: "A" }, "r");
    await world.file("customer", "B", { name: "B" }, "r");
    await world.settle();
    await world.file("customer", "A", { name: "A" }, "r");
    await world.settle();

    expect((await world.ports.runs.get("r"))?.counts).toMatchObject({
      applied: 2n,
      unchanged: 1n,
      "owed.books.customer": 2n,
      "created.books.customer": 2n,
      "created.crm.customer": 2n,
    });
  });

  it("knows what it made where a webhook asked for the same write", async () => {
    const run = { runId: "r", kind: "import", subject: "f" } as const;
    await world.ports.runs.start({ ...run, startedAt: "2026-01-05T09:00:00.000Z" });
    await world.file("customer", "A", { name: "A" }, "r");
    const [changes] = world.ports.changes.take(1);
    const { signal } = new AbortController();
    const received = (changes?.events ?? []).map((event) => {
      return { ...event, runId: changes?.runId, receipt: "changes" };
    });
    await applyChanges(world.deps, received, signal);
    const [asked] = world.ports.deliveries.takeFrom("crm", 1);
    const ofRun = (asked?.hints ?? []).map((hint) => ({ ...hint, receipt: "of-run" }));
    const ofWebhook = ofRun.map((hint) => ({ ...hint, runId: undefined, receipt: "of-webhook" }));

    await deliverWrites(world.deps, "crm", [...ofRun, ...ofWebhook], signal);
    await world.settle();

    const counts = (await world.ports.runs.get("r"))?.counts;
    expect(counts).toMatchObject({ "owed.crm.customer": 1n, "created.crm.customer": 1n });
    expect(counts).not.toHaveProperty("settled.crm.customer");
  });
});
