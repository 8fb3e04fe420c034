/** What one system's webhook brings to the other, and what a webhook must not do. */
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { only, writeCalls } from "#test/support/local-calls.ts";
import { eventually } from "#test/support/local-eventually.ts";
import { type Product, startProduct } from "#test/support/local-product.ts";
import { sendHubspotWebhook, sendXeroWebhook, webhookUrl } from "#test/support/local-webhooks.ts";

let product: Product;

beforeAll(async () => {
  product = await startProduct();
});

afterAll(async () => {
  const failures = product.failures();
  await product.stack.close();
  expect(failures).toEqual([]);
});

const RECEIVE_WEBHOOK = "SyncFunctionsReceiveWebhookFunction";
const TAX_NUMBER = "tieout_tax_number";
const EMAIL = "tieout_email";

/** A company made in the CRM, and the contact it becomes. */
async function linkedPair(name: string) {
  const { crm, books } = product;
  const companyId = await crm.create("companies", { name, phone: "020 555 0100", city: "Lyon" });
  await eventually(() => expect(books.contactsNamed(name)).toHaveLength(1));
  return { companyId, contactId: only(books.contactsNamed(name)).ContactID };
}

function contact(contactId: string) {
  return only(product.xero.records("contacts").filter((one) => one.ContactID === contactId));
}

function company(companyId: string) {
  return product.crm.properties("companies", companyId);
}

// At the same time, each about a customer of its own: most of what they take is the queues' waiting.
describe.concurrent("customers", () => {
  it("a company made in the CRM becomes a contact, and an edit of its phone follows", async () => {
    const { companyId, contactId } = await linkedPair("Alfreds Futterkiste");
    expect(contact(contactId)).toMatchObject({
      Addresses: { POBOX: { City: "Lyon" } },
      Phones: { DEFAULT: { PhoneNumber: "020 555 0100" } },
    });

    await product.crm.update("companies", companyId, { phone: "020 555 0199" });

    await eventually(() =>
      expect(contact(contactId).Phones.DEFAULT?.PhoneNumber).toBe("020 555 0199"),
    );
  });

  it("a contact made in the books becomes a company", async () => {
    const { crm, books } = product;
    await books.createContact({ Name: "Bólido Comidas", EmailAddress: "pagos@bolido.example" });

    await eventually(() =>
      expect(crm.where("companies", "name", "Bólido Comidas")).toHaveLength(1),
    );
    const [made] = crm.where("companies", "name", "Bólido Comidas");
    expect(made?.properties).toMatchObject({ [EMAIL]: "pagos@bolido.example" });
  });

  it("an edit in the books of what the CRM owns is put back", async () => {
    const { companyId, contactId } = await linkedPair("Chop-suey Chinese");

    await product.books.updateContact(contactId, { Name: "Renamed In The Books" });

    await eventually(() => expect(contact(contactId).Name).toBe("Chop-suey Chinese"));
    expect(company(companyId)["name"]).toBe("Chop-suey Chinese");
  });

  it("the tax number that the books own comes to the CRM, and is put back there", async () => {
    const { companyId, contactId } = await linkedPair("Drachenblut");

    await product.books.updateContact(contactId, { TaxNumber: "DE 811 907 980" });
    await eventually(() => expect(company(companyId)[TAX_NUMBER]).toBe("DE 811 907 980"));

    await product.crm.update("companies", companyId, { [TAX_NUMBER]: "invented" });
    await eventually(() => expect(company(companyId)[TAX_NUMBER]).toBe("DE 811 907 980"));
    expect(contact(contactId).TaxNumber).toBe("DE 811 907 980");
  });

  it("of an e-mail address the newest wins, whichever side it comes from", async () => {
    const { crm, books } = product;
    const { companyId, contactId } = await linkedPair("Eastern Connection");

    await books.updateContact(contactId, { EmailAddress: "first@eastern.example" });
    await eventually(() => expect(company(companyId)[EMAIL]).toBe("first@eastern.example"));

    await crm.update("companies", companyId, { [EMAIL]: "second@eastern.example" });
    await eventually(() => expect(contact(contactId).EmailAddress).toBe("second@eastern.example"));
    expect(company(companyId)[EMAIL]).toBe("second@eastern.example");
  });
});

