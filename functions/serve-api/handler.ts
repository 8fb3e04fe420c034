/**
 * Serves the HTTP API; `docs/api.md` has every route.
 *
 * In:  payload format 2.0; API Gateway has checked who calls.
 * Out: JSON; errors as `{ code, fix }`, never a stack or a stored record as it is.
 */
import middy from "@middy/core";
import httpErrorHandler from "@middy/http-error-handler";
import httpRouter from "@middy/http-router";
import httpSecurityHeaders from "@middy/http-security-headers";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { composeApi, log } from "#shared/runtime/compose.ts";
import { answerNotFound } from "#shared/runtime/json-answers.ts";
import { observe } from "#shared/runtime/observe.ts";
import { refuseInvalidInput } from "#shared/runtime/refuse-invalid-input.ts";
import { createRoutes } from "./routes.ts";

export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
  .use(httpSecurityHeaders())
  .use(httpErrorHandler({ logger: false, fallbackMessage: '{"code":"internal-error"}' }))
  .use(observe("serve-api", log))
  .use(refuseInvalidInput())
  .handler(
    httpRouter<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>({
      routes: createRoutes(composeApi(process.env)),
      notFoundResponse: answerNotFound,
    }),
  );
