import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { limits } from "#shared/config/limits.ts";
import { syncRequest } from "#shared/contracts/api.ts";
import {
  canonicalId,
  connectionId,
  externalId,
  recordType,
} from "#shared/contracts/field-values.ts";
import type { composeApi } from "#shared/runtime/compose.ts";
import { answerJson, answerProblem } from "#shared/runtime/json-answers.ts";
import { startSync } from "#shared/sync/start-sync.ts";
import { viewRun } from "#shared/sync/view-runs.ts";
import { findCrossReference, viewCustomer } from "#shared/sync/view-records.ts";

type Dependencies = ReturnType<typeof composeApi>;
type Answer = Promise<APIGatewayProxyStructuredResultV2>;
type Handler = (event: APIGatewayProxyEventV2) => Answer;

/** Every route of the API; the stack lists the same ones with who may call them. */
export function createRoutes(deps: Dependencies) {
  const route = (method: "GET" | "POST", path: string, handler: Handler) => ({
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
    route("GET", "/runs", (event) => listRuns(deps, event)),
    route("GET", "/runs/{runId}", (event) => getRun(deps, event)),
    route("POST", "/syncs", (event) => postSync(deps, event)),
    route("GET", "/parked", (event) => listParked(deps, event)),
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

async function getRun(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const run = await deps.runs.get(decoded(event.pathParameters?.["runId"]) ?? "");
  if (run !== undefined) return answerJson(200, viewRun(run));
  return answerProblem(404, "run-unknown", "List the runs under /runs.");
}

async function listRuns(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const { limit, cursor } = pageOf(event);
  const page = await deps.runs.list(limit, cursor);
  return answerJson(200, { runs: page.runs.map(viewRun), cursor: page.cursor });
}

async function listParked(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const { limit, cursor } = pageOf(event);
  return answerJson(200, await deps.parked.list(limit, cursor));
}

async function postSync(deps: Dependencies, event: APIGatewayProxyEventV2): Answer {
  const body = Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8");
  if (body.byteLength > limits.apiBodyBytesMax) {
    return answerProblem(413, "body-too-large", "Send a small JSON object.");
  }
  const request = syncRequest.safeParse(jsonOf(body.toString("utf8")));
  if (!request.success) {
    const fix =
      'Send {"mode":"incremental"} or {"mode":"full"}, and a "connection" or a "recordType".';
    return answerProblem(400, "body-unreadable", fix);
  }
  return answerJson(202, await startSync(deps, request.data));
}

function pageOf(event: APIGatewayProxyEventV2): { limit: number; cursor?: string } {
  const { limit = "", cursor } = event.queryStringParameters ?? {};
  const wanted = /^\d{1,4}$/.test(limit) ? Number(limit) : limits.apiPageSizeMax;
  const bounded = Math.min(Math.max(1, wanted), limits.apiPageSizeMax);
  return cursor === undefined ? { limit: bounded } : { limit: bounded, cursor };
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    // Not an encoded text: no record has such an id.
    return undefined;
  }
}

function jsonOf(text: string): unknown {
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    // Answered as a body that cannot be read.
    return undefined;
  }
}
