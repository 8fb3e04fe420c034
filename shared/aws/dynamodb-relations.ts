/** Documents under the records their money rolls up to, and when a customer or contract falls due. */
import { tableSchema } from "#shared/config/names.ts";
import { isOneOf } from "#shared/domain/identifiers.ts";
import { type Money, zero } from "#shared/domain/money.ts";
import { type InvoiceStatus, invoiceStatuses, paymentKinds } from "#shared/domain/records.ts";
import type {
  RelatedCreditNote,
  RelatedDocument,
  RelatedInvoice,
  RelatedPayment,
} from "#shared/domain/related-document.ts";
import { assertNever } from "#shared/domain/sync-error.ts";
import type { RelationStore } from "#shared/ports/mapping-table.ts";
import { requiredNumber, requiredText } from "./attributes.ts";
import { dueItemKey, relationItemKey, relationSortKeyPrefix } from "./item-keys.ts";
import { type Item, keyOf, type Table } from "./table.ts";
import { loadMoney, recordOfText, storeMoney, textOf, unreadable } from "./value-codec.ts";

const DUE_BUCKET = "due";

export function createRelationStore(table: Table): RelationStore {
  return {
    async put(parent, document) {
      // A condition that does not hold is a newer image of the document.
      await table.put(
        {
          ...keyOf(relationItemKey(parent, document)),
          document: { S: document.canonicalId },
          revision: { N: String(document.revision) },
          body: { S: storeDocument(document) },
        },
        {
          text: "attribute_not_exists(pk) OR revision < :revision",
          values: { ":revision": { N: String(document.revision) } },
        },
      );
    },
    async list(parent) {
      return (await table.list(parent, relationSortKeyPrefix)).map(loadDocument);
    },
    async *listDueBefore(today) {
      const { dueIndex: index } = tableSchema;
      let after: Item | undefined;
      do {
        const page = await table.queryIndex({ index, bucket: DUE_BUCKET, below: today, after });
        for (const item of page.items) yield requiredText(item, "pk");
        after = page.next;
      } while (after !== undefined);
    },
    async setDueOn(id, dueOn) {
      // An item of its own: saving the record replaces its item whole.
      const key = dueItemKey(id);
      if (dueOn === undefined) return table.remove(key);
      await table.put({
        ...keyOf(key),
        [tableSchema.dueIndex.partitionKey]: { S: DUE_BUCKET },
        [tableSchema.dueIndex.sortKey]: { S: dueOn },
      });
    },
  };
}

function storeDocument(document: RelatedDocument): string {
  switch (document.kind) {
    case "payment": {
      const { kind, paymentKind, isSettled, paidOn, amount, amountOpen } = document;
      const amounts = { amount: storeAmount(amount), amountOpen: storeAmount(amountOpen) };
      return JSON.stringify({ kind, paymentKind, isSettled, paidOn, ...amounts });
    }
    case "invoice": {
      const { kind, number, status, dueOn, ...rest } = document;
      return JSON.stringify({
        kind,
        number,
        status,
        dueOn,
        total: storeMoney(rest.total),
        tax: storeMoney(rest.tax),
        amountPaid: storeMoney(rest.amountPaid),
        amountCredited: storeMoney(rest.amountCredited),
        amountWrittenOff: storeMoney(rest.amountWrittenOff),
        amountDue: storeMoney(rest.amountDue),
        costOfSales: storeAmount(rest.costOfSales),
      });
    }
    case "credit-note": {
      const { kind, number, status, ...rest } = document;
      return JSON.stringify({
        kind,
        number,
        status,
        total: storeMoney(rest.total),
        tax: storeMoney(rest.tax),
        amountUsed: storeMoney(rest.amountUsed),
        amountOpen: storeMoney(rest.amountOpen),
        costOfSales: storeAmount(rest.costOfSales),
      });
    }
    default:
      return assertNever(document);
  }
}

function loadDocument(item: Item): RelatedDocument {
  const canonicalId = requiredText(item, "document");
  const revision = requiredNumber(item, "revision");
  const stored = recordOfText(requiredText(item, "body"));
  switch (stored["kind"]) {
    case "payment":
      return { ...loadPayment(stored), canonicalId, revision };
    case "invoice":
      return { ...loadInvoice(stored), canonicalId, revision };
    case "credit-note":
      return { ...loadCreditNote(stored), canonicalId, revision };
    default:
      return unreadable("kind");
  }
}

type Body = Readonly<Record<string, unknown>>;
type BodyOf<Document> = Omit<Document, "canonicalId" | "revision">;

/** Before payments had kinds all were receipts. */
function loadPayment(stored: Body): BodyOf<RelatedPayment> {
  const { paymentKind = "receipt", isSettled, paidOn, amount, amountOpen } = stored;
  return {
    kind: "payment",
    paymentKind: isOneOf(paymentKinds, paymentKind) ? paymentKind : unreadable("paymentKind"),
    isSettled: isSettled === true,
    paidOn: nullableText(paidOn),
    amount: loadAmount(amount),
    amountOpen: loadAmount(amountOpen),
  };
}

/** Of what was stored before credit notes or losses were known, nothing was credited or written off. */
function loadInvoice(stored: Body): BodyOf<RelatedInvoice> {
  const total = loadMoney(stored["total"]);
  return {
    kind: "invoice",
    number: nullableText(stored["number"]),
    status: loadStatus(stored["status"]),
    dueOn: nullableText(stored["dueOn"]),
    total,
    tax: loadMoney(stored["tax"]),
    amountPaid: loadMoney(stored["amountPaid"]),
    amountCredited: loadAmount(stored["amountCredited"]) ?? zero(total.currency),
    amountWrittenOff: loadAmount(stored["amountWrittenOff"]) ?? zero(total.currency),
    amountDue: loadMoney(stored["amountDue"]),
    costOfSales: loadAmount(stored["costOfSales"]),
  };
}

function loadCreditNote(stored: Body): BodyOf<RelatedCreditNote> {
  return {
    kind: "credit-note",
    number: nullableText(stored["number"]),
    status: loadStatus(stored["status"]),
    total: loadMoney(stored["total"]),
    tax: loadMoney(stored["tax"]),
    amountUsed: loadMoney(stored["amountUsed"]),
    amountOpen: loadMoney(stored["amountOpen"]),
    costOfSales: loadAmount(stored["costOfSales"]),
  };
}

function loadStatus(stored: unknown): InvoiceStatus {
  return isOneOf(invoiceStatuses, stored) ? stored : unreadable("status");
}

function storeAmount(amount: Money | null): string | null {
  return amount === null ? null : storeMoney(amount);
}

/** Null where it is not known, and where an earlier version did not store it. */
function loadAmount(stored: unknown): Money | null {
  return stored === null || stored === undefined ? null : loadMoney(stored);
}

function nullableText(stored: unknown): string | null {
  return stored === null ? null : textOf(stored);
}
