/**
 * Short names for long values: equal values give equal fingerprints on every machine and in every
 * version. Made to notice change, not to withstand an attacker; nothing secret rests on it.
 */
import { normalizeDecimal } from "./decimal.ts";
import type { CanonicalId, RecordType } from "./identifiers.ts";
import { externalRefKey } from "./identifiers.ts";
import { formatMoney } from "./money.ts";
import {
  type Allocation,
  type DocumentLine,
  type FieldValue,
  isAllocations,
  isLines,
  isMoney,
  type Reference,
} from "./records.ts";

/** 13 characters that hold 58 bits. */
export type Digest = string;

const LANE_SEEDS = [0x9e3779b9, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f] as const;
const LANE_FACTORS = [0x2c1b3c6d, 0x297a2d39, 0x1b873593, 0x165667b1] as const;

/** The digest of one field's value; blank and absent differ, `2.50` and `2.5` do not. */
export function digestField(value: FieldValue): Digest {
  return digestText(canonicalText(value));
}

/** The digest of a whole record, made from the digests of its fields in the order of their names. */
export function digestRecord(digests: Readonly<Record<string, Digest>>): Digest {
  const names = Object.keys(digests).sort();
  return digestText(names.map((name) => `${name}=${digests[name]}`).join("\n"));
}

export function digestText(text: string): Digest {
  const [first, second] = mix(text);
  return lane(first) + lane(second).slice(0, 6);
}

/**
 * The canonical id of the record that is known by `origin`, always the same one: two workers that
 * meet a newcomer at once make one record, not two.
 */
export function canonicalIdOf(recordType: RecordType, origin: string): CanonicalId {
  const lanes = mix(`${recordType}\n${origin}`);
  return `${recordType}-${lanes.map(lane).join("").slice(0, 24)}`;
}

function canonicalText(value: FieldValue): string {
  if (value === null) return "null";
  if (typeof value === "string") return `text:${value.normalize("NFC")}`;
  if (typeof value === "number") return `number:${value}`;
  if (isMoney(value)) return `money:${formatMoney(value)} ${value.currency}`;
  if (isLines(value)) return `lines:${JSON.stringify(value.map(lineText))}`;
  if (isAllocations(value)) return `allocations:${JSON.stringify(allocationTexts(value))}`;
  return `reference:${referenceText(value)}`;
}

/** A set: the books show allocations in any order. */
function allocationTexts(allocations: readonly Allocation[]): readonly string[] {
  return allocations
    .map(({ kind, source, target, amount, allocatedOn }) =>
      [kind, source, target, formatMoney(amount), amount.currency, allocatedOn ?? ""].join(" "),
    )
    .sort();
}

/**
 * A product is named by its code where there is one: not every system's lines carry its id. The tax
 * that the books add to a line does not make it another line; a cost that is entered later does, or it
 * would never be seen.
 */
function lineText(line: DocumentLine): readonly string[] {
  return [
    line.productCode ?? (line.product === null ? "" : referenceText(line.product)),
    line.description ?? "",
    normalizeDecimal(line.quantity),
    normalizeDecimal(line.unitPrice),
    normalizeDecimal(line.discountRate),
    `${formatMoney(line.amount)} ${line.amount.currency}`,
    ...(line.taxCode === undefined || line.taxCode === null ? [] : [line.taxCode]),
    ...(typeof line.unitCost === "string" ? [`cost ${normalizeDecimal(line.unitCost)}`] : []),
  ];
}

function referenceText(reference: Reference): string {
  return "canonicalId" in reference ? reference.canonicalId : `@${externalRefKey(reference)}`;
}

/**
 * Four lanes of 32 bits over the UTF-16 units. Every step, here and at the end, can be undone from
 * its outcome, so none of the 128 bits is spent.
 */
function mix(text: string): [number, number, number, number] {
  let [a, b, c, d] = LANE_SEEDS as readonly number[] as [number, number, number, number];
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    a = b ^ Math.imul(a ^ unit, LANE_FACTORS[0]);
    b = c ^ Math.imul(b ^ unit, LANE_FACTORS[1]);
    c = d ^ Math.imul(c ^ unit, LANE_FACTORS[2]);
    d = a ^ Math.imul(d ^ unit, LANE_FACTORS[3]);
  }
  // The second round brings what the later lanes hold into the earlier ones.
  for (let round = 0; round < 2; round += 1) {
    a = stir(a + d);
    b = stir(b + a);
    c = stir(c + b);
    d = stir(d + c);
  }
  return [a >>> 0, b >>> 0, c >>> 0, d >>> 0];
}

/** Lets every bit of a lane reach every other; one to one on 32 bits. */
function stir(value: number): number {
  let stirred = Math.imul(value ^ (value >>> 16), LANE_FACTORS[1]);
  stirred = Math.imul(stirred ^ (stirred >>> 15), LANE_FACTORS[3]);
  return stirred ^ (stirred >>> 16);
}

function lane(value: number): string {
  return value.toString(36).padStart(7, "0");
}
