/**
 * What goes wrong between a CRM and books that nothing keeps in step: ten acts of people, each in one
 * system and behind Tieout's back, with the class that the next tie-out must give it.
 *
 * Each is a call of the vendor's own API, as another program of the company would make it. Who does
 * this holds the webhooks back and the polls off, or Tieout hears of it and mends what it can.
 */
import { parseExact } from "#shared/domain/json.ts";
import type { StackAddresses } from "./local-stack.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A won deal and its invoice. */
interface Pair {
  readonly number: string;
  readonly deal: { readonly id: string; readonly properties: Fields };
  readonly invoice: Fields;
}

interface Vendors {
  readonly crm: (method: string, path: string, body?: unknown) => Promise<Fields>;
  readonly books: (method: string, path: string, body?: unknown) => Promise<Fields>;
}

/** `key` is what both sides know the document by. */
export interface Damage {
  readonly what: string;
  readonly class: string;
  readonly key: string;
}

interface Act {
  readonly what: string;
  readonly class: string;
  readonly run: (vendors: Vendors, pair: Pair, pairs: readonly Pair[]) => Promise<void>;
  /** The key of a document that the act itself makes, in place of the pair's. */
  readonly makes?: string;
}

const saveInvoice = ({ books }: Vendors, { invoice }: Pair, change: Fields) =>
  books("POST", `/Invoices/${invoice["InvoiceID"]}`, { Invoices: [change] });

/** Lines as they are sent: what the vendor works out is left to it. */
const linesOf = ({ invoice }: Pair): Fields[] =>
  (invoice["LineItems"] as Fields[]).map(
    ({ Description, Quantity, UnitAmount, AccountCode, ItemCode, DiscountRate }) => ({
      Description,
      Quantity,
      UnitAmount,
      AccountCode,
      ...(ItemCode === "" ? {} : { ItemCode }),
      ...(DiscountRate === undefined || DiscountRate === "" ? {} : { DiscountRate }),
    }),
  );

const oneLine = (amount: string) => [
  { Description: "Entered by hand", Quantity: "1", UnitAmount: amount, AccountCode: "200" },
];

const acts: readonly Act[] = [
  {
    what: "a line is added to the draft in the books",
    class: "amount",
    run: (vendors, pair) =>
      saveInvoice(vendors, pair, { LineItems: [...linesOf(pair), ...oneLine("1.00")] }).then(done),
  },
  {
    what: "the draft in the books gets tax",
    class: "tax",
    run: (vendors, pair) =>
      saveInvoice(vendors, pair, {
        LineAmountTypes: "Exclusive",
        LineItems: linesOf(pair).map((line) => ({ ...line, TaxType: "OUTPUT" })),
      }).then(done),
  },
  {
    what: "the draft in the books is turned into another currency",
    class: "currency",
    run: (vendors, pair) =>
      saveInvoice(vendors, pair, {
        CurrencyCode: pair.invoice["CurrencyCode"] === "EUR" ? "GBP" : "EUR",
      }).then(done),
  },
  {
    what: "the deal is lost after all in the CRM",
    class: "status",
    run: ({ crm }, { deal }) =>
      crm("PATCH", `/crm/v3/objects/deals/${deal.id}`, {
        properties: { dealstage: "closedlost" },
      }).then(done),
  },
  {
    what: "the draft is deleted in the books",
    class: "status",
    run: (vendors, pair) => saveInvoice(vendors, pair, { Status: "DELETED" }).then(done),
  },
  {
    what: "the draft in the books is moved to another customer",
    class: "identity",
    run: (vendors, pair, pairs) => {
      const others = pairs.map(contactOf).filter((id) => id !== contactOf(pair));
      return saveInvoice(vendors, pair, { Contact: { ContactID: others[0] } }).then(done);
    },
  },
  {
    what: "the order is billed once more in the books",
    class: "identity",
    run: ({ books }, pair) =>
      books("POST", "/Invoices", {
        Invoices: [{ ...headOf(pair), Reference: pair.number, LineItems: linesOf(pair) }],
      }).then(done),
  },
  {
    what: "the deal is archived in the CRM",
    class: "missing-in-crm",
    run: ({ crm }, { deal }) => crm("DELETE", `/crm/v3/objects/deals/${deal.id}`).then(done),
  },
  {
    what: "an invoice is written in the books only",
    class: "missing-in-crm",
    makes: "BY-HAND-1",
    run: ({ books }, pair) =>
      books("POST", "/Invoices", {
        Invoices: [{ ...headOf(pair), Reference: "BY-HAND-1", LineItems: oneLine("99.90") }],
      }).then(done),
  },
  {
    what: "a deal is won and nobody hears of it",
    class: "missing-in-books",
    makes: "BY-HAND-2",
    run: async ({ crm }, { deal }) => {
      const line = await crm("POST", "/crm/v3/objects/line_items", {
        properties: { name: "Entered by hand", quantity: "1", price: "49.95" },
      });
      const { dealstage, pipeline, closedate, deal_currency_code } = deal.properties;
      await crm("POST", "/crm/v3/objects/deals", {
        properties: {
          dealname: "Won by hand",
          tieout_order_number: "BY-HAND-2",
          ...{ dealstage, pipeline, closedate, deal_currency_code },
        },
        associations: [
          {
            to: { id: line["id"] },
            types: [{ associationCategory: "HUBSPOT_DEFINED", associationTypeId: 19 }],
          },
        ],
      });
    },
  },
];

