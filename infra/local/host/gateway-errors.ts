/**
 * Error answers in each service's own format, so that the SDK raises what it raises in AWS.
 */
import type { ServiceName } from "./gateway-actions.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** `code` as the service spells it. */
export function errorAnswer(
  service: string,
  status: number,
  code: string,
  message: string,
): Answer {
  if (service === "s3") {
    const fields = `<Code>${code}</Code><Message>${escapeXml(message)}</Message>`;
    return {
      status,
      headers: { "content-type": "application/xml" },
      body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${fields}</Error>`,
    };
  }
  return {
    status,
    headers: { "content-type": "application/x-amz-json-1.0" },
    body: JSON.stringify({ __type: `com.amazon.coral.service#${code}`, message, Message: message }),
  };
}

export function accessDenied(service: ServiceName, message: string): Answer {
  return service === "s3"
    ? errorAnswer(service, 403, "AccessDenied", message)
    : errorAnswer(service, 400, "AccessDeniedException", message);
}

const THROTTLES: Readonly<Record<ServiceName, { status: number; code: string }>> = {
  dynamodb: { status: 400, code: "ThrottlingException" },
  sqs: { status: 403, code: "RequestThrottled" },
  s3: { status: 503, code: "SlowDown" },
  secretsmanager: { status: 400, code: "ThrottlingException" },
  athena: { status: 400, code: "TooManyRequestsException" },
};

export function throttled(service: ServiceName): Answer {
  const { status, code } = THROTTLES[service];
  return errorAnswer(service, status, code, "Rate exceeded (planned fault)");
}

const INTERNAL_CODES: Readonly<Record<ServiceName, string>> = {
  dynamodb: "InternalServerError",
  sqs: "InternalError",
  s3: "InternalError",
  secretsmanager: "InternalServiceError",
  athena: "InternalServerException",
};

export function internalError(service: ServiceName): Answer {
  const status = service === "s3" ? 503 : 500;
  return errorAnswer(service, status, INTERNAL_CODES[service], "Planned fault");
}
