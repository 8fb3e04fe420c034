import { beforeEach, describe, expect, it } from "vitest";
import { exportFormats } from "#shared/domain/export/choices.ts";
import { idOf } from "#test/support/exported-records.ts";
import { eventsOfRows, exportFrom, rowsOfFile } from "#test/support/exported-files.ts";
import { createMemoryWorld, type MemoryWorld } from "#test/support/memory-world.ts";

let world: MemoryWorld;
let crmId: string;

const hour = 3_600_000;

beforeEach(async () => {
  world = createMemoryWorld();
  const fields = { name: "Acme", phone: "+49 30 1", city: "Berlin", taxNumber: "DE123456789" };
  crmId = world.crm.edit("customer", undefined, fields);
  await world.hint("crm", "customer", crmId);
  await world.settle();
  world.ports.clock.advance(hour);
});

const golden = () => world.ports.all()[0];

/** Exports, has every row changed, and drops the file. */
async function dropEdited(
  edit: Readonly<Record<string, string>>,
  of: "customer" | "product" = "customer",
  meanwhile = async () => {},
) {
  const file = await exportFrom(world, { of, format: "csv" });
  const [header = [], ...rows] = await rowsOfFile(file);
  await meanwhile();
  const edited = rows.map((cells) => cells.map((cell, at) => edit[header[at] ?? ""] ?? cell));
  world.ports.clock.advance(hour);
  const runId = "import-1";
  const startedAt = new Date(world.ports.clock()).toISOString();
  await world.ports.runs.start({ runId, kind: "import", startedAt, subject: "edited.csv" });
  await world.ports.changes.send(eventsOfRows(world, [header, ...edited]), { runId });
  await world.settle();
  return (await world.ports.runs.get(runId))?.counts;
}

async function parkedCodes() {
  const { records } = await world.ports.parked.list(10);
  return records.map(({ failure: { code, field } }) => `${code} ${field}`);
}

describe("an export that comes back", () => {
  it.each(exportFormats)("untouched, as %s, changes nothing and makes nothing", async (format) => {
    const file = await exportFrom(world, { of: "customer", format });
    const before = golden();
    const calls = [world.crm, world.books].map((remote) => remote.all("customer"));
    world.ports.clock.advance(hour);

    await world.ports.changes.send(eventsOfRows(world, await rowsOfFile(file)));
    await world.settle();

    expect(world.ports.all()).toEqual([before]);
    expect([world.crm, world.books].map((remote) => remote.all("customer"))).toEqual(calls);
    expect(await parkedCodes()).toEqual([]);
  });

  it("has an edit of what the CRM owns go to both systems, as the CRM's word", async () => {
    const counts = await dropEdited({ phone: "+49 30 2" });

    expect(counts).toMatchObject({ applied: 1n });
    expect(world.crm.get("customer", crmId)?.fields["phone"]).toBe("+49 30 2");
    expect(world.books.all("customer")[0]?.fields["phone"]).toBe("+49 30 2");
    expect(golden()?.sources["phone"]?.by).toBe("crm");
    expect(Object.keys(golden()?.sides ?? {}).sort()).toEqual(["books", "crm"]);
    expect(world.ports.all()).toHaveLength(1);
  });

  it("takes a cell that was cleared for the wish to have it blank", async () => {
    await dropEdited({ city: "" });

    expect(golden()?.fields["city"]).toBeNull();
    expect(world.books.all("customer")[0]?.fields["city"]).toBeNull();
  });

  it("may be edited again and again, back to what it was", async () => {
    await dropEdited({ phone: "2" });
    await dropEdited({ phone: "+49 30 1" });
    await dropEdited({ phone: "2" });

    expect(world.crm.get("customer", crmId)?.fields["phone"]).toBe("2");
  });

  it("changes nothing the second time", async () => {
    await dropEdited({ phone: "2" });
    const before = golden();

    expect(await dropEdited({ phone: "2" })).toMatchObject({ applied: 1n, unchanged: 1n });
    expect(golden()).toEqual(before);
  });

  it("is refused where it changes what the books own, and nothing of the row is taken", async () => {
    const counts = await dropEdited({ tax_number: "GB1", phone: "2" });

    expect(counts).toMatchObject({ parked: 1n });
    expect(await parkedCodes()).toEqual(["column-read-only taxNumber"]);
    expect(golden()?.fields).toMatchObject({ taxNumber: "DE123456789", phone: "+49 30 1" });
  });

  it("is refused where the record was changed after it was exported", async () => {
    await dropEdited({ phone: "2" }, "customer", async () => {
      world.ports.clock.advance(hour);
      world.crm.edit("customer", crmId, { phone: "3" });
      await world.hint("crm", "customer", crmId);
      await world.settle();
    });

    expect(await parkedCodes()).toEqual(["changed-since-export phone"]);
    expect(golden()?.fields["phone"]).toBe("3");
  });

  it("leaves alone what changed in fields that were not edited, where they are the same again", async () => {
    await dropEdited({ phone: "2" }, "customer", async () => {
      world.ports.clock.advance(hour);
      world.crm.edit("customer", crmId, { city: "Berlin", website: "https://acme.example" });
      await world.hint("crm", "customer", crmId);
      await world.settle();
    });

    // The row shows no website: it is older than the record in that.
    expect(await parkedCodes()).toEqual(["changed-since-export website"]);
  });

  it("is off the list of what is parked once a mended row came", async () => {
    await dropEdited({ tax_number: "GB1" });
    await dropEdited({ phone: "2" });

    expect(await parkedCodes()).toEqual([]);
    expect(golden()?.fields["phone"]).toBe("2");
  });

  it("of another deployment is refused, and makes nothing", async () => {
    await dropEdited({ record_id: idOf("customer", 9) });

    expect(await parkedCodes()).toEqual(["exported-record-unknown record_id"]);
    expect(world.ports.all()).toHaveLength(1);
  });

  it("of a product has its price taken where it is a number, and is refused where it is none", async () => {
    const fields = { code: "W-1", name: "Widget", unitPrice: "12.50" };
    const id = world.crm.edit("product", undefined, fields);
    await world.hint("crm", "product", id);
    await world.settle();

    await dropEdited({ unit_price: "13.00" }, "product");
    await dropEdited({ unit_price: "13,50" }, "product");

    expect(world.books.all("product")[0]?.fields["unitPrice"]).toBe("13");
    expect(await parkedCodes()).toEqual(["number-unreadable unitPrice"]);
  });

  it("with a time that nobody can read is older than everything", async () => {
    await dropEdited({ changed_at: "1 May", phone: "2" });

    expect(await parkedCodes()).toEqual(["changed-since-export phone"]);
  });

  it("of the customer view is read as one of customers", async () => {
    const file = await exportFrom(world, { of: "customer-view", format: "xlsx" });
    const before = golden();

    await world.ports.changes.send(eventsOfRows(world, await rowsOfFile(file)));
    await world.settle();

    expect(golden()).toEqual(before);
    expect(await parkedCodes()).toEqual([]);
  });
});
