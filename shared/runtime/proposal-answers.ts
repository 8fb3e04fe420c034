/** Answers of `POST /file-profiles/proposals`. */
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context,
} from "aws-lambda";
import { limits } from "#shared/config/limits.ts";
import { proposalRequest } from "#shared/contracts/file-profiles.ts";
import {
  type InboxProposalDependencies,
  proposeForInbox,
} from "#shared/sync/propose-file-profile.ts";
import { readBody } from "./http-requests.ts";
import { answerJson } from "./json-answers.ts";
import { signalOf } from "./observe.ts";

/** The proposal with what was read of the file, or what is wrong with that. */
export async function answerProposal(
  deps: InboxProposalDependencies,
  event: APIGatewayProxyEventV2,
  context: Context,
): Promise<APIGatewayProxyStructuredResultV2> {
  const fix = 'Send {"key": …} of a file in the inbox, with "as" and "answers" if wanted.';
  const request = readBody(event, proposalRequest, fix);
  if (request.kind === "refused") return request.answer;
  const outcome = await proposeForInbox(deps, request.body, {
    signal: signalOf(context),
    isOver: () => context.getRemainingTimeInMillis() < limits.apiReserveMs,
  });
  if (outcome.kind === "unreadable") return answerJson(outcome.status, outcome.problem);
  const { statistics: _statistics, header: _header, ...file } = outcome.survey;
  const { columns, questions, problems, profile } = outcome.proposal;
  const isDecided = questions.length === 0 && problems.length === 0;
  return answerJson(200, { file, isDecided, columns, questions, problems, profile });
}
