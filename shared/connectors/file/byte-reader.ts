/** Streams of bytes, taken piece by piece. */

export interface ByteReader {
  /** Some bytes that are not empty, `max` at the most; undefined at the end. */
  next(max: number): Promise<Uint8Array | undefined>;
  /** So many bytes; fewer only at the end. For small counts: they are copied. */
  take(count: number): Promise<Uint8Array>;
  /** Gives back bytes that were read last, to be read again. */
  unread(bytes: Uint8Array): void;
  /** Ends the transfer. */
  close(): Promise<void>;
}

export function createByteReader(content: AsyncIterable<Uint8Array>): ByteReader {
  const chunks = content[Symbol.asyncIterator]();
  let open: Uint8Array = new Uint8Array(0);
  const next = async (max: number): Promise<Uint8Array | undefined> => {
    while (open.length === 0) {
      const { done, value } = await chunks.next();
      if (done === true) return undefined;
      open = value;
    }
    const bytes = open.subarray(0, max);
    open = open.subarray(bytes.length);
    return bytes;
  };
  return {
    next,
    async take(count) {
      const taken = new Uint8Array(count);
      let length = 0;
      while (length < count) {
        const bytes = await next(count - length);
        if (bytes === undefined) return taken.subarray(0, length);
        taken.set(bytes, length);
        length += bytes.length;
      }
      return taken;
    },
    unread(bytes) {
      open = open.length === 0 ? bytes : Buffer.concat([bytes, open]);
    },
    async close() {
      await chunks.return?.();
    },
  };
}

/** The content as one; undefined where it is longer than `bytesMax`. Reads no further than it must. */
export async function collectBytes(
  content: AsyncIterable<Uint8Array>,
  bytesMax: number,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of content) {
    length += chunk.length;
    if (length > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The first bytes of the content, `bytesMax` at the most, and whether that is all of it. */
export async function readHead(
  content: AsyncIterable<Uint8Array>,
  bytesMax: number,
): Promise<{ readonly head: Uint8Array; readonly isAll: boolean }> {
  const reader = createByteReader(content);
  try {
    const head = await reader.take(bytesMax);
    return { head, isAll: (await reader.next(1)) === undefined };
  } finally {
    await reader.close();
  }
}
