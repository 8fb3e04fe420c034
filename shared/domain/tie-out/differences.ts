/** Differences as a person reads them: what it is, what to do, and where both records are. */
import type { RecordType } from "../identifiers.ts";
import { formatMoney } from "../money.ts";
import { assert } from "../sync-error.ts";
import type { ClassifiedRow } from "./build-report.ts";
import { findings, isFindingName } from "./classes.ts";
import { nextStepOf } from "./next-steps.ts";
import type { Difference, DifferingRecord, ExcludedRecord } from "./report.ts";

/** The rows of one unit. */
export function differenceOf(rows: readonly ClassifiedRow[]): Difference {
  const [first] = rows;
  assert(first !== undefined && first.class !== "matched", "tie-out-sums-differ");
  const { class: of, unitType, unitKey, apartMinor } = first;
  const currency = rows.find((row) => row.currency !== null)?.currency ?? null;
  const named = rows.find(({ finding }) => finding !== null)?.finding ?? null;
  const finding = named !== null && isFindingName(named) ? named : null;
  const canonicalId = canonicalIdOf(rows);
  return {
    class: of,
    finding,
    what: finding === null ? "" : findings[finding].text,
    nextStep: nextStepOf(of, finding, unitType),
    recordType: unitType,
    apart:
      apartMinor === null || currency === null
        ? null
        : formatMoney({ minor: apartMinor, currency }),
    currency,
    key: unitKey ?? first.externalId,
    canonicalId,
    history: canonicalId === null ? null : `/records/${encodeURIComponent(canonicalId)}/history`,
    records: rows.map(recordOf),
  };
}

export function excludedOf(row: ClassifiedRow): ExcludedRecord {
  const key = row.unitKey ?? row.externalId;
  return { ...recordOf(row), rule: row.rule ?? "excluded", key };
}

/** The CRM's record is what others were made from, so its id is the one with the longest history. */
function canonicalIdOf(rows: readonly ClassifiedRow[]): string | null {
  const ofCrm = rows.find(({ side }) => side === "crm");
  return (ofCrm ?? rows.find(({ side }) => side === "books"))?.registeredId ?? null;
}

function recordOf(row: ClassifiedRow): DifferingRecord {
  const { side, recordType, externalId, documentNumber, documentDate, currency, status } = row;
  const amounts = Object.entries(row.amounts).map(
    ([name, minor]) =>
      [name, currency === null ? String(minor) : formatMoney({ minor, currency })] as const,
  );
  const type = side === "bank" ? null : canonicalTypeOf(row);
  const path = `${encodeURIComponent(side)}/${type}/${encodeURIComponent(externalId)}`;
  return {
    side,
    recordType,
    externalId,
    number: documentNumber,
    date: documentDate,
    currency,
    status,
    amounts: Object.fromEntries(amounts),
    record: type === null ? null : `/cross-references/${path}`,
  };
}

function canonicalTypeOf({ side, recordType }: ClassifiedRow): RecordType {
  if (recordType === "document") return side === "crm" ? "order" : "invoice";
  return recordType === "credit-note" ? "creditNote" : recordType;
}
