import type { MiddlewareObj } from "@middy/core";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { SyncError } from "#shared/domain/sync-error.ts";
import { answerProblem } from "./json-answers.ts";

/** Answers 400 with the code where a caller's input cannot be used; other failures pass. */
export function refuseInvalidInput(): MiddlewareObj<
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Error
> {
  return {
    onError: (request) => {
      const { error } = request;
      if (!(error instanceof SyncError) || error.failure.kind !== "invalid-input") return;
      const { code, fix } = error.failure;
      request.response = answerProblem(400, code, fix ?? "See docs/api.md for what is taken here.");
    },
  };
}
