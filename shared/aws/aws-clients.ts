/** Clients of AWS with explicit time-outs and tries; one set per execution environment. */
import { AthenaClient } from "@aws-sdk/client-athena";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SQSClient } from "@aws-sdk/client-sqs";
import { limits } from "#shared/config/limits.ts";

/** Tries of one call, the first included; the SDK waits between them with jitter. */
const CALL_TRIES_MAX = 4;
const CONNECTION_TIMEOUT_MS = 2_000;
/** Until the answer's head has come; a streamed body takes the time it takes. */
const REQUEST_TIMEOUT_MS = 5_000;
/** A report of some megabytes is sent whole before the answer comes. */
const FILE_REQUEST_TIMEOUT_MS = 30_000;

// One function a client: a Lambda bundles the clients it calls and no other. Region, credentials and
// endpoints come from the environment, as Lambda sets them.

export function createDynamodbClient(): DynamoDBClient {
  return new DynamoDBClient(callSettings(REQUEST_TIMEOUT_MS));
}

export function createSqsClient(): SQSClient {
  return new SQSClient(callSettings(REQUEST_TIMEOUT_MS));
}

export function createS3Client(): S3Client {
  return new S3Client(callSettings(FILE_REQUEST_TIMEOUT_MS));
}

export function createAthenaClient(): AthenaClient {
  return new AthenaClient(callSettings(REQUEST_TIMEOUT_MS));
}

export function createSecretsClient(): SecretsManagerClient {
  return new SecretsManagerClient(callSettings(REQUEST_TIMEOUT_MS));
}

/** For tests and tools that bring their own endpoint. */
export function callSettings(requestTimeout: number = REQUEST_TIMEOUT_MS) {
  return {
    maxAttempts: CALL_TRIES_MAX,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout,
      // Without it the SDK only warns.
      throwOnRequestTimeout: true,
      httpsAgent: { keepAlive: true, maxSockets: limits.tableConcurrencyMax * 2 },
    },
  };
}
