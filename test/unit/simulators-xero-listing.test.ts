import { expect, it } from "vitest";
import { createXeroSimulator } from "#infra/local/simulators/xero/simulator.ts";
import { Store } from "#infra/local/simulators/xero/store.ts";

const TENANT = "fe79f7dd-b6d4-4a92-ba7b-538af6289c58";

it("selects and sorts a list once for all of its pages, until a record changes", () => {
  const store = new Store({ seed: TENANT, now: () => 0, committed: () => undefined }, undefined);
  const made: string[] = [];
  const list = (): readonly string[] =>
    store.listed("invoices", () => {
      made.push("made");
      return ["INV-1", "INV-2"];
    });

  expect(list()).toBe(list());
  expect(made).toHaveLength(1);

  store.transaction(() => {
    store.allocations.put({
      AllocationID: "a",
      credit: { kind: "CreditNote", id: "c" },
      InvoiceID: "i",
      Amount: "1.00",
      Date: "2026-11-01",
    });
    list();
    return false;
  });
  list();

  expect(made).toHaveLength(3);
});

it("shows every invoice on one page, and a change between two pages on the later ones", () => {
  let clockMs = Date.UTC(2026, 10, 20);
  const { dispatch, user } = createXeroSimulator({
    token: "fixed-token",
    tenantId: TENANT,
    webhookKey: "webhook-key",
    now: () => clockMs,
    limits: { perMinute: 1_000, perDay: 10_000 },
  });
  const contact = { ContactID: user.createContact({ Name: "Acme" }) };
  const ids = Array.from({ length: 5 }, (_, index) => {
    clockMs += 1_000;
    const line = { Description: `Work ${index}`, UnitAmount: "1", AccountCode: "200" };
    return user.createInvoice({ Type: "ACCREC", Contact: contact, LineItems: [line] });
  });
  const page = (number: number): readonly string[] => {
    const answer = dispatch({
      method: "GET",
      url: `/api.xro/2.0/Invoices?page=${number}&pageSize=2&order=UpdatedDateUTC&Statuses=DRAFT`,
      headers: {
        authorization: "Bearer fixed-token",
        "xero-tenant-id": TENANT,
        accept: "application/json",
      },
    });
    if (typeof answer === "string") throw new Error(answer);
    const body = JSON.parse(answer.body ?? "") as { Invoices: { InvoiceID: string }[] };
    return body.Invoices.map((invoice) => invoice.InvoiceID);
  };

  expect([page(1), page(2), page(3)].flat()).toEqual(ids);
  const [first = "", second] = page(1);
  clockMs += 1_000;
  user.editInvoice(first, { Reference: "late" });
  expect(page(1)[0]).toBe(second);
  expect(page(3)).toEqual([first]);
});
