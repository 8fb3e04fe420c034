/**
 * AWS list prices, us-east-1, on demand, without free tiers, in 10^-15 dollars a unit so that all of
 * them are whole numbers.
 *
 * Sources: the golden files of infracost's Terraform tests, made from AWS's price API (snapshot of
 * 2026-08-21), where not said otherwise. Look again before a figure is published.
 */

export const unitNames = [
  "dynamodb-writes",
  "dynamodb-reads",
  "sqs-requests",
  "lambda-gb-ms",
  "lambda-requests",
  "log-bytes",
  "http-api-requests",
  "s3-writes",
  "s3-reads",
  "secret-reads",
  "schedules",
] as const;
export type UnitName = (typeof unitNames)[number];

export interface UnitPrice {
  readonly label: string;
  /** The price as AWS writes it. */
  readonly listPrice: string;
  readonly femtodollars: bigint;
  readonly source: string;
}

export const prices: Readonly<Record<UnitName, UnitPrice>> = {
  "dynamodb-writes": {
    label: "DynamoDB write units",
    listPrice: "$0.625 per million",
    femtodollars: 625_000_000n,
    source: "dynamodb_table_test, made 2024-11-15",
  },
  "dynamodb-reads": {
    label: "DynamoDB read units",
    listPrice: "$0.125 per million",
    femtodollars: 125_000_000n,
    source: "dynamodb_table_test, made 2024-11-15",
  },
  "sqs-requests": {
    label: "SQS requests, standard",
    listPrice: "$0.40 per million, each started 64 KB",
    femtodollars: 400_000_000n,
    source: "sqs_queue_test",
  },
  "lambda-gb-ms": {
    label: "Lambda GB-ms, arm64",
    listPrice: "$0.0000133334 per GB-second",
    femtodollars: 13_333_400n,
    source: "lambda_function_test, made 2024-07-01",
  },
  "lambda-requests": {
    label: "Lambda invocations",
    listPrice: "$0.20 per million",
    femtodollars: 200_000_000n,
    source: "lambda_function_test, made 2024-07-01",
  },
  "log-bytes": {
    label: "Log bytes of functions",
    listPrice: "$0.50 per GB taken in",
    femtodollars: 500_000n,
    source: "cloudwatch_log_group_test",
  },
  "http-api-requests": {
    label: "HTTP API requests",
    listPrice: "$1.00 per million, each started 512 KB",
    femtodollars: 1_000_000_000n,
    source: "apigatewayv2_api_test; the step of 512 KB unconfirmed",
  },
  "s3-writes": {
    label: "S3 PUT, COPY, POST, LIST",
    listPrice: "$0.005 per thousand",
    femtodollars: 5_000_000_000n,
    source: "s3_bucket_test",
  },
  "s3-reads": {
    label: "S3 GET and all others",
    listPrice: "$0.0004 per thousand",
    femtodollars: 400_000_000n,
    source: "unconfirmed: the golden file rounds it",
  },
  "secret-reads": {
    label: "Secrets Manager calls",
    listPrice: "$0.05 per ten thousand",
    femtodollars: 5_000_000_000n,
    source: "secretsmanager_secret_test",
  },
  schedules: {
    label: "EventBridge Scheduler",
    listPrice: "$1.00 per million",
    femtodollars: 1_000_000_000n,
    source: "cloudburn.io 2026-03, awsnegotiations.com 2026-05",
  },
};
