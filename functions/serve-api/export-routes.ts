/** Exports: started by hand, listed, looked at; `docs/exports.md` says what they hold. */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { runIdText } from "#shared/contracts/api.ts";
import { exportChoices } from "#shared/contracts/export-choices.ts";
import type { composeApi } from "#shared/runtime/compose.ts";
import { decoded, pageOf, readBody } from "#shared/runtime/http-requests.ts";
import { answerJson, answerProblem } from "#shared/runtime/json-answers.ts";
import { listExports, startExport, viewExport } from "#shared/sync/start-export.ts";

type Dependencies = ReturnType<typeof composeApi>;
type Answer = Promise<APIGatewayProxyStructuredResultV2>;

export async function postExport(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const fix =
    'Send {"of": "customer", "format": "csv"}, for instance; docs/exports.md has all choices, and which go together.';
  const request = readBody(event, exportChoices, fix);
  if (request.kind === "refused") return request.answer;
  return answerJson(202, await startExport(deps, request.body));
}

export async function getExports(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const { limit, cursor } = pageOf(event);
  return answerJson(200, await listExports(deps, limit, cursor));
}

export async function getExport(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const runId = runIdText.safeParse(decoded(event.pathParameters?.["runId"]));
  const found = runId.success ? await viewExport(deps, runId.data) : undefined;
  if (found !== undefined) return answerJson(200, found);
  return answerProblem(404, "export-unknown", "List the exports under /exports.");
}
