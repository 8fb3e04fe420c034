/**
 * The host's own calls to the emulators, past the gateway: polling, redirecting, creating.
 */
export interface Emulators {
  /** Base URL, no slash at the end. */
  readonly dynamodbUrl: string;
  /** Speaks SQS and S3. */
  readonly queuesUrl: string;
}

/** An emulator refused a call; `code` is AWS's own, such as `ResourceNotFoundException`. */
export class AwsCallError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.name = "AwsCallError";
    this.code = code;
  }
}

export type AwsFields = Readonly<Record<string, unknown>>;

const TARGETS = {
  dynamodb: "DynamoDB_20120810",
  streams: "DynamoDBStreams_20120810",
  sqs: "AmazonSQS",
} as const;

export interface AwsClient {
  call(
    service: keyof typeof TARGETS,
    action: string,
    fields: AwsFields,
    signal?: AbortSignal,
  ): Promise<AwsFields>;
}

export function isFields(value: unknown): value is AwsFields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The field as a list of records; absent is empty. */
export function listOf(value: unknown): readonly AwsFields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Neither emulator checks signatures, but both read the region and key from this header. */
export function credentialHeader(region: string, service: string): string {
  const scope = `local/20260101/${region}/${service}/aws4_request`;
  return `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
}

/** Rejects with {@link AwsCallError} on an error answer, and as `fetch` does when nobody answers. */
export function createAwsClient(emulators: Emulators, region: string): AwsClient {
  return {
    async call(service, action, fields, signal) {
      const url = service === "sqs" ? emulators.queuesUrl : emulators.dynamodbUrl;
      const response = await fetch(`${url}/`, {
        method: "POST",
        headers: {
          authorization: credentialHeader(region, service === "sqs" ? "sqs" : "dynamodb"),
          "content-type": "application/x-amz-json-1.0",
          // dynoxide insists on a date, and does not look at it.
          "x-amz-date": "20260101T000000Z",
          "x-amz-target": `${TARGETS[service]}.${action}`,
        },
        body: JSON.stringify(fields),
        ...(signal === undefined ? {} : { signal }),
      });
      const text = await response.text();
      const answer: unknown = text === "" ? {} : JSON.parse(text);
      if (!isFields(answer)) throw new AwsCallError("BadAnswer", text.slice(0, 200));
      if (!response.ok) {
        const type = textOf(answer["__type"]);
        const message = textOf(answer["message"] ?? answer["Message"]);
        throw new AwsCallError(type.slice(type.indexOf("#") + 1), message);
      }
      return answer;
    },
  };
}
