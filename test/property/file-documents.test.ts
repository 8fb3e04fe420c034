import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatCsvRow } from "#shared/domain/file-result.ts";
import { isLines, isMoney } from "#shared/domain/records.ts";
import { createFileInbox } from "#test/support/file-inbox.ts";

const HEADER =
  "order_number,customer_id,order_date,currency,unit_price,quantity,discount,shipping,unit_cost".split(
    ",",
  );

const row = fc
  .record({
    number: fc.constantFrom("A1", "A2", "A3", "A4", ""),
    price: fc.oneof(fc.constantFrom("1.005", "0", "-3.5", "12.5"), fc.constant("1,5")),
    quantity: fc.constantFrom("1", "3", "0.333", "1000"),
    discount: fc.constantFrom("", "0.05", "0.333", "1"),
    customer: fc.constantFrom("K", "K", "K", "K", "L"),
    shipping: fc.constantFrom("7.90", "7.9", "7.90", "7.9", "", "7.905"),
    cost: fc.constantFrom("", "3.1415", "0"),
    isCut: fc.integer({ min: 0, max: 19 }).map((draw) => draw === 0),
  })
  .map(({ number, price, quantity, discount, customer, shipping, cost, isCut }) => {
    const cells = [
      number,
      customer,
      "2026-03-02",
      "EUR",
      price,
      quantity,
      discount,
      shipping,
      cost,
    ];
    return isCut ? cells.slice(0, 4) : cells;
  });

async function importRows(rows: readonly (readonly string[])[]) {
  const inbox = createFileInbox();
  inbox.drop("orders.csv", [HEADER, ...rows].map(formatCsvRow).join(""));
  const outcome = await inbox.deliver("orders.csv");
  if (outcome.kind !== "imported") throw new Error(`the file was ${outcome.kind}`);
  const [run] = await inbox.runs();
  return { counts: run?.counts ?? {}, events: inbox.events() };
}

describe("documents of a file", () => {
  it("account for each row once, and land whole or not at all", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 14 }), async (rows) => {
        const { counts, events } = await importRows(rows);

        const landed = events.flatMap(({ record }) => {
          const lines = record?.fields["lines"];
          return isLines(lines) ? lines : [];
        });
        const landedKeys = new Set(events.map((event) => event.externalId));
        expect(counts["rows"] ?? 0n).toBe(BigInt(rows.length));
        expect(counts["rejectedRows"] ?? 0n).toBe(BigInt(rows.length - landed.length));
        expect(rows.filter(([number = ""]) => landedKeys.has(number)).length).toBe(landed.length);
      }),
    );
  });

  it("have totals that are the sums of their lines' amounts and their shipping", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 14 }), async (rows) => {
        const { events } = await importRows(rows);

        for (const { record } of events) {
          const lines = record?.fields["lines"];
          const total = record?.fields["total"];
          const shipping = record?.fields["shipping"];
          const sum = isLines(lines)
            ? lines.reduce(
                (sofar, line) => sofar + line.amount.minor,
                isMoney(shipping) ? shipping.minor : 0n,
              )
            : undefined;
          expect(isMoney(total) ? total.minor : undefined).toBe(sum);
        }
      }),
    );
  });
});
