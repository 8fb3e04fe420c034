/**
 * Deflated data (RFC 1951) as a stream, with an exact end: what is behind it is given back. Node's own
 * streams pass over what follows the data, and a write to one that has failed is never answered; so
 * the input goes in piece by piece here, and each piece is waited for together with failure.
 */
import { constants, createInflateRaw } from "node:zlib";
import type { ByteReader } from "./byte-reader.ts";
import type { FileBounds } from "./file-bounds.ts";
import { refuseFile } from "./file-refusal.ts";

/** A piece becomes 1,032 times as much at the most (zlib.net/zlib_tech.html, "Maximum Compression Factor"). */
const PIECE_BYTES = 16 * 1024;

export type InflationBounds = Pick<
  FileBounds,
  "inflatedBytesMax" | "inflationMax" | "inflatedBytesFree"
>;

/** Throws SyncError `invalid-input` (`archive-damaged`, `archive-inflates-too-far`). */
export async function* inflate(
  reader: ByteReader,
  bounds: InflationBounds,
): AsyncGenerator<Uint8Array> {
  const inflater = createInflater();
  let inflatedBytes = 0;
  let packedBytes = 0;
  try {
    let isEnded = false;
    while (!isEnded) {
      const piece = await reader.next(PIECE_BYTES);
      const { output, leftBytes, hasEnded } = await inflater.step(piece);
      if (piece !== undefined && leftBytes > 0) reader.unread(piece.subarray(-leftBytes));
      packedBytes += (piece?.length ?? 0) - leftBytes;
      isEnded = hasEnded;
      for (const chunk of output) {
        inflatedBytes += chunk.length;
        checkInflation(inflatedBytes, packedBytes, bounds);
        yield chunk;
      }
    }
  } finally {
    inflater.close();
  }
}

interface Step {
  readonly output: readonly Uint8Array[];
  /** At the end of the piece, not belonging to the data. */
  readonly leftBytes: number;
  readonly hasEnded: boolean;
}

function createInflater() {
  const stream = createInflateRaw({ chunkSize: 64 * 1024, finishFlush: constants.Z_FINISH });
  let output: Uint8Array[] = [];
  let fedBytes = 0;
  let failure: unknown;
  let settle = (): void => undefined;
  stream.on("data", (chunk: Uint8Array) => output.push(chunk));
  stream.on("end", () => settle());
  stream.on("error", (cause: unknown) => {
    failure = cause;
    settle();
  });
  return {
    /** Without a piece, the input is at its end. */
    async step(piece: Uint8Array | undefined): Promise<Step> {
      await new Promise<void>((resolve) => {
        settle = resolve;
        if (piece === undefined) stream.end();
        else stream.write(piece, () => resolve());
      });
      if (failure !== undefined) throw damagedArchive(failure);
      fedBytes += piece?.length ?? 0;
      const leftBytes = fedBytes - stream.bytesWritten;
      const step = { output, leftBytes, hasEnded: piece === undefined || leftBytes > 0 };
      output = [];
      return step;
    },
    close: () => stream.destroy(),
  };
}

function checkInflation(inflatedBytes: number, packedBytes: number, bounds: InflationBounds): void {
  const { inflatedBytesMax, inflationMax, inflatedBytesFree } = bounds;
  const isTooMuch = inflatedBytes > inflatedBytesMax;
  const isBomb = inflatedBytes > inflatedBytesFree && inflatedBytes > packedBytes * inflationMax;
  if (!isTooMuch && !isBomb) return;
  throw refuseFile({
    code: "archive-inflates-too-far",
    fix: `Split the file; unpacked, ${inflatedBytesMax} bytes and ${inflationMax} times the packed size are the most.`,
  });
}

export function damagedArchive(cause?: unknown): Error {
  return refuseFile(
    {
      code: "archive-damaged",
      fix: "Get the whole file again, or pack it again: it is cut off, or not what it says of itself.",
    },
    cause,
  );
}
