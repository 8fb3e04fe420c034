/** Canonical records as they cross a process: the schema that every door and queue parses with. */
import * as z from "zod";
import { recordTypes } from "#shared/domain/identifiers.ts";
import { allocationKinds, type Fields, lineRoles, recordLives } from "#shared/domain/records.ts";

const TEXT_CHARACTERS_MAX = 65_536;
const ID_CHARACTERS_MAX = 512;
const MERGED_RECORDS_MAX = 100;

export const connectionId = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/);
export const recordType = z.enum(recordTypes);
export const externalId = z.string().min(1).max(ID_CHARACTERS_MAX);
export const canonicalId = z.string().regex(/^[a-zA-Z]+-[0-9a-z]{24}$/);
export const instant = z.iso.datetime();

const decimalText = z.string().regex(/^-?\d{1,25}(\.\d{1,15})?$/);
const moneyValue = z.strictObject({ minor: z.bigint(), currency: z.string().regex(/^[A-Z]{3}$/) });
const referenceValue = z.union([
  z.strictObject({ canonicalId }),
  z.strictObject({ connection: connectionId, recordType, externalId }),
]);
const line = z.strictObject({
  product: referenceValue.nullable(),
  productCode: z.string().max(ID_CHARACTERS_MAX).nullable(),
  description: z.string().max(TEXT_CHARACTERS_MAX).nullable(),
  quantity: decimalText,
  unitPrice: decimalText,
  discountRate: decimalText,
  amount: moneyValue,
  taxCode: z.string().max(ID_CHARACTERS_MAX).nullable().optional(),
  tax: moneyValue.nullable().optional(),
  unitCost: decimalText.nullable().optional(),
  role: z.enum(lineRoles).optional(),
});
const allocation = z.strictObject({
  kind: z.enum(allocationKinds),
  source: externalId,
  target: externalId,
  amount: moneyValue,
  allocatedOn: z.string().max(10).nullable(),
});
const fieldValue = z.union([
  z.null(),
  z.string().max(TEXT_CHARACTERS_MAX),
  z.int(),
  moneyValue,
  referenceValue,
  z.array(line),
  z.array(allocation),
]);

const fields: z.ZodType<Fields> = z.record(z.string(), fieldValue);

export const observedRecord = z.strictObject({
  recordType,
  externalId,
  version: z.number().int().nonnegative(),
  life: z.enum(recordLives),
  mergedInto: externalId.optional(),
  mergedFrom: z.array(externalId).max(MERGED_RECORDS_MAX).optional(),
  /** As the remote carries it; may be another program's, so it counts only where it is known to us. */
  registeredId: z.string().max(ID_CHARACTERS_MAX).optional(),
  excluded: z.string().max(100).optional(),
  fields,
});