it("what Tieout writes comes back to it and is answered with no further write", async () => {
  const { stack, hubspot, xero } = product;
  await stack.settled();
  // The first poll makes the custom properties of deals.
  await stack.host.fireSchedule("incremental");
  await stack.settled();
  hubspot.resetCalls();
  xero.resetCalls();

  await stack.host.fireSchedule("incremental");
  await stack.settled();

  expect(hubspot.calls()["POST /crm/v3/objects/{type}/search"]).toBeGreaterThan(0);
  expect(xero.calls()["GET /api.xro/2.0/Contacts"]).toBeGreaterThan(0);
  expect(writeCalls(hubspot.calls())).toEqual({});
  expect(writeCalls(xero.calls())).toEqual({});
});

describe("the webhook door", () => {
  const urlOf = (connection: string) => webhookUrl(product, connection);

  async function tableItemCount(): Promise<number> {
    const { region, endpoint, accessKeyId, secretAccessKey } = product.stack.addresses.aws;
    const credentials = { accessKeyId, secretAccessKey };
    const client = new DynamoDBClient({ region, endpoint, credentials });
    const TableName = product.stack.addresses.tables["mapping"];
    const { Count } = await client.send(new ScanCommand({ TableName, Select: "COUNT" }));
    client.destroy();
    return Count ?? 0;
  }

  it("a wrong signature is 401 and stores nothing", async () => {
    const { stack } = product;
    await stack.settled();
    const countBefore = await tableItemCount();
    stack.host.resetCounters();

    const answers = [
      await sendXeroWebhook(
        product,
        "books",
        "00000000-0000-4000-8000-000000000001",
        "not the key",
      ),
      await sendHubspotWebhook(product, "1", "not the secret"),
      await fetch(urlOf("crm"), { method: "POST", body: "[]" }),
      await fetch(urlOf("books"), { method: "POST", body: "{}" }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    const { functions, calls } = stack.host.counters();
    expect(Object.keys(functions)).toEqual([RECEIVE_WEBHOOK]);
    const actions = Object.keys(calls[RECEIVE_WEBHOOK] ?? {});
    expect(actions.filter((action) => !action.startsWith("secretsmanager:"))).toEqual([]);
    await stack.settled();
    expect(await tableItemCount()).toBe(countBefore);
  });

  it("an unknown connection answers as a wrong signature does", async () => {
    const { xero } = product;
    const answer = await sendXeroWebhook(product, "ledger", "any", xero.webhookKey);
    expect(answer.status).toBe(401);
    expect(await answer.text()).toBe("");
  });

  it("passes Xero's intent to receive", async () => {
    expect(await product.xero.sendIntentToReceive()).toBe(true);
  });

  it("a webhook that comes again and again makes one record", async () => {
    const { books, crm, stack, xero } = product;
    await stack.settled();
    xero.setWebhookTarget(undefined);
    const contactId = await books.createContact({ Name: "Galería del gastrónomo" });
    await xero.webhooksSettled();
    xero.setWebhookTarget(urlOf("books"));
    expect(crm.where("companies", "name", "Galería del gastrónomo")).toEqual([]);

    const answers = await Promise.all(
      ["A1", "A1", "A1", "B2"].map((entropy) =>
        sendXeroWebhook(product, "books", contactId, xero.webhookKey, entropy),
      ),
    );
    await stack.settled();
    const late = await sendXeroWebhook(product, "books", contactId, xero.webhookKey, "A1");
    await stack.settled();

    expect([...answers, late].map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(crm.where("companies", "name", "Galería del gastrónomo")).toHaveLength(1);
    expect(books.contactsNamed("Galería del gastrónomo")).toHaveLength(1);
  });
});
