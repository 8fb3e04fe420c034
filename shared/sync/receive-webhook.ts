/**
 * Takes a vendor's webhook: verify on the raw bytes, translate into change events, store them on the
 * queue, acknowledge. Nothing is stored of a request that does not verify, and an unknown connection
 * answers as a wrong signature does, so that nobody learns which connections exist.
 */
import { limits } from "#shared/config/limits.ts";
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import type { WebhookRequest } from "#shared/ports/connector.ts";
import type { WebhookDependencies } from "./dependencies.ts";
import { nowText } from "./now-text.ts";

export interface WebhookAnswer {
  readonly status: 200 | 400 | 401 | 413;
  readonly code: string;
}

export async function receiveWebhook(
  deps: WebhookDependencies,
  connection: ConnectionId,
  request: WebhookRequest,
): Promise<WebhookAnswer> {
  if (request.rawBody.byteLength > limits.webhookBodyBytesMax) {
    return { status: 413, code: "body-too-large" };
  }
  const connector = deps.connectors.get(connection);
  if (connector === undefined) return refused(deps, 401, "signature-wrong");
  const outcome = connector.receiveWebhook(request, deps.clock());
  if (outcome.kind === "refused") return refused(deps, outcome.status, outcome.code);
  if (outcome.hints.length === 0) return { status: 200, code: "nothing-to-do" };

  const isFirst = await deps.dedup.firstSeen(connection, outcome.deliveryId, deps.clock());
  if (!isFirst) return { status: 200, code: "repeated" };
  const capturedAt = nowText(deps);
  const events = outcome.hints.map((hint) => ({
    ...hint,
    connection,
    capturedAt,
    via: "webhook" as const,
    tries: 0,
  }));
  try {
    await deps.changes.send(events);
  } catch (cause) {
    // The vendor sends again what we do not acknowledge; then it must count as the first time.
    await deps.dedup.forget(connection, outcome.deliveryId);
    throw cause;
  }
  deps.log.info("webhook-accepted", { connection, hintCount: events.length });
  return { status: 200, code: "accepted" };
}

function refused(deps: WebhookDependencies, status: 400 | 401, code: string): WebhookAnswer {
  deps.log.info("webhook-refused", { status, code });
  return { status, code };
}
