/** What an export is gathered from: its columns, and its entries page by page. */
import {
  customerViewColumns,
  type RecordColumn,
  recordColumns,
} from "#shared/domain/export/columns.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { type ExportChoices, walkedTypeOf } from "#shared/domain/export/choices.ts";
import type { ExportColumn } from "#shared/domain/export/columns.ts";
import type { ExportEntry, LeftOut } from "#shared/domain/export/entry.ts";
import { changedAtOf, namesOf, recordEntry } from "#shared/domain/export/record-rows.ts";
import type { RecordType } from "#shared/domain/identifiers.ts";
import { assert, SyncError } from "#shared/domain/sync-error.ts";
import { limits } from "#shared/config/limits.ts";
import { concurrently } from "./concurrently.ts";
import type { ExportRecordsDependencies } from "./dependencies.ts";
import { differenceColumns, differencesPage, parkedColumns, parkedPage } from "./export-lists.ts";
import { referredBy } from "./references.ts";

interface EntryPage {
  readonly entries: readonly ExportEntry[];
  readonly leftOut: readonly LeftOut[];
  readonly cursor?: string | undefined;
}

export interface ExportSource {
  readonly columns: readonly ExportColumn[];
  readPage(cursor: string | undefined): Promise<EntryPage>;
}

export function sourceOf(deps: ExportRecordsDependencies, choices: ExportChoices): ExportSource {
  const { of } = choices;
  if (of === "differences") {
    return {
      columns: differenceColumns,
      readPage: async () => ({ ...(await differencesPage(deps, choices)), leftOut: [] }),
    };
  }
  if (of === "parked") {
    return { columns: parkedColumns, readPage: (cursor) => parkedPage(deps, choices, cursor) };
  }
  const recordType = walkedTypeOf(of);
  assert(recordType !== undefined, "unreachable-case");
  const isView = of === "customer-view";
  const columns = isView
    ? customerViewColumns(deps.customFields)
    : recordColumns(recordType, deps.customFields);
  return {
    columns,
    readPage: (cursor) => recordsPage(deps, { recordType, columns, isView, choices }, cursor),
  };
}

interface Walk {
  readonly recordType: RecordType;
  readonly columns: readonly RecordColumn[];
  readonly isView: boolean;
  readonly choices: ExportChoices;
}

/** A record that another one took in is that one now, and has no row of its own. */
async function recordsPage(
  deps: ExportRecordsDependencies,
  { recordType, columns, isView, choices }: Walk,
  cursor: string | undefined,
): Promise<EntryPage> {
  const page = await deps.walk.readPage(recordType, cursor);
  const { changedSince = "" } = choices;
  const wanted = page.records.filter(
    (xref) => xref.mergedInto === undefined && changedAtOf(xref) >= changedSince,
  );
  const names = await readNames(deps, wanted);
  const isSheet = choices.format === "xlsx";
  const cellCharactersMax = isSheet ? limits.sheetTextCharactersMax : undefined;
  const entries: ExportEntry[] = [];
  const leftOut: LeftOut[] = [];
  await concurrently(wanted, limits.tableConcurrencyMax, async (xref) => {
    const documents = isView ? await deps.relations.list(xref.canonicalId) : undefined;
    try {
      entries.push(recordEntry(xref, columns, { names, documents, cellCharactersMax }));
    } catch (cause) {
      if (!(cause instanceof SyncError) || cause.failure.kind !== "invalid-input") throw cause;
      leftOut.push({ key: xref.canonicalId, code: cause.failure.code });
    }
  });
  return { entries, leftOut, cursor: page.cursor };
}

/** What people know the records by that those of a page refer to. */
async function readNames(
  deps: ExportRecordsDependencies,
  records: readonly CrossReference[],
): Promise<ReadonlyMap<string, string>> {
  return namesOf(await deps.xrefs.load(referredBy(records)));
}
