import { describe, expect, it } from "vitest";
import {
  categoryRules,
  failureOfAnswer,
  failureOfRow,
  rateLimitRules,
  statusRules,
  validationRules,
  writeFailureOf,
} from "#shared/connectors/hubspot/errors.ts";
import { SyncError } from "#shared/domain/sync-error.ts";

const NOW_MS = Date.parse("2026-11-22T21:00:00Z");

function anAnswer(status: number, body: unknown = "", headers: Record<string, string> = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, headers: new Headers(headers), text };
}

function failureOf(status: number, body?: unknown, headers?: Record<string, string>) {
  return failureOfAnswer(anAnswer(status, body, headers), NOW_MS);
}

describe("a failed call", () => {
  it.each([
    [400, "", "rejected", "remote-refused"],
    [401, "", "reauthorise", "token-refused"],
    [401, { category: "INVALID_AUTHENTICATION" }, "reauthorise", "token-refused"],
    [401, { category: "EXPIRED_AUTHENTICATION" }, "reauthorise", "token-refused"],
    [403, "", "reauthorise", "access-denied"],
    [403, { category: "MISSING_SCOPES" }, "reauthorise", "scope-missing"],
    [404, { message: "resource not found" }, "rejected", "remote-path-unknown"],
    [404, { category: "OBJECT_NOT_FOUND" }, "rejected", "record-gone"],
    [409, "", "rejected", "unique-value-taken"],
    [409, { category: "CONFLICT" }, "rejected", "unique-value-taken"],
    [409, { category: "OBJECT_ALREADY_EXISTS" }, "rejected", "unique-value-taken"],
    [423, "", "retryable", "remote-locked"],
    [429, "", "rate-limited", "rate-limited"],
    [477, "", "retryable", "account-moving"],
    [408, "", "retryable", "remote-unavailable"],
    [500, { category: "VALIDATION_ERROR" }, "retryable", "remote-unavailable"],
    [502, "<html></html>", "retryable", "remote-unavailable"],
    [503, "", "retryable", "remote-unavailable"],
    [504, "", "retryable", "remote-unavailable"],
    [521, "", "retryable", "remote-unavailable"],
    [526, "", "retryable", "remote-unavailable"],
    [302, "", "retryable", "remote-unavailable"],
    [418, "", "retryable", "remote-error-unknown"],
    [400, { category: "VALIDATION_ERROR" }, "rejected", "remote-refused"],
  ] as const)("%i %j is %s %s", (status, body, kind, code) => {
    expect(failureOf(status, body)).toMatchObject({ kind, code });
  });

  it.each([
    ["TEN_SECONDLY_ROLLING", "rate-limited", 10_000],
    ["SECONDLY", "rate-limited", 1_000],
    ["DAILY", "daily-quota-used", 3 * 3_600_000],
  ])("429 of the policy %s is %s for %i ms", (policyName, code, retryAfterMs) => {
    expect(failureOf(429, { errorType: "RATE_LIMIT", policyName })).toEqual({
      kind: "rate-limited",
      code,
      retryAfterMs,
    });
  });

  it("waits as long as the answer asks for", () => {
    expect(failureOf(477, "", { "retry-after": "30" }).retryAfterMs).toBe(30_000);
    expect(failureOf(423).retryAfterMs).toBe(2_000);
  });

  it("knows the refusal of a key property that is not there", () => {
    const message = "Unable to perform update/upsert by non-unique 0-2 property: record_id";

    expect(failureOf(400, { category: "VALIDATION_ERROR", message })).toMatchObject({
      code: "property-missing",
      field: "record_id",
    });
    const other = { category: "VALIDATION_ERROR", message: `${message} and more` };
    expect(failureOf(400, other).code).toBe("remote-refused");
  });

  it("names the code and the property of a validation error", () => {
    const body = {
      category: "VALIDATION_ERROR",
      message: "Property values were not valid",
      errors: [{ code: "PROPERTY_DOESNT_EXIST", context: { propertyName: ["foo"] } }],
    };
    expect(failureOf(400, body)).toMatchObject({ code: "property-missing", field: "foo" });
  });
});

describe("a failed row", () => {
  it.each([
    ["PROPERTY_DOESNT_EXIST", "property-missing"],
    ["CONFLICTING_UNIQUE_VALUE", "unique-value-taken"],
    ["READ_ONLY_VALUE", "property-read-only"],
    ["VALUE_TOO_LONG", "field-too-long"],
    ["LEADING_TRAILING_WHITESPACE", "value-not-allowed"],
    ["INVALID_INTEGER", "value-not-allowed"],
    ["INVALID_OPTION", "value-not-allowed"],
    ["INVALID_DATE", "value-not-allowed"],
  ])("finds %s in the message, where rows carry it: %s", (error, code) => {
    const list = JSON.stringify([{ isValid: false, error, name: "tieout_email" }]);
    const row = {
      category: "VALIDATION_ERROR",
      message: `Property values were not valid: ${list}`,
    };
    expect(failureOfRow(row)).toMatchObject({ kind: "rejected", code, field: "tieout_email" });
  });

  it("knows a unique clash by its text, which is all such a row has", () => {
    const message =
      "Cannot set PropertyValueCoordinates{portalId=1, objectTypeId=ObjectTypeId{legacyObjectType=COMPANY}, propertyName=record_id, value=customer-1} on 7. 5 already has that value.";
    expect(failureOfRow({ category: "VALIDATION_ERROR", message })).toMatchObject({
      kind: "rejected",
      code: "unique-value-taken",
      field: "record_id",
    });
  });

  it("is uncertain where nothing of it is known", () => {
    expect(failureOfRow({ category: "INTERNAL_ERROR" })).toEqual({
      kind: "uncertain",
      code: "remote-error-unknown",
    });
  });
});

describe("a failed write", () => {
  it.each([
    [423, "retryable"],
    [477, "retryable"],
    [429, "rate-limited"],
    [401, "reauthorise"],
    [400, "rejected"],
    [500, "uncertain"],
    [418, "uncertain"],
  ])("%i is %s", (status, kind) => {
    expect(writeFailureOf(new SyncError(failureOf(status))).kind).toBe(kind);
  });

  it("rethrows what is no failure of a remote", () => {
    expect(() => writeFailureOf(new RangeError("a bug of ours"))).toThrow(RangeError);
  });
});

it("has a fix wherever a person must act", () => {
  const rules = [validationRules, categoryRules, rateLimitRules, statusRules].flatMap((table) =>
    Object.values(table),
  );
  const silent = rules.filter(({ kind, fix }) => {
    return (kind === "rejected" || kind === "reauthorise") && (fix === undefined || fix === "");
  });
  expect(rules.length).toBeGreaterThan(15);
  expect(silent).toEqual([]);
});