const done = (): void => undefined;

function contactOf({ invoice }: Pair): unknown {
  return (invoice["Contact"] as Fields)["ContactID"];
}

function headOf(pair: Pair): Fields {
  const { invoice } = pair;
  const { Date: date, DueDate, CurrencyCode } = invoice;
  return {
    Type: "ACCREC",
    Status: "DRAFT",
    LineAmountTypes: "NoTax",
    Contact: { ContactID: contactOf(pair) },
    Date: date,
    DueDate,
    CurrencyCode,
  };
}

/**
 * Does each act to a document of its own, and tells what was done to which. With fewer documents than
 * acts, the first acts. Throws what a vendor refuses.
 */
export async function damageDocuments(addresses: StackAddresses): Promise<readonly Damage[]> {
  const vendors = connect(addresses);
  const pairs = await pairsOf(addresses);
  const untouched = pairs.values();
  const damaged: Damage[] = [];
  for (const act of acts) {
    // What makes a document of its own takes a pair as its pattern only.
    const pair = act.makes === undefined ? untouched.next().value : pairs[0];
    if (pair === undefined) continue;
    await act.run(vendors, pair, pairs);
    damaged.push({ what: act.what, class: act.class, key: act.makes ?? pair.number });
  }
  return damaged;
}

function connect({ simulators: { hubspot, xero } }: StackAddresses): Vendors {
  if (hubspot === undefined || xero === undefined) throw new Error("This needs the simulators.");
  return {
    crm: (method, path, body) =>
      callVendor(
        method,
        `${hubspot.url}${path}`,
        { authorization: `Bearer ${hubspot.token}` },
        body,
      ),
    books: (method, path, body) =>
      callVendor(
        method,
        `${xero.url}/api.xro/2.0${path}`,
        { authorization: `Bearer ${xero.token}`, "xero-tenant-id": xero.tenantId },
        body,
      ),
  };
}

async function callVendor(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): Promise<Fields> {
  const response = await fetch(url, {
    method,
    headers: { ...headers, accept: "application/json", "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text}`);
  return text === "" ? {} : (parseExact(text) as Fields);
}

/** Deals whose number is the reference of one invoice, by that number. */
async function pairsOf({ simulators: { hubspot, xero } }: StackAddresses): Promise<Pair[]> {
  const read = async (url: string | undefined, type: string) =>
    Object.values(await callVendor("GET", `${url}/__sim/records/${type}`, {}, undefined)).flat();
  const deals = (await read(hubspot?.url, "deals")) as Pair["deal"][];
  const invoices = (await read(xero?.url, "invoices")) as Fields[];
  return deals
    .map((deal) => ({ deal, number: String(deal.properties["tieout_order_number"]) }))
    .flatMap(({ deal, number }) => {
      const [invoice, ...others] = invoices.filter(({ Reference }) => Reference === number);
      return invoice === undefined || others.length > 0 ? [] : [{ number, deal, invoice }];
    })
    .sort((left, right) => (left.number < right.number ? -1 : 1));
}
