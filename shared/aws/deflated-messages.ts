/**
 * The form in which a change event travels that is too large for a message: the JSON of its
 * `changes` message in UTF-8, deflated (RFC 1951), in base64. See
 * `docs/decisions/0006-large-events-travel-compressed.md`.
 */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { limits } from "#shared/config/limits.ts";
import { type ChangesBody, type ChangesMessage, changesBody } from "#shared/contracts/messages.ts";
import { decodeJson } from "#shared/domain/json.ts";
import { SyncError } from "#shared/domain/sync-error.ts";

/**
 * The body of a `deflated` message that {@link openChangesMessage} opens; undefined where it is
 * larger than `bytesMax`, or the message larger than a receiver takes.
 */
export function deflateMessage(message: string, bytesMax: number): string | undefined {
  if (Buffer.byteLength(message) > limits.inflatedMessageBytesMax) return undefined;
  const content = deflateRawSync(message).toString("base64");
  const body = `{"version":1,"kind":"deflated","content":"${content}"}`;
  return body.length > bytesMax ? undefined : body;
}

/**
 * The events of a message of either kind. Throws SyncError `invalid-input` (`message-unreadable`,
 * and as `decodeJson`) on content that is no deflated `changes` message, or a larger one than
 * `limits.inflatedMessageBytesMax`, which is not inflated any further than that.
 */
export function openChangesMessage(message: ChangesMessage): ChangesBody {
  if (message.kind === "changes") return message;
  const parsed = changesBody.safeParse(decodeJson(inflate(message.content)));
  if (!parsed.success) throw unreadable(parsed.error);
  return parsed.data;
}

function inflate(content: string): string {
  try {
    const bytes = inflateRawSync(Buffer.from(content, "base64"), {
      maxOutputLength: limits.inflatedMessageBytesMax,
    });
    return bytes.toString("utf8");
  } catch (cause) {
    throw unreadable(cause);
  }
}

function unreadable(cause: unknown): SyncError {
  return new SyncError({ kind: "invalid-input", code: "message-unreadable" }, cause);
}
