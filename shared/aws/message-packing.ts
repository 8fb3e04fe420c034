/** How many things go into few messages: greedy, in order, within bytes and a count. Pure. */
import { limits } from "#shared/config/limits.ts";
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import { encodeJson } from "#shared/domain/json.ts";
import type { ChangeEvent, DeliveryHint, PollRequest } from "#shared/ports/queues.ts";

export interface PackedMessages {
  /** Bodies within `limits.queueMessageBytesMax`. */
  readonly bodies: readonly string[];
  /** Bodies of one thing each that is larger than a message may be. */
  readonly oversized: readonly string[];
}

/** Bodies of the `changes` queue, see `changesMessage`. */
export function packChanges(
  events: readonly ChangeEvent[],
  runId: string | undefined,
  bytesMax: number = limits.queueMessageBytesMax,
): PackedMessages {
  const run = runId === undefined ? "" : `"runId":${encodeJson(runId)},`;
  const head = `{"version":1,"kind":"changes",${run}"events":[`;
  return pack(head, events, limits.changeEventsPerMessageMax, bytesMax);
}

/** Bodies of a `deliveries-<connection>` queue, see `deliveriesMessage`. */
export function packDeliveries(
  connection: ConnectionId,
  hints: readonly DeliveryHint[],
  bytesMax: number = limits.queueMessageBytesMax,
): PackedMessages {
  const head = `{"version":1,"kind":"deliveries","connection":${encodeJson(connection)},"hints":[`;
  return pack(head, hints, limits.deliveryHintsPerMessageMax, bytesMax);
}

/** Body of the `polls` queue, see `pollMessage`. */
export function packPoll(request: PollRequest): string {
  return wireText({ version: 1, kind: "poll", ...request });
}

const TAIL = "]}";

function pack(
  head: string,
  things: readonly unknown[],
  countMax: number,
  bytesMax: number,
): PackedMessages {
  const bodies: string[] = [];
  const oversized: string[] = [];
  const frameBytes = Buffer.byteLength(head) + TAIL.length;
  let texts: string[] = [];
  let bytes = frameBytes;
  const close = (): void => {
    if (texts.length > 0) bodies.push(`${head}${texts.join(",")}${TAIL}`);
    texts = [];
    bytes = frameBytes;
  };
  for (const thing of things) {
    const text = wireText(thing);
    const textBytes = Buffer.byteLength(text);
    if (frameBytes + textBytes > bytesMax) {
      oversized.push(`${head}${text}${TAIL}`);
      continue;
    }
    // One byte for the comma.
    if (texts.length >= countMax || bytes + textBytes + 1 > bytesMax) close();
    texts.push(text);
    bytes += textBytes + 1;
  }
  close();
  return { bodies, oversized };
}

/**
 * JSON without the two characters that SQS replaces by U+FFFD although JSON allows them bare (API
 * reference of SendMessage, read 2026-11); `JSON.stringify` has escaped all others.
 */
function wireText(value: unknown): string {
  return encodeJson(value).replace(/[\ufffe\uffff]/g, (character) =>
    character === "\ufffe" ? "\\ufffe" : "\\uffff",
  );
}
