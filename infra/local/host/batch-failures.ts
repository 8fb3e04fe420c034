/**
 * Reads a partial batch response as Lambda does (docs.aws.amazon.com/lambda, "success and failure
 * conditions", read 2026-11).
 */
import { isFields } from "./aws-client.ts";

/**
 * The identifiers that failed; all of them when the response is malformed or names one that was not
 * in the batch, for Lambda then trusts nothing it says.
 */
export function readBatchFailures(
  response: unknown,
  identifiers: readonly string[],
): ReadonlySet<string> {
  if (response === undefined || response === null || response === "") return new Set();
  const everything = new Set(identifiers);
  if (!isFields(response)) return everything;
  const failures = response["batchItemFailures"];
  if (failures === undefined || failures === null) return new Set();
  if (!Array.isArray(failures)) return everything;
  const failed = new Set<string>();
  for (const failure of failures) {
    const identifier: unknown = isFields(failure) ? failure["itemIdentifier"] : undefined;
    if (typeof identifier !== "string" || !everything.has(identifier)) return everything;
    failed.add(identifier);
  }
  return failed;
}
