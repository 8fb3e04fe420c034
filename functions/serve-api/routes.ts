import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context,
} from "aws-lambda";
import { syncRequest } from "#shared/contracts/api.ts";
import {
  canonicalId,
  connectionId,
  externalId,
  recordType,
} from "#shared/contracts/field-values.ts";
import type { composeApi } from "#shared/runtime/compose.ts";
import { decoded, pageOf, readBody } from "#shared/runtime/http-requests.ts";
import { answerJson, answerProblem } from "#shared/runtime/json-answers.ts";
import { readHistory } from "#shared/sync/read-history.ts";
import { startSync } from "#shared/sync/start-sync.ts";
import { viewConnections } from "#shared/sync/view-connections.ts";
import { findCrossReference, viewCustomer } from "#shared/sync/view-records.ts";
import { viewRunAt } from "#shared/sync/view-runs.ts";
import { getCorrection, getCorrections, postCorrection } from "./correction-routes.ts";
import { getExport, getExports, postExport } from "./export-routes.ts";
import {
  deleteFileProfile,
  getFileProfile,
  getFileProfiles,
  putFileProfile,
} from "./file-profile-routes.ts";
import {
  listWaiting,
  postApproval,
  postDecision,
  postDismissal,
  postResult,
  postRetry,
} from "./operator-routes.ts";
import { getDifferences, getTieOut, getTieOuts, postTieOut } from "./tie-out-routes.ts";

type Dependencies = ReturnType<typeof composeApi>;
type Answer = Promise<APIGatewayProxyStructuredResultV2>;
type Handler = (event: APIGatewayProxyEventV2, context: Context) => Answer;

/** Every route of the API; the stack lists the same ones with who may call them. */
export function createRoutes(deps: Dependencies) {
  const route = (method: "GET" | "POST" | "PUT" | "DELETE", path: string, handler: Handler) => ({
    method,
    path,
    handler,
  });
  return [
    route("GET", "/health", async () => answerJson(200, { status: "ok" })),
    route("GET", "/cross-references/{connection}/{recordType}/{externalId}", (event) =>
      getCrossReference(deps, event),
    ),
    route("GET", "/customers/{canonicalId}", (event) => getCustomer(deps, event)),
    route("GET", "/records/{canonicalId}/history", (event) => getHistory(deps, event)),
    route("GET", "/runs", (event) => listRuns(deps, event)),
    route("GET", "/runs/{runId}", (event) => getRun(deps, event)),
    route("POST", "/syncs", (event) => postSync(deps, event)),
    route("GET", "/parked", (event) => listParked(deps, event)),
    route("POST", "/parked/retry", (event) => postRetry(deps, event)),
    route("GET", "/waiting", (event) => listWaiting(deps, event)),
    route("POST", "/records/{canonicalId}/decisions", (event) => postDecision(deps, event)),
    route("POST", "/records/{canonicalId}/dismissals", (event) => postDismissal(deps, event)),
    route("POST", "/runs/{runId}/approval", (event, context) => postApproval(deps, event, context)),
    route("POST", "/runs/{runId}/result", (event) => postResult(deps, event)),
    route("GET", "/corrections", (event) => getCorrections(deps, event)),
    route("GET", "/corrections/{orderId}", (event) => getCorrection(deps, event)),
    route("POST", "/corrections/{orderId}/approval", (event) =>
      postCorrection(deps, event, "approved"),
    ),
    route("POST", "/corrections/{orderId}/dismissal", (event) =>
      postCorrection(deps, event, "dismissed"),
    ),
    route("GET", "/connections", async () =>
      answerJson(200, { connections: await viewConnections(deps) }),
    ),
    route("POST", "/tie-outs", (event) => postTieOut(deps, event)),
    route("GET", "/tie-outs", (event) => getTieOuts(deps, event)),
    route("GET", "/tie-outs/{runId}", (event) => getTieOut(deps, event)),
    route("GET", "/tie-outs/{runId}/differences", (event) => getDifferences(deps, event)),
    route("GET", "/file-profiles", () => getFileProfiles(deps)),
    route("GET", "/file-profiles/{name}", (event) => getFileProfile(deps, event)),
    route("PUT", "/file-profiles/{name}", (event) => putFileProfile(deps, event)),
    route("DELETE", "/file-profiles/{name}", (event) => deleteFileProfile(deps, event)),
    route("POST", "/exports", (event) => postExport(deps, event)),
    route("GET", "/exports", (event) => getExports(deps, event)),
    route("GET", "/exports/{runId}", (event) => getExport(deps, event)),
  ];
}

async function getCrossReference(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const given = event.pathParameters ?? {};
  const connection = connectionId.safeParse(given["connection"]);
  const type = recordType.safeParse(given["recordType"]);
  const id = externalId.safeParse(decoded(given["externalId"]));
  if (!connection.success || !type.success || !id.success) {
    const fix = "Use /cross-references/<connection>/<record type>/<id in that connection>.";
    return answerProblem(400, "path-unreadable", fix);
  }
  const ref = { connection: connection.data, recordType: type.data, externalId: id.data };
  const found = await findCrossReference(deps, ref);
  if (found !== undefined) return answerJson(200, found);
  return answerProblem(
    404,
    "not-linked",
    "No record is known under this id; start a sync to find it.",
  );
}

async function getCustomer(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const id = canonicalId.safeParse(event.pathParameters?.["canonicalId"]);
  const found = id.success ? await viewCustomer(deps, id.data) : undefined;
  if (found !== undefined) return answerJson(200, found);
  const fix = "Look the canonical id up under /cross-references/crm/customer/<id in the CRM>.";
  return answerProblem(404, "customer-unknown", fix);
}

async function getHistory(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const id = canonicalId.safeParse(event.pathParameters?.["canonicalId"]);
  const found = id.success ? await readHistory(deps, id.data, pageOf(event)) : undefined;
  if (found !== undefined) return answerJson(200, found);
  const fix = "Look the canonical id up under /cross-references/<connection>/<type>/<id>.";
  return answerProblem(404, "record-unknown", fix);
}

async function getRun(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const run = await deps.runs.get(decoded(event.pathParameters?.["runId"]) ?? "");
  if (run !== undefined) return answerJson(200, viewRunAt(run, deps.clock()));
  return answerProblem(404, "run-unknown", "List the runs under /runs.");
}

async function listRuns(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const { limit, cursor } = pageOf(event);
  const page = await deps.runs.list(limit, cursor);
  return answerJson(200, {
    runs: page.runs.map((run) => viewRunAt(run, deps.clock())),
    cursor: page.cursor,
  });
}

async function listParked(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const { limit, cursor } = pageOf(event);
  return answerJson(200, await deps.parked.list(limit, cursor));
}

async function postSync(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const fix =
    'Send {"mode":"incremental"} or {"mode":"full"}, and a "connection" or a "recordType".';
  const request = readBody(event, syncRequest, fix);
  if (request.kind === "refused") return request.answer;
  return answerJson(202, await startSync(deps, request.body));
}
