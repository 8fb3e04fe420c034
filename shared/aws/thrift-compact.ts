/**
 * Thrift's compact protocol, as far as Parquet's headers need it
 * (github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md, read 2026-11).
 */
export type ThriftValue =
  | { readonly i32: number }
  | { readonly i64: number }
  | string
  | ThriftStruct
  | readonly ThriftValue[];

/** Fields by their ids, in rising order. */
export interface ThriftStruct {
  readonly fields: readonly (readonly [id: number, value: ThriftValue])[];
}

const types = { i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;
const STOP = 0;
const SHORT_LIST_MAX = 14;

export function encodeThrift(struct: ThriftStruct): Uint8Array {
  const bytes: number[] = [];
  writeStruct(bytes, struct);
  return Uint8Array.from(bytes);
}

function writeStruct(bytes: number[], { fields }: ThriftStruct): void {
  let before = 0;
  for (const [id, value] of fields) {
    bytes.push(((id - before) << 4) | typeOf(value));
    writeValue(bytes, value);
    before = id;
  }
  bytes.push(STOP);
}

function writeValue(bytes: number[], value: ThriftValue): void {
  if (typeof value === "string") {
    const text = new TextEncoder().encode(value);
    writeVarint(bytes, BigInt(text.length));
    bytes.push(...text);
  } else if ("fields" in value) writeStruct(bytes, value);
  else if ("i32" in value) writeVarint(bytes, zigzag(value.i32));
  else if ("i64" in value) writeVarint(bytes, zigzag(value.i64));
  else writeList(bytes, value);
}

function writeList(bytes: number[], values: readonly ThriftValue[]): void {
  const [first = { i32: 0 }] = values;
  const type = typeOf(first);
  if (values.length <= SHORT_LIST_MAX) bytes.push((values.length << 4) | type);
  else {
    bytes.push(0xf0 | type);
    writeVarint(bytes, BigInt(values.length));
  }
  for (const value of values) writeValue(bytes, value);
}

function typeOf(value: ThriftValue): number {
  if (typeof value === "string") return types.binary;
  if ("fields" in value) return types.struct;
  if ("i32" in value) return types.i32;
  return "i64" in value ? types.i64 : types.list;
}

/** Small numbers of either sign become small ones without. */
function zigzag(value: number): bigint {
  const whole = BigInt(value);
  return whole < 0n ? -2n * whole - 1n : 2n * whole;
}

function writeVarint(bytes: number[], value: bigint): void {
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
}
