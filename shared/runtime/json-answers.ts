/** JSON answers of the API. Bigints are counts and minor units: written as exact JSON numbers. */
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";

export function answerJson(statusCode: number, body: unknown): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
    body: JSON.stringify(body, (_key, part: unknown) =>
      typeof part === "bigint" ? rawJson.rawJSON(part.toString()) : part,
    ),
  };
}

export function answerXml(text: string): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: 200,
    headers: { "content-type": "application/xml; charset=utf-8", "cache-control": "no-store" },
    body: text,
  };
}

export function answerProblem(
  statusCode: number,
  code: string,
  fix: string,
): APIGatewayProxyStructuredResultV2 {
  return answerJson(statusCode, { code, fix });
}

export function answerNotFound(): APIGatewayProxyStructuredResultV2 {
  return answerProblem(404, "route-unknown", "See docs/api.md for the routes.");
}

/** Node 24 has it; the library's types do not yet. */
const rawJson = JSON as unknown as { rawJSON(text: string): unknown };
