/** Documents that wait for the cost of a product: many of them, and again and again. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { limits } from "#shared/config/limits.ts";
import { type CrossReference, newCrossReference } from "#shared/domain/cross-reference.ts";
import { money } from "#shared/domain/money.ts";
import type { DocumentLine, Fields } from "#shared/domain/records.ts";
import { noClaims } from "#shared/ports/mapping-table.ts";
import { createMemoryWorld, type MemoryWorld } from "#test/support/memory-world.ts";

const at = "2026-01-05T10:00:00.000Z";
const products = ["product-000000000000000000000001", "product-000000000000000000000002"] as const;

function lineOf(canonicalId: string): DocumentLine {
  return {
    product: { canonicalId },
    productCode: null,
    description: null,
    quantity: "1",
    unitPrice: "1.00",
    discountRate: "0",
    amount: money(100n, "EUR"),
  };
}

function anInvoice(number: number, ids: readonly string[]): CrossReference {
  const fields = { status: "issued", currency: "EUR", exchangeRate: "1", lines: ids.map(lineOf) };
  const canonicalId = `invoice-${String(number).padStart(24, "0")}`;
  return { ...newCrossReference(canonicalId, "invoice", at), fields };
}

/** Saves the record as it is now known with these fields, and all that follows from it. */
async function save(world: MemoryWorld, record: CrossReference, fields: Fields = {}) {
  const { xrefs } = world.ports;
  const stored = (await xrefs.load([record.canonicalId])).get(record.canonicalId) ?? record;
  await xrefs.save({ ...stored, fields: { ...stored.fields, ...fields } }, noClaims, []);
}

const aProduct = (id: string) => newCrossReference(id, "product", at);

function costsIn(world: MemoryWorld): unknown[] {
  const invoices = world.ports.all().filter(({ recordType }) => recordType === "invoice");
  return invoices.map(({ fields }) => fields["costOfSales"] ?? null);
}

describe("documents that wait for the cost of a product", () => {
  it("get it in bounded parts: so many at once, and the rest with the nightly check", async () => {
    const world = createMemoryWorld();
    const [id] = products;
    const count = limits.costWaitersMax + 3;
    await save(world, aProduct(id));
    for (let number = 0; number < count; number += 1) await save(world, anInvoice(number, [id]));
    await world.settle();

    await save(world, aProduct(id), { unitCost: "0.40" });
    await world.settle();
    const known = () => costsIn(world).filter((cost) => cost !== null);
    expect(known()).toHaveLength(limits.costWaitersMax);

    await world.poll("full");
    await world.settle();
    expect(known()).toEqual(Array.from({ length: count }, () => money(40n, "EUR")));
    expect(await world.ports.waits.list(`cost#${id}`)).toEqual([]);
    const due = await Array.fromAsync(world.ports.relations.listDueBefore("9999-12-31"));
    expect(due).toEqual([]);
  });

  it("wait on where it was taken back before anybody looked", async () => {
    const world = createMemoryWorld();
    const [id] = products;
    await save(world, aProduct(id));
    await save(world, anInvoice(1, [id]));
    await world.settle();

    await save(world, aProduct(id), { unitCost: "0.40" });
    await save(world, aProduct(id), { unitCost: null });
    await world.settle();
    expect(costsIn(world)).toEqual([null]);

    await save(world, aProduct(id), { unitCost: "0.50" });
    await world.settle();
    expect(costsIn(world)).toEqual([money(50n, "EUR")]);
  });

  it("have it known in the end whatever came first, and what was known stays", async () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ invoice: fc.nat(4), of: fc.subarray([...products], { minLength: 1 }) }),
        fc.record({ product: fc.constantFrom(...products), cost: fc.constantFrom("1", "2", null) }),
      ),
      { minLength: 2, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const world = createMemoryWorld();
        for (const step of all) {
          const before = costsIn(world);
          const isInvoice = "invoice" in step;
          if (!isInvoice) await save(world, aProduct(step.product), { unitCost: step.cost });
          else if (!(await isSaved(world, step.invoice))) {
            await save(world, anInvoice(step.invoice, step.of));
          }
          await world.settle();
          const after = costsIn(world);
          before.forEach((cost, index) => {
            if (cost !== null) expect(after[index]).toEqual(cost);
          });
        }
        for (const id of products) await save(world, aProduct(id), { unitCost: "3" });
        await world.settle();

        expect(costsIn(world)).not.toContain(null);
      }),
      { numRuns: 50 },
    );
  });
});

async function isSaved({ ports }: MemoryWorld, number: number): Promise<boolean> {
  const { canonicalId } = anInvoice(number, []);
  return (await ports.xrefs.load([canonicalId])).has(canonicalId);
}
