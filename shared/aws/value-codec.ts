/**
 * Field values as the table stores them: texts, numbers and null as they are, everything else under
 * a one-letter tag, because DynamoDB bills by the byte.
 *
 * | value | stored |
 * |---|---|
 * | money | `{"m":"<minor units> <currency>"}` |
 * | reference to a record of ours | `{"r":"<canonical id>"}` |
 * | reference to a remote's record | `{"e":[connection, record type, external id]}` |
 * | lines | `{"l":[[product, code, description, quantity, price, discount, amount, rest?], …]}` |
 * | allocations | `{"a":[[kind, source, target, amount, date], …]}` |
 *
 * `rest` is an object of what most lines lack: `t` tax code, `x` tax, `c` unit cost, `r` role.
 */
import { isRecordType } from "#shared/domain/identifiers.ts";
import type { Money } from "#shared/domain/money.ts";
import {
  type Allocation,
  allocationKinds,
  type DocumentLine,
  type FieldValue,
  isAllocations,
  isLines,
  isMoney,
  lineRoles,
  type Reference,
} from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";

export type StoredValue = unknown;

export function storeValue(value: FieldValue): StoredValue {
  if (value === null || typeof value !== "object") return value;
  if (isMoney(value)) return { m: storeMoney(value) };
  if (isLines(value)) return { l: value.map(storeLine) };
  if (isAllocations(value)) return { a: value.map(storeAllocation) };
  return storeReference(value);
}

/** The inverse of {@link storeValue}. Throws as {@link unreadable} does on anything else. */
export function loadValue(stored: StoredValue): FieldValue {
  if (stored === null || typeof stored === "string") return stored;
  if (typeof stored === "number") return Number.isFinite(stored) ? stored : unreadable("number");
  const tagged = recordOf(stored);
  if (tagged["m"] !== undefined) return loadMoney(tagged["m"]);
  if (tagged["l"] !== undefined) return listOf(tagged["l"]).map(loadLine);
  if (tagged["a"] !== undefined) return listOf(tagged["a"]).map(loadAllocation);
  return loadReference(tagged);
}

/** What is stored is not what any version of this code wrote, or was written by a newer one. */
export function unreadable(field: string): never {
  throw new SyncError({ kind: "bug", code: "stored-record-unreadable", field });
}

export function recordOf(stored: unknown): Readonly<Record<string, unknown>> {
  if (typeof stored !== "object" || stored === null || Array.isArray(stored)) {
    return unreadable("object");
  }
  return stored as Readonly<Record<string, unknown>>;
}

/** The object that the text holds as JSON. */
export function recordOfText(text: string): Readonly<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return unreadable("json");
  }
  return recordOf(parsed);
}

export function listOf(stored: unknown): readonly unknown[] {
  return Array.isArray(stored) ? stored : unreadable("list");
}

export function textOf(stored: unknown): string {
  return typeof stored === "string" ? stored : unreadable("text");
}

export function wholeNumberOf(stored: unknown): number {
  return Number.isSafeInteger(stored) ? Number(stored) : unreadable("number");
}

export function storeMoney(value: Money): string {
  return `${value.minor} ${value.currency}`;
}

export function loadMoney(stored: unknown): Money {
  const match = /^(-?\d+) ([A-Z]{3})$/.exec(textOf(stored));
  const [, minor, currency] = match ?? [];
  if (minor === undefined || currency === undefined) return unreadable("money");
  return { minor: BigInt(minor), currency };
}

function storeReference(reference: Reference): StoredValue {
  if ("canonicalId" in reference) return { r: reference.canonicalId };
  return { e: [reference.connection, reference.recordType, reference.externalId] };
}

function loadReference(tagged: Readonly<Record<string, unknown>>): Reference {
  if (tagged["r"] !== undefined) return { canonicalId: textOf(tagged["r"]) };
  const [connection, recordType, externalId] = listOf(tagged["e"]).map(textOf);
  if (connection === undefined || recordType === undefined || externalId === undefined) {
    return unreadable("reference");
  }
  return isRecordType(recordType)
    ? { connection, recordType, externalId }
    : unreadable("reference");
}

function storeLine(line: DocumentLine): readonly StoredValue[] {
  return [
    line.product === null ? null : storeReference(line.product),
    line.productCode,
    line.description,
    line.quantity,
    line.unitPrice,
    line.discountRate,
    storeMoney(line.amount),
    ...storeRest(line),
  ];
}

function storeRest({ taxCode, tax, unitCost, role }: DocumentLine): readonly StoredValue[] {
  const rest = {
    ...(taxCode === undefined ? {} : { t: taxCode }),
    ...(tax === undefined ? {} : { x: tax === null ? null : storeMoney(tax) }),
    ...(unitCost === undefined ? {} : { c: unitCost }),
    ...(role === undefined ? {} : { r: role }),
  };
  return Object.keys(rest).length === 0 ? [] : [rest];
}

function loadRest(stored: unknown): Partial<DocumentLine> {
  if (stored === undefined) return {};
  const { t, x, c, r } = recordOf(stored) as { t?: unknown; x?: unknown; c?: unknown; r?: unknown };
  const role = lineRoles.find((known) => known === r);
  if (r !== undefined && role === undefined) return unreadable("role");
  return {
    ...(t === undefined ? {} : { taxCode: nullOr(textOf, t) }),
    ...(x === undefined ? {} : { tax: nullOr(loadMoney, x) }),
    ...(c === undefined ? {} : { unitCost: nullOr(textOf, c) }),
    ...(role === undefined ? {} : { role }),
  };
}

function nullOr<Value>(load: (stored: unknown) => Value, stored: unknown): Value | null {
  return stored === null ? null : load(stored);
}

function storeAllocation(allocation: Allocation): readonly StoredValue[] {
  const { kind, source, target, amount, allocatedOn } = allocation;
  return [kind, source, target, storeMoney(amount), allocatedOn];
}

function loadAllocation(stored: unknown): Allocation {
  const [kind, source, target, amount, allocatedOn] = listOf(stored);
  return {
    kind: allocationKinds.find((known) => known === kind) ?? unreadable("allocation"),
    source: textOf(source),
    target: textOf(target),
    amount: loadMoney(amount),
    allocatedOn: nullOr(textOf, allocatedOn),
  };
}

function loadLine(stored: unknown): DocumentLine {
  const [product, productCode, description, quantity, unitPrice, discountRate, amount, rest] =
    listOf(stored);
  return {
    product: product === null ? null : loadReference(recordOf(product)),
    productCode: productCode === null ? null : textOf(productCode),
    description: description === null ? null : textOf(description),
    quantity: textOf(quantity),
    unitPrice: textOf(unitPrice),
    discountRate: textOf(discountRate),
    amount: loadMoney(amount),
    ...loadRest(rest),
  };
}

/** Epoch ms where that says it all, else the text as it is. */
export function storeInstant(text: string): number | string {
  const epochMs = Date.parse(text);
  return !Number.isNaN(epochMs) && new Date(epochMs).toISOString() === text ? epochMs : text;
}

export function loadInstant(stored: unknown): string {
  if (typeof stored === "string") return stored;
  const epochMs = wholeNumberOf(stored);
  return Math.abs(epochMs) <= 8.64e15 ? new Date(epochMs).toISOString() : unreadable("instant");
}
