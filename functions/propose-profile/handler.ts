/**
 * Proposes a profile for a file in the inbox; `docs/api.md` has the route.
 *
 * In:  payload format 2.0; API Gateway has checked who calls.
 * Out: JSON; errors as `{ code, fix }`, never a stack.
 */
import middy from "@middy/core";
import httpErrorHandler from "@middy/http-error-handler";
import httpSecurityHeaders from "@middy/http-security-headers";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { composeProposal, log } from "#shared/runtime/compose-proposal.ts";
import { observe } from "#shared/runtime/observe.ts";
import { answerProposal } from "#shared/runtime/proposal-answers.ts";
import { refuseInvalidInput } from "#shared/runtime/refuse-invalid-input.ts";

const dependencies = composeProposal(process.env);

export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
  .use(httpSecurityHeaders())
  .use(httpErrorHandler({ logger: false, fallbackMessage: '{"code":"internal-error"}' }))
  .use(observe("propose-profile", log))
  .use(refuseInvalidInput())
  .handler((event, context) => answerProposal(dependencies, event, context));
