/** What a person does about records that are stuck, see `docs/operations.md`. */
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context,
} from "aws-lambda";
import {
  approvalRequest,
  decisionRequest,
  dismissalRequest,
  retryRequest,
  runIdText,
} from "#shared/contracts/api.ts";
import { canonicalId } from "#shared/contracts/field-values.ts";
import { callerOf } from "#shared/runtime/caller.ts";
import type { composeApi } from "#shared/runtime/compose.ts";
import { decoded, pageOf, readBody } from "#shared/runtime/http-requests.ts";
import { answerJson, answerProblem } from "#shared/runtime/json-answers.ts";
import { approveRun } from "#shared/sync/approve-run.ts";
import { askForResult } from "#shared/sync/ask-for-result.ts";
import { decideConflict } from "#shared/sync/decide-conflict.ts";
import { dismissReview } from "#shared/sync/dismiss-review.ts";
import { type Refusal, recordUnknown } from "#shared/sync/operator-outcome.ts";
import { retryParked } from "#shared/sync/retry-parked.ts";
import { viewWaiting } from "#shared/sync/view-waiting.ts";

type Dependencies = ReturnType<typeof composeApi>;
type Answer = Promise<APIGatewayProxyStructuredResultV2>;

export async function postDecision(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const fix =
    'Send {"connection": …, "field": …, "keep": "golden" or "proposed"}, and the conflict\'s "at" as "conflictAt" if wanted.';
  const request = readBody(event, decisionRequest, fix);
  if (request.kind === "refused") return request.answer;
  const id = canonicalId.safeParse(event.pathParameters?.["canonicalId"]);
  if (!id.success) return answerOutcome(200, recordUnknown);
  const choice = { ...request.body, canonicalId: id.data, by: callerOf(event) };
  return answerOutcome(200, await decideConflict(deps, choice));
}

export async function postDismissal(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const request = readBody(event, dismissalRequest, 'Send {"connection": …}.');
  if (request.kind === "refused") return request.answer;
  const id = canonicalId.safeParse(event.pathParameters?.["canonicalId"]);
  if (!id.success) return answerOutcome(200, recordUnknown);
  const dismissal = { ...request.body, canonicalId: id.data, by: callerOf(event) };
  return answerOutcome(200, await dismissReview(deps, dismissal));
}

export async function postRetry(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const fix =
    'Send {"canonicalId": …, "connection": …}, or {"connection": …, "recordType": …, "externalId": …}, as /parked shows them.';
  const request = readBody(event, retryRequest, fix);
  if (request.kind === "refused") return request.answer;
  return answerOutcome(202, await retryParked(deps, request.body, callerOf(event)));
}

export async function postApproval(
  deps: Dependencies,
  event: APIGatewayProxyEventV2,
  context: Pick<Context, "getRemainingTimeInMillis">,
): Answer {
  const request = readBody(event, approvalRequest, "Send no body.");
  if (request.kind === "refused") return request.answer;
  const runId = runIdText.safeParse(decoded(event.pathParameters?.["runId"]));
  if (!runId.success) return answerProblem(404, "run-unknown", "List the runs under /runs.");
  const outcome = await approveRun(deps, {
    runId: runId.data,
    by: callerOf(event),
    receipt: event.requestContext.requestId,
    remainingMs: () => context.getRemainingTimeInMillis(),
  });
  return answerOutcome(202, outcome);
}

export async function postResult(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const request = readBody(event, approvalRequest, "Send no body.");
  if (request.kind === "refused") return request.answer;
  const runId = runIdText.safeParse(decoded(event.pathParameters?.["runId"]));
  if (!runId.success) return answerProblem(404, "run-unknown", "List the runs under /runs.");
  return answerOutcome(202, await askForResult(deps, runId.data));
}

export async function listWaiting(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const { limit, cursor } = pageOf(event);
  return answerJson(200, await viewWaiting(deps, limit, cursor));
}

/** A refusal with its own status; anything else is shown, its kind as `result`. */
export async function answerOutcome(
  statusCode: 200 | 202,
  outcome: Refusal | { readonly kind: string },
): Answer {
  if (isRefusal(outcome)) return answerProblem(outcome.status, outcome.code, outcome.fix);
  const { kind: result, ...rest } = outcome;
  return answerJson(statusCode, { result, ...rest });
}

function isRefusal(outcome: { readonly kind: string }): outcome is Refusal {
  return outcome.kind === "refused";
}
