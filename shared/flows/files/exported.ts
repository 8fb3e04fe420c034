/**
 * The profiles of our own exports, one for each record type, made from the columns that are written
 * (`shared/domain/export/columns.ts`): so an export is known when it comes back, whatever its format.
 *
 * What a file may never set is left out: names and ids in the systems, what is derived, what settled a
 * document, and lines, which the CRM and order files have. A document's rows then say the same, and
 * are one record.
 */
import { type CustomField, kindOfField } from "#shared/domain/custom-field.ts";
import {
  customerViewColumns,
  type RecordColumn,
  recordColumns,
} from "#shared/domain/export/columns.ts";
import { returnedConnection, shownAtField } from "#shared/domain/export/returned.ts";
import type { FileProfile, Target } from "#shared/domain/file-profile.ts";
import type { Flow } from "#shared/domain/flow.ts";
import { type RecordType, recordTypes } from "#shared/domain/identifiers.ts";
import type { FieldKind } from "#shared/domain/records.ts";
import { customFields } from "../custom-fields.ts";
import { flows } from "../flows.ts";

export const exportedProfiles: readonly FileProfile[] = exportedProfilesOf(flows, customFields);

function exportedProfilesOf(
  of: Readonly<Record<RecordType, Flow>>,
  custom: readonly CustomField[],
): readonly FileProfile[] {
  return recordTypes.map((recordType) => {
    // The view has all columns of a customer and some more.
    const columns =
      recordType === "customer" ? customerViewColumns(custom) : recordColumns(recordType, custom);
    const rules = columns.map((column) => [column.name, ruleOf(column, of[recordType], custom)]);
    return {
      profile: `exported-${recordType === "creditNote" ? "credit-note" : recordType}s`,
      connection: returnedConnection,
      speaksFor: "crm",
      recordType,
      layout: "row-per-record",
      fileNames: [recordType],
      keyColumn: "record_id",
      requiredColumns: ["record_id", "changed_at"],
      columns: Object.fromEntries(rules),
      nullTexts: [],
      constants: {},
    };
  });
}

function ruleOf(
  { from }: RecordColumn,
  flow: Flow,
  custom: readonly CustomField[],
): "ignored" | "key-only" | readonly Target[] {
  if (from.part === "id") return "key-only";
  if (from.part === "changed-at") return [{ field: shownAtField, as: "text" }];
  if (from.part !== "field") return "ignored";
  const { field } = from;
  if (flow.fields[field]?.policy.kind === "derived") return "ignored";
  const kind = kindOfField(custom, flow.recordType, field);
  if (kind === undefined) return "ignored";
  return field === "currency" ? [{ field, as: "currency" }] : targetsOf(field, kind);
}

/** Numbers and references are held against the record as they stand in the row, before they are read. */
function targetsOf(field: string, kind: FieldKind): "ignored" | readonly Target[] {
  switch (kind.kind) {
    case "money":
    case "decimal":
    case "reference":
    case "text":
      return [{ field, as: "text" }];
    case "whole-number":
      return [{ field, as: "whole-number" }];
    case "date":
      return [{ field, as: "date" }];
    case "one-of":
      return [{ field, as: "one-of", values: kind.values }];
    default:
      return "ignored";
  }
}
