/**
 * Receives the vendors' webhooks.
 *
 * In:  `POST /webhooks/{connection}`, payload format 2.0.
 * Out: an empty body; the status tells the vendor whether to send again.
 */
import middy from "@middy/core";
import httpSecurityHeaders from "@middy/http-security-headers";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { composeWebhook, log } from "#shared/runtime/compose.ts";
import { observe } from "#shared/runtime/observe.ts";
import { webhookRequestOf } from "#shared/runtime/webhook-request.ts";
import { receiveWebhook } from "#shared/sync/receive-webhook.ts";

const { dependencies, publicUrl } = composeWebhook(process.env);

export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
  .use(httpSecurityHeaders())
  .use(observe("receive-webhook", log))
  .handler(async (event) => {
    const { connection, request } = webhookRequestOf(event, publicUrl);
    const { status } = await receiveWebhook(await dependencies(), connection, request);
    return { statusCode: status };
  });
