/** Corrections of issued invoices: looked at, approved, dismissed; see `docs/operations.md`. */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { correctionRequest } from "#shared/contracts/api.ts";
import { canonicalId } from "#shared/contracts/field-values.ts";
import { callerOf } from "#shared/runtime/caller.ts";
import type { composeApi } from "#shared/runtime/compose.ts";
import { pageOf, readBody } from "#shared/runtime/http-requests.ts";
import { answerJson } from "#shared/runtime/json-answers.ts";
import { decideCorrection } from "#shared/sync/decide-correction.ts";
import { recordUnknown } from "#shared/sync/operator-outcome.ts";
import { listCorrections, viewCorrection } from "#shared/sync/view-corrections.ts";
import { answerOutcome } from "./operator-routes.ts";

type Dependencies = ReturnType<typeof composeApi>;
type Answer = Promise<APIGatewayProxyStructuredResultV2>;

export async function getCorrections(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const { limit, cursor } = pageOf(event);
  return answerJson(200, await listCorrections(deps, limit, cursor));
}

export async function getCorrection(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const id = canonicalId.safeParse(event.pathParameters?.["orderId"]);
  const hash = event.queryStringParameters?.["hash"];
  const found = id.success ? await viewCorrection(deps, id.data, hash) : undefined;
  return found === undefined ? answerOutcome(200, recordUnknown) : answerJson(200, found);
}

export async function postCorrection(
  deps: Dependencies,
  event: APIGatewayProxyEventV2,
  decision: "approved" | "dismissed",
): Answer {
  const fix = 'Send {"hash": …}, as /corrections shows it.';
  const request = readBody(event, correctionRequest, fix);
  if (request.kind === "refused") return request.answer;
  const id = canonicalId.safeParse(event.pathParameters?.["orderId"]);
  if (!id.success) return answerOutcome(200, recordUnknown);
  const choice = { orderId: id.data, hash: request.body.hash, decision, by: callerOf(event) };
  return answerOutcome(202, await decideCorrection(deps, choice));
}
