/** How Lambda cuts what it read of a stream into batches. */

/** Of an invocation's payload; a batch that would be larger ends before (Lambda quotas, read 2026-11). */
const PAYLOAD_BYTES_MAX = 6 * 1024 * 1024;

/** Batches of at most so many records and so many bytes; a record that alone is larger stands alone. */
export function cutBatches<Value>(records: readonly Value[], sizeMax: number): Value[][] {
  const batches: Value[][] = [];
  let bytes = 0;
  for (const record of records) {
    const own = Buffer.byteLength(JSON.stringify(record)) + 1;
    const last = batches.at(-1);
    if (last === undefined || last.length >= sizeMax || bytes + own > PAYLOAD_BYTES_MAX) {
      batches.push([record]);
      bytes = own;
    } else {
      last.push(record);
      bytes += own;
    }
  }
  return batches;
}
