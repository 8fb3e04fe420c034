import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { FileProfile, Target } from "#shared/domain/file-profile.ts";
import { findProfileProblems, findRivals } from "#shared/domain/file-profile-problems.ts";
import { choice } from "#shared/domain/lenses.ts";
import { formatMoney } from "#shared/domain/money.ts";
import { isMoney } from "#shared/domain/records.ts";
import { createCsvRowReader } from "#shared/connectors/file/csv-rows.ts";
import { customFields } from "#shared/flows/custom-fields.ts";
import { fileProfiles } from "#shared/flows/files/profiles.ts";
import { tieoutCustomers } from "#shared/flows/files/tieout-customers.ts";
import { tieoutOrders } from "#shared/flows/files/tieout-orders.ts";
import { sidesOf } from "#shared/flows/flows.ts";
import type { Counts } from "#shared/ports/runs.ts";
import type { ImportOutcome } from "#shared/sync/import-file.ts";
import { accountManager, tier } from "#test/support/custom-fields.ts";
import { createFileInbox, type FileInbox, fieldsOf } from "#test/support/file-inbox.ts";

const fixtures = new URL("../fixtures/northwind-small/", import.meta.url);
const docs = readFileSync(new URL("../../docs/files.md", import.meta.url), "utf8");

async function importFixture(fileName: string, key = fileName) {
  const inbox = createFileInbox();
  inbox.drop(key, readFileSync(new URL(fileName, fixtures)));
  const outcome = await inbox.deliver(key);
  await inbox.settle();
  return { inbox, outcome, counts: await countsOf(inbox), events: inbox.events() };
}

function rowsOf(text: string): AsyncIterable<readonly string[]> {
  return createCsvRowReader().readRows(ReadableStream.from([new TextEncoder().encode(text)]));
}

async function countsOf(inbox: FileInbox): Promise<Counts> {
  return (await inbox.runs())[0]?.counts ?? {};
}

function totalsOf(events: Awaited<ReturnType<typeof importFixture>>["events"]): string[] {
  return events.map(({ externalId, record }) => {
    const total = record?.fields["total"];
    return isMoney(total) ? `${externalId} ${formatMoney(total)} ${total.currency}` : externalId;
  });
}

/** What is wrong with a profile as data, in words; empty for a good one. */
function faultsOf(profile: FileProfile, custom = customFields): string[] {
  const context = { customFields: custom, sidesOf };
  return findProfileProblems(profile, context).map(({ says }) => says);
}

describe("file profiles", () => {
  it.each(fileProfiles.map((profile) => [profile.profile, profile] as const))(
    "%s fills fields that there are, with conversions that fit them",
    (_name, profile) => {
      expect(faultsOf(profile)).toEqual([]);
    },
  );

  it("notices a profile that does not hold together", () => {
    const [good] = fileProfiles;
    if (good === undefined) throw new Error("there are no profiles");
    const bad: FileProfile = {
      ...good,
      keyColumn: "number",
      columns: {
        id: [{ field: "shoeSize", as: "text" }],
        name: [
          { field: "name", as: "date" },
          { field: "name", as: "text" },
          { line: "quantity", as: "decimal" },
        ],
      },
    };

    expect(faultsOf(bad)).toEqual([
      "number is no column",
      "shoeSize is no field",
      "name as date",
      "line.quantity as decimal",
      "name is filled twice",
    ]);
    const strange = { as: "one-of", values: ["won", "sold"] } as const;
    const { columns } = tieoutOrders;
    expect(
      faultsOf({
        ...tieoutOrders,
        columns: { ...columns, won: [{ field: "status", ...strange }] },
      }),
    ).toEqual(["status as one-of"]);
  });

  it("may fill a custom field, by a conversion or a transform that fits what it holds", () => {
    const { columns, ...rest } = tieoutCustomers;
    const withColumn = (target: Target): FileProfile => ({
      ...rest,
      columns: { ...columns, extra: [target] },
    });
    const tiers = choice({ G: "gold", S: "silver" });

    expect(faultsOf(withColumn({ field: "accountManager", as: "text" }), [accountManager])).toEqual(
      [],
    );
    expect(faultsOf(withColumn({ field: "tier", as: "lens", lens: tiers }), [tier])).toEqual([]);
    expect(faultsOf(withColumn({ field: "tier", as: "text" }), [tier])).toEqual(["tier as text"]);
    expect(
      faultsOf(withColumn({ field: "accountManager", as: "lens", lens: tiers }), [accountManager]),
    ).toEqual(["accountManager as lens"]);
    expect(faultsOf(withColumn({ field: "accountManager", as: "text" }), [])).toEqual([
      "accountManager is no field",
    ]);
  });

  it("land a custom field with the rest of the row, and reject what its transform refuses", async () => {
    const profile: FileProfile = {
      ...tieoutCustomers,
      columns: {
        ...tieoutCustomers.columns,
        tier: [{ field: "tier", as: "lens", lens: choice({ G: "gold", S: "silver" }) }],
      },
    };
    const inbox = createFileInbox({ profiles: [profile] });
    inbox.drop("customers.csv", "id,name,tier\nA,Alpha,G\nB,Beta,\nC,Gamma,X\n");

    await inbox.deliver("customers.csv");
    await inbox.settle();

    expect(inbox.events().map(({ record }) => record?.fields["tier"])).toEqual(["gold", null]);
    expect(inbox.result("customers.result.csv")).toContain(
      "C,Gamma,X,4,rejected,choice-unknown,tier,X,",
    );
  });

  it("have names of their own", () => {
    const names = fileProfiles.map((profile) => profile.profile);

    expect(new Set(names).size).toBe(names.length);
  });

  it("are told apart by every header: no two fit one file", () => {
    const doubtful = fileProfiles.flatMap((profile) => findRivals(profile, fileProfiles));

    expect(doubtful).toEqual([]);
  });
});

