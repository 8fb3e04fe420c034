/** Tie-outs: started by hand, listed, looked at; `docs/tie-out.md` says what they prove. */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { runIdText, tieOutStart } from "#shared/contracts/api.ts";
import type { composeApi } from "#shared/runtime/compose.ts";
import { decoded, pageOf, readBody } from "#shared/runtime/http-requests.ts";
import { answerJson, answerProblem } from "#shared/runtime/json-answers.ts";
import { startTieOut } from "#shared/sync/start-tie-out.ts";
import {
  listTieOuts,
  tieOutUnknown,
  viewDifferences,
  viewTieOut,
} from "#shared/sync/view-tie-outs.ts";

type Dependencies = ReturnType<typeof composeApi>;
type Answer = Promise<APIGatewayProxyStructuredResultV2>;

export async function postTieOut(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const fix =
    'Send nothing, {"period": "2026-11"}, or {"from": …, "to": …}, and the "snapshotId" of an earlier tie-out if wanted.';
  const request = readBody(event, tieOutStart, fix);
  if (request.kind === "refused") return request.answer;
  return answerJson(202, await startTieOut(deps, request.body));
}

export async function getTieOuts(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const { limit, cursor } = pageOf(event);
  return answerJson(200, await listTieOuts(deps, limit, cursor));
}

export async function getTieOut(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const runId = runIdText.safeParse(decoded(event.pathParameters?.["runId"]));
  const found = runId.success ? await viewTieOut(deps, runId.data) : undefined;
  if (found !== undefined) return answerJson(200, found);
  return answerProblem(tieOutUnknown.status, tieOutUnknown.code, tieOutUnknown.fix);
}

export async function getDifferences(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const { limit, cursor } = pageOf(event);
  const runId = runIdText.safeParse(decoded(event.pathParameters?.["runId"]));
  const found = runId.success
    ? await viewDifferences(deps, {
        runId: runId.data,
        differenceClass: event.queryStringParameters?.["class"],
        limit,
        cursor,
      })
    : tieOutUnknown;
  if (found.kind === "refused") return answerProblem(found.status, found.code, found.fix);
  return answerJson(200, found.page);
}
