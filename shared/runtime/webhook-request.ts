import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import type { WebhookRequest } from "#shared/ports/connector.ts";

/**
 * The webhook as the vendor sent it: its raw bytes, and the URL that we gave to the vendor, which is
 * part of what some vendors sign. Nothing of the URL but its query is taken from the request.
 */
export function webhookRequestOf(
  event: APIGatewayProxyEventV2,
  publicUrl: string,
): { connection: ConnectionId; request: WebhookRequest } {
  const connection = event.pathParameters?.["connection"] ?? "";
  const query = event.rawQueryString === "" ? "" : `?${event.rawQueryString}`;
  return {
    connection,
    request: {
      method: event.requestContext.http.method,
      url: `${publicUrl}/webhooks/${connection}${query}`,
      headers: event.headers,
      rawBody: Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8"),
    },
  };
}
