/** What a request holds: parts of the path, the page that is asked for, the body. */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { limits } from "#shared/config/limits.ts";
import { answerProblem } from "#shared/runtime/json-answers.ts";

/** As every schema of the contracts answers. */
interface Schema<Body> {
  safeParse(
    value: unknown,
  ): { readonly success: true; readonly data: Body } | { readonly success: false };
}

type ReadBody<Body> =
  | { readonly kind: "read"; readonly body: Body }
  | { readonly kind: "refused"; readonly answer: APIGatewayProxyStructuredResultV2 };

/** The body as the schema has it; no body is an empty object. `fix` says what is to be sent. */
export function readBody<Body>(
  event: APIGatewayProxyEventV2,
  schema: Schema<Body>,
  fix: string,
  bytesMax: number = limits.apiBodyBytesMax,
): ReadBody<Body> {
  const bytes = Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8");
  if (bytes.byteLength > bytesMax) {
    const answer = answerProblem(
      413,
      "body-too-large",
      `Send a JSON object of ${bytesMax} bytes at the most.`,
    );
    return { kind: "refused", answer };
  }
  const parsed = schema.safeParse(jsonOf(bytes.toString("utf8")));
  if (parsed.success) return { kind: "read", body: parsed.data };
  return { kind: "refused", answer: answerProblem(400, "body-unreadable", fix) };
}

export function pageOf(event: APIGatewayProxyEventV2): { limit: number; cursor?: string } {
  const { limit = "", cursor } = event.queryStringParameters ?? {};
  const wanted = /^\d{1,4}$/.test(limit) ? Number(limit) : limits.apiPageSizeMax;
  const bounded = Math.min(Math.max(1, wanted), limits.apiPageSizeMax);
  return cursor === undefined ? { limit: bounded } : { limit: bounded, cursor };
}

export function decoded(text: string | undefined): string | undefined {
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
