/** How many things go into few messages: greedy, in order, within bytes and a count. Pure. */
import { limits } from "#shared/config/limits.ts";
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import { encodeJson } from "#shared/domain/json.ts";
import type { ExportRequest } from "#shared/ports/exports.ts";
import type { ImportRequest } from "#shared/ports/imports.ts";
import type {
  ChangeEvent,
  DeliveryHint,
  PollRequest,
  SnapshotRequest,
  TieOutRequest,
} from "#shared/ports/queues.ts";
import { deflateMessage } from "./deflated-messages.ts";

/**
 * Bodies of the `changes` queue, see `changesMessage`. An event that is too large for a message has
 * one of its own, deflated; where that is too large too, the event goes without its record.
 */
export function packChanges(
  events: readonly ChangeEvent[],
  runId: string | undefined,
  bytesMax: number = limits.queueMessageBytesMax,
): string[] {
  const run = runId === undefined ? "" : `"runId":${encodeJson(runId)},`;
  const head = `{"version":1,"kind":"changes",${run}"events":[`;
  const frameBytes = frameBytesOf(head);
  const parts: Part[] = [];
  const deflated: string[] = [];
  for (const [index, part] of events.map(partOf).entries()) {
    if (frameBytes + part.bytes <= bytesMax) {
      parts.push(part);
      continue;
    }
    const body = deflateMessage(`${head}${part.text}${TAIL}`, bytesMax);
    if (body === undefined) parts.push(partOf({ ...events[index], record: undefined }));
    else deflated.push(body);
  }
  return [...pack(head, parts, limits.changeEventsPerMessageMax, bytesMax), ...deflated];
}

/** Bodies of a `deliveries-<connection>` queue, see `deliveriesMessage`. */
export function packDeliveries(connection: ConnectionId, hints: readonly DeliveryHint[]): string[] {
  const head = `{"version":1,"kind":"deliveries","connection":${encodeJson(connection)},"hints":[`;
  return pack(
    head,
    hints.map(partOf),
    limits.deliveryHintsPerMessageMax,
    limits.queueMessageBytesMax,
  );
}

/** Body of the `polls` queue, see `pollMessage`. */
export function packPoll(request: PollRequest): string {
  return wireText({ version: 1, kind: "poll", ...request });
}

/** Body of the `snapshots` queue, see `snapshotMessage`. */
export function packSnapshot(request: SnapshotRequest): string {
  return wireText({ version: 1, kind: "snapshot", ...request });
}

/** Body of the `tie-outs` queue, see `tieOutMessage`. */
export function packTieOut(request: TieOutRequest): string {
  return wireText({ version: 1, kind: "tie-out", ...request });
}

/** Body of the `exports` queue, see `exportMessage`. */
export function packExport(request: ExportRequest): string {
  return wireText({ version: 1, kind: "export", ...request });
}

/** Body of the queues `import-parts` and `import-documents`. */
export function packImport(request: ImportRequest): string {
  return wireText({ version: 1, ...request });
}

const TAIL = "]}";

function frameBytesOf(head: string): number {
  return Buffer.byteLength(head) + TAIL.length;
}

/** One of the things in a message. */
interface Part {
  readonly text: string;
  readonly bytes: number;
}

function partOf(value: unknown): Part {
  const text = wireText(value);
  return { text, bytes: Buffer.byteLength(text) };
}

function pack(head: string, parts: readonly Part[], countMax: number, bytesMax: number): string[] {
  const bodies: string[] = [];
  const frameBytes = frameBytesOf(head);
  let packed: string[] = [];
  let bytes = frameBytes;
  for (const part of parts) {
    // One byte for the comma.
    const isFull = packed.length >= countMax || bytes + part.bytes + 1 > bytesMax;
    if (isFull && packed.length > 0) {
      bodies.push(bodyOf(head, packed));
      packed = [];
      bytes = frameBytes;
    }
    packed.push(part.text);
    bytes += part.bytes + 1;
  }
  if (packed.length > 0) bodies.push(bodyOf(head, packed));
  return bodies;
}

function bodyOf(head: string, texts: readonly string[]): string {
  return `${head}${texts.join(",")}${TAIL}`;
}

/**
 * JSON without the two characters that SQS replaces by U+FFFD although JSON allows them bare (API
 * reference of SendMessage, read 2026-11), and without those beyond U+FFFF, such as rare Han signs:
 * SQS takes them, the emulator refuses the message. `JSON.stringify` has escaped all others.
 */
function wireText(value: unknown): string {
  return encodeJson(value).replace(
    /[\ud800-\udfff\ufffe\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16)}`,
  );
}
