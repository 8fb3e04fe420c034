/** Documents under the records their money rolls up to, and when what a customer owes falls due. */
import { tableSchema } from "#shared/config/names.ts";
import { invoiceStatuses } from "#shared/domain/records.ts";
import type { RelatedDocument } from "#shared/domain/summary.ts";
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
    async setDueOn(customer, dueOn) {
      // An item of its own: saving the customer replaces its item whole.
      const key = dueItemKey(customer);
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
  if (document.kind === "payment") {
    const { kind, isSettled, paidOn } = document;
    return JSON.stringify({ kind, isSettled, paidOn });
  }
  const { kind, number, status, dueOn, total, tax, amountPaid, amountDue } = document;
  return JSON.stringify({
    kind,
    number,
    status,
    dueOn,
    total: storeMoney(total),
    tax: storeMoney(tax),
    amountPaid: storeMoney(amountPaid),
    amountDue: storeMoney(amountDue),
  });
}

function loadDocument(item: Item): RelatedDocument {
  const canonicalId = requiredText(item, "document");
  const revision = requiredNumber(item, "revision");
  const stored = recordOfText(requiredText(item, "body"));
  switch (stored["kind"]) {
    case "payment":
      return {
        kind: "payment",
        canonicalId,
        revision,
        isSettled: stored["isSettled"] === true,
        paidOn: nullableText(stored["paidOn"]),
      };
    case "invoice":
      return {
        kind: "invoice",
        canonicalId,
        revision,
        number: nullableText(stored["number"]),
        status:
          invoiceStatuses.find((status) => status === stored["status"]) ?? unreadable("status"),
        dueOn: nullableText(stored["dueOn"]),
        total: loadMoney(stored["total"]),
        tax: loadMoney(stored["tax"]),
        amountPaid: loadMoney(stored["amountPaid"]),
        amountDue: loadMoney(stored["amountDue"]),
      };
    default:
      return unreadable("kind");
  }
}

function nullableText(stored: unknown): string | null {
  return stored === null ? null : textOf(stored);
}
