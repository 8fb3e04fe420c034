/**
 * Exports an issued invoice or credit note as UBL 2.1: `GET /records/{canonicalId}/ubl`. Apart from the
 * rest of the API, since it asks the books and is the only route that may read their credentials.
 *
 * In:  payload format 2.0; API Gateway has checked who calls.
 * Out: XML; a refusal as `{ code, fix }`.
 */
import middy from "@middy/core";
import httpErrorHandler from "@middy/http-error-handler";
import httpSecurityHeaders from "@middy/http-security-headers";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { canonicalId } from "#shared/contracts/field-values.ts";
import { composeExport } from "#shared/runtime/compose-export.ts";
import { answerProblem, answerXml } from "#shared/runtime/json-answers.ts";
import { createJsonLog } from "#shared/runtime/json-log.ts";
import { observe, signalOf } from "#shared/runtime/observe.ts";
import { refuseInvalidInput } from "#shared/runtime/refuse-invalid-input.ts";
import { exportInvoice } from "#shared/sync/export-invoice.ts";
import { recordUnknown } from "#shared/sync/operator-outcome.ts";

const log = createJsonLog({ functionName: process.env["AWS_LAMBDA_FUNCTION_NAME"] });
const dependencies = composeExport(process.env, log);

export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
  .use(httpSecurityHeaders())
  .use(httpErrorHandler({ logger: false, fallbackMessage: '{"code":"internal-error"}' }))
  .use(observe("export-document", log))
  .use(refuseInvalidInput())
  .handler(async (event, context) => {
    const id = canonicalId.safeParse(event.pathParameters?.["canonicalId"]);
    const outcome = id.success
      ? await exportInvoice(await dependencies(), id.data, signalOf(context))
      : recordUnknown;
    if (outcome.kind === "exported") return answerXml(outcome.text);
    const status = outcome.code === recordUnknown.code ? recordUnknown.status : 409;
    return answerProblem(status, outcome.code, outcome.fix);
  });
