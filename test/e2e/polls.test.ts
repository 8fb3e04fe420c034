/** What no webhook told is found by the schedules. */
import * as z from "zod";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { only } from "#test/support/local-calls.ts";
import { eventually } from "#test/support/local-eventually.ts";
import { type Product, startProduct } from "#test/support/local-product.ts";

let product: Product;

const runsSchema = z.object({
  runs: z.array(
    z.looseObject({
      runId: z.string(),
      kind: z.string(),
      subject: z.string(),
      isSettled: z.boolean(),
      counts: z.record(z.string(), z.unknown()),
    }),
  ),
});

async function runs() {
  return runsSchema.parse((await product.get("/runs")).body).runs;
}

/** What is done here is told to nobody, and has left the vendors' short memory of it. */
async function unheard(acts: () => Promise<void>): Promise<void> {
  const { hubspot, xero } = product;
  await acts();
  await hubspot.webhooksSettled();
  await xero.webhooksSettled();
}

beforeAll(async () => {
  product = await startProduct();
  product.hubspot.setWebhookTarget(undefined);
  product.xero.setWebhookTarget(undefined);
});

beforeEach(async () => {
  await product.stack.settled();
});

afterAll(async () => {
  const failures = product.failures();
  await product.stack.close();
  expect(failures).toEqual([]);
});

it("records made before the first poll are found by it", async () => {
  const { crm, books, stack } = product;
  await unheard(async () => {
    await crm.create("companies", { name: "Pericles Comidas", phone: "111" });
    await books.createContact({ Name: "Que Delícia" });
  });

  // HubSpot's search shows what is new only after a while: the next poll finds what the first could not.
  await eventually(async () => {
    await stack.host.fireSchedule("incremental");
    await stack.settled();
    expect(books.contactsNamed("Pericles Comidas")).toHaveLength(1);
    expect(crm.where("companies", "name", "Que Delícia")).toHaveLength(1);
  });

  const polls = (await runs()).filter(({ kind }) => kind === "poll");
  expect(polls.map(({ subject }) => subject)).toEqual(
    expect.arrayContaining(["crm customer", "books customer"]),
  );
  expect(polls.every(({ isSettled }) => isSettled)).toBe(true);
});

it("edits on both sides are found by the incremental poll", async () => {
  const { crm, books, stack } = product;
  const company = only(crm.where("companies", "name", "Pericles Comidas"));
  const { ContactID } = only(books.contactsNamed("Que Delícia"));
  const [twin] = crm.where("companies", "name", "Que Delícia");
  await unheard(async () => {
    await crm.update("companies", company.id, { phone: "222" });
    await books.updateContact(ContactID, { TaxNumber: "BR-42" });
  });

  await eventually(async () => {
    await stack.host.fireSchedule("incremental");
    await stack.settled();
    const contact = only(books.contactsNamed("Pericles Comidas"));
    expect(contact.Phones.DEFAULT?.PhoneNumber).toBe("222");
    expect(crm.properties("companies", twin?.id ?? "")["tieout_tax_number"]).toBe("BR-42");
  });
});

it("edits on both sides are found by the nightly check, in one run of all sources", async () => {
  const { crm, books, stack } = product;
  const company = only(crm.where("companies", "name", "Pericles Comidas"));
  const { ContactID } = only(books.contactsNamed("Que Delícia"));
  const [twin] = crm.where("companies", "name", "Que Delícia");
  await unheard(async () => {
    await crm.update("companies", company.id, { phone: "333" });
    await books.updateContact(ContactID, { TaxNumber: "BR-43" });
  });

  await stack.host.fireSchedule("nightly");
  await stack.settled();

  const contact = only(books.contactsNamed("Pericles Comidas"));
  expect(contact.Phones.DEFAULT?.PhoneNumber).toBe("333");
  expect(crm.properties("companies", twin?.id ?? "")["tieout_tax_number"]).toBe("BR-43");
  const check = only((await runs()).filter(({ kind }) => kind === "full-check"));
  expect(check).toMatchObject({
    isSettled: true,
    subject: "all connections",
    counts: { sources: 8, sourcesRead: 8 },
  });
  const { status, body } = await product.get(`/runs/${check.runId}`);
  expect(status).toBe(200);
  expect(body).toEqual(check);
});
