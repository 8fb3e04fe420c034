/** What connections last said of their ledgers. */
import type { LedgerFacts } from "#shared/domain/ledger.ts";
import type { LedgerStore } from "#shared/ports/mapping-table.ts";
import { requiredText } from "./attributes.ts";
import { ledgerItemKey } from "./item-keys.ts";
import { keyOf, type Table } from "./table.ts";
import { listOf, recordOfText, textOf } from "./value-codec.ts";

export function createLedgerStore(table: Table): LedgerStore {
  return {
    async get(connection) {
      const item = await table.get(ledgerItemKey(connection));
      return item === undefined ? undefined : loadFacts(requiredText(item, "body"));
    },
    async put(connection, { baseCurrency, currencies, lockedThrough, filedThrough }) {
      const body = JSON.stringify({ baseCurrency, currencies, lockedThrough, filedThrough });
      await table.put({ ...keyOf(ledgerItemKey(connection)), body: { S: body } });
    },
  };
}

function loadFacts(body: string): LedgerFacts {
  const { baseCurrency, currencies, lockedThrough, filedThrough } = recordOfText(body);
  return {
    baseCurrency: textOf(baseCurrency),
    ...(currencies === undefined ? {} : { currencies: listOf(currencies).map(textOf) }),
    ...(lockedThrough === undefined ? {} : { lockedThrough: textOf(lockedThrough) }),
    ...(filedThrough === undefined ? {} : { filedThrough: textOf(filedThrough) }),
  };
}