describe("the small Northwind set", () => {
  it("gives five customers with their accents, their quotes and their blanks", async () => {
    const { counts, events } = await importFixture("customers.csv");

    expect(counts).toMatchObject({ rows: 5n, rejectedRows: 0n, records: 5n });
    expect(events.map((event) => event.externalId)).toEqual([
      "BJORK",
      "NUNEZ",
      "ZOLCI",
      "MULLE",
      "LOFOT",
    ]);
    expect(fieldsOf(events, "ZOLCI")).toEqual({
      name: 'Żółcińska "Smak" sp. z o.o.',
      street: "ul. Świętej Anny 3",
      city: "Łódź",
      region: null,
      postalCode: "90-001",
      country: "Poland",
      phone: "+48 42 555 01 77",
    });
    expect(fieldsOf(events, "LOFOT")["phone"]).toBeNull();
    expect(fieldsOf(events, "BJORK")["street"]).toBe("Ängsvägen 4, 2 tr");
  });

  it("gives four products", async () => {
    const { counts, events } = await importFixture("products.csv");

    expect(counts).toMatchObject({ rows: 4n, rejectedRows: 0n, records: 4n });
    expect(fieldsOf(events, "2")).toEqual({
      code: "2",
      name: "Smoked Trout",
      description: null,
      unitPrice: "8.35",
    });
  });

  it("gives six orders with the totals of its README", async () => {
    const { counts, events } = await importFixture("order_lines.csv");

    expect(counts).toMatchObject({ rows: 11n, rejectedRows: 0n, records: 6n });
    expect(totalsOf(events)).toEqual([
      "90001 45.02 USD",
      "90002 14.73 USD",
      "90003 162.43 USD",
      "90004 43.60 USD",
      "90005 59.45 EUR",
      "90006 80.16 USD",
    ]);
    expect(fieldsOf(events, "90002")).toMatchObject({ orderedOn: "2026-01-09", status: "won" });
    expect(fieldsOf(events, "90001")).not.toHaveProperty("dueOn");
  });

  it("loses one order of three to a bad row, and says which cells to mend", async () => {
    const { inbox, counts, events } = await importFixture("order_lines-bad-row.csv", "q1/bad.csv");

    expect(counts).toMatchObject({ rows: 5n, rejectedRows: 3n, records: 2n });
    expect(totalsOf(events)).toEqual(["90011 25.00 USD", "90013 25.05 USD"]);
    const rows = Array.fromAsync(rowsOf(inbox.result("q1/bad.result.csv")));
    const told = (await rows).map((cells) => [cells[0], ...cells.slice(-9, -4)].join(" | "));
    expect(told).toEqual([
      "orderID | tieout_row | tieout_status | tieout_code | tieout_column | tieout_value",
      "90011 | 2 | waiting | on-its-way |  | ",
      "90012 | 3 | rejected | document-has-bad-line |  | 90012",
      "90012 | 4 | rejected | date-unreadable; number-unreadable | orderDate; unitPrice | 2026-02-30; 3,10",
      "90012 | 5 | rejected | document-has-bad-line |  | 90012",
      "90013 | 6 | waiting | on-its-way |  | ",
    ]);
  });

  it("does not land under a header that no profile has", async () => {
    const { outcome, events } = await importFixture("customers-unknown-header.csv");

    expect(outcome).toMatchObject({
      kind: "refused",
      problem: {
        code: "header-unknown",
        detail:
          "nearest profile: northwind-customers; unknown columns: companyNam, shoeSize; missing columns: companyName",
      },
    });
    expect(events).toEqual([]);
  });
});

describe("docs/files.md", () => {
  it("shows the profile that is in force", () => {
    const source = new URL("../../shared/flows/files/tieout-products.ts", import.meta.url);

    expect(docs).toContain(readFileSync(source, "utf8").trim());
  });

  it("shows files that are accepted to the last row", async () => {
    const examples = [...docs.matchAll(/```csv\n(.*?)```/gs)].map((match) => match[1] ?? "");

    const [outcomes, counts] = [[] as ImportOutcome[], [] as Counts[]];
    for (const [index, example] of examples.entries()) {
      const inbox = createFileInbox();
      inbox.drop(`${index}.csv`, example);
      outcomes.push(await inbox.deliver(`${index}.csv`));
      counts.push(await countsOf(inbox));
    }

    expect(outcomes.map(({ kind }) => kind)).toEqual(outcomes.map(() => "imported"));
    expect(counts).toMatchObject([
      { rows: 2n, rejectedRows: 0n, records: 2n },
      { rows: 2n, rejectedRows: 0n, records: 2n },
      { rows: 3n, rejectedRows: 0n, records: 2n },
      { rows: 1n, rejectedRows: 0n, records: 1n },
    ]);
  });

  it("lists the columns of each profile", () => {
    for (const { profile, columns } of fileProfiles) {
      expect(docs).toContain(`\`${profile}\``);
      for (const column of Object.keys(columns)) expect(docs).toContain(column);
    }
  });
});
