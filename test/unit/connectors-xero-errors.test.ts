/** Every row of the tables from Xero's refusals to our failures. */
import { describe, expect, it } from "vitest";
import type { HttpResponse } from "#shared/connectors/transport.ts";
import {
  failureOf,
  messagesIn,
  quotaMeanings,
  statusMeanings,
  tokenFailure,
  validationFailure,
  validationMeanings,
} from "#shared/connectors/xero/errors.ts";

const now = 1_790_816_400_000;

/** Wordings as Xero was seen to write them. */
const validationRows = [
  [
    "The contact name ABC is already assigned to another contact. The contact name must be unique across all active contacts.",
    "name-taken",
  ],
  ["The contact number 7 is already assigned to another contact.", "number-taken"],
  ["Invoice # must be unique.", "number-taken"],
  ["Price List Item with Code 'A' already exists", "item-code-taken"],
  [
    "The document date cannot be before the end of year lock date, currently set at 31-Jul-2013",
    "period-locked",
  ],
  [
    "The document date cannot be before the period lock date, currently set at 30 Jun 2026",
    "period-locked",
  ],
  [
    "This document cannot be edited as it has a payment or credit note allocated to it.",
    "document-paid",
  ],
  [
    "The status DRAFT cannot be applied to the invoice because it has payments or credit notes allocated to it.",
    "document-paid",
  ],
  ["Invoice not of valid status for modification", "document-not-editable"],
  ["Credit note not of valid status for modification", "document-not-editable"],
  ["The invoice you are trying to allocate to has already been paid off", "document-paid"],
  ["The invoice you are trying to allocate to is not Authorised", "document-not-approved"],
  ["Credit Note must be Authorised to be allocated", "document-not-approved"],
  ["Payments can only be made against Authorised documents", "document-not-approved"],
  [
    "Credit Note cannot be allocated as amount is greater than amount outstanding",
    "over-allocation",
  ],
  ["Overpayment cannot be allocated to an incorrect invoice type", "allocation-unsuitable"],
  ["Prepayment cannot be allocated to an invoice in another currency", "allocation-unsuitable"],
  ["Payment amount exceeds the amount outstanding on this document", "over-payment"],
  [
    "The TaxType code 'OUTPUT9' does not exist or cannot be used for this type of transaction.",
    "tax-type-unknown",
  ],
  ["The TaxType code 'INPUT' cannot be used with account code '200'.", "tax-type-unknown"],
  ["CurrencyRate must be positive", "exchange-rate-unsuitable"],
  ["Discounts are not supported on credit notes", "discount-not-supported"],
  ["Account code '999' is not a valid code for this document.", "account-code-unknown"],
  ["Account must be valid.", "account-code-unknown"],
  ["Item code 'A' is not valid", "item-code-unknown"],
  ["The contact ABC is archived and cannot be used on a document.", "contact-archived"],
  ["Organisation is not subscribed to currency SEK", "currency-not-subscribed"],
  ["The field Name must be a string with a maximum length of 255.", "field-too-long"],
  ["The line total 10.00 does not match the expected line total 9.99", "line-amount-differs"],
  ["Email address must be valid.", "email-refused"],
  ["No contact was found for ContactID 1", "record-gone"],
  ["Invoice could not be found", "record-gone"],
  ["Idempotency Key k2 is used with a different request.", "idempotency-key-reused"],
  ["A rule nobody has written down.", "remote-validation"],
] as const;

describe("a validation message", () => {
  it.each(validationRows)("%s", (message, code) => {
    expect(validationFailure([message]).code).toBe(code);
  });

  it("has a row here for every row of the table", () => {
    const codes = new Set<string>(validationRows.map(([, code]) => code));
    expect(validationMeanings.filter(({ code }) => !codes.has(code))).toEqual([]);
  });

  it("says what to do wherever a person must act", () => {
    const failures = validationRows.map(([message]) => validationFailure([message]));
    const silent = failures.filter(({ kind, fix }) => kind === "rejected" && fix === undefined);
    expect(silent).toEqual([]);
  });

  it("that says most is chosen, whatever the order, and none of its text is kept", () => {
    const messages = [
      "Invoice not of valid status for modification",
      "This document cannot be edited as it has a payment or credit note allocated to it.",
    ];
    expect(validationFailure(messages).code).toBe("document-paid");
    expect(JSON.stringify(validationFailure(["Secret of ABC Limited"]))).not.toContain("ABC");
  });

  it("is found on the element, its lines and its contact", () => {
    const element = {
      ValidationErrors: [{ Message: "one" }, { Other: 1 }, null],
      LineItems: [{ ValidationErrors: [{ Message: "two" }] }],
      Contact: { Addresses: [{ ValidationErrors: [{ Message: "three" }] }] },
      Message: "not this",
    };
    expect(messagesIn(element)).toEqual(["one", "two", "three"]);
  });
});

describe("a status", () => {
  it.each([
    [401, "reauthorise", "token-refused", "reauthorise"],
    [403, "reauthorise", "tenant-not-connected", "reauthorise"],
    [404, "rejected", "remote-path-unknown", "rejected"],
    [408, "retryable", "remote-unavailable", "uncertain"],
    [412, "bug", "precondition-refused", "bug"],
    [501, "bug", "method-not-implemented", "bug"],
    [503, "retryable", "remote-unavailable", "uncertain"],
    [500, "retryable", "remote-unavailable", "uncertain"],
    [302, "retryable", "remote-error-unknown", "uncertain"],
  ])("%i is %s (%s) on a read and %s on a write", (status, onRead, code, onWrite) => {
    expect(failureOf(response(status), "read", now)).toMatchObject({ kind: onRead, code });
    expect(failureOf(response(status), "write", now)).toMatchObject({ kind: onWrite, code });
  });

  it("has a row here for every row of the table", () => {
    expect(Object.keys(statusMeanings)).toEqual(["401", "403", "404", "408", "412", "501", "503"]);
  });

  it("nobody knows is tried again on a read, and refuses a write", () => {
    expect(failureOf(response(418), "read", now)).toMatchObject({
      kind: "retryable",
      code: "remote-error-unknown",
    });
    expect(failureOf(response(418), "write", now)).toMatchObject({
      kind: "rejected",
      code: "remote-refused",
    });
  });

  it("401 for want of a scope says so", () => {
    const answer = response(401, { "www-authenticate": "insufficient_scope" });
    expect(failureOf(answer, "read", now)).toMatchObject({
      kind: "reauthorise",
      code: "scope-missing",
    });
  });

  it.each([
    ["ValidationException", "rejected", "remote-validation"],
    ["PostDataInvalidException", "bug", "request-malformed"],
    ["QueryParseException", "bug", "request-malformed"],
    [undefined, "rejected", "remote-validation"],
  ])("400 of type %s is %s (%s)", (type, kind, code) => {
    expect(failureOf(response(400), "write", now, type)).toMatchObject({ kind, code });
  });
});

describe("429", () => {
  it.each([
    ["minute", "rate-limited", 60_000],
    ["day", "daily-quota-used", 3_600_000],
    ["DayLimit", "daily-quota-used", 3_600_000],
    ["daily", "daily-quota-used", 3_600_000],
    ["concurrent", "rate-limited", 1_000],
    ["appminute", "rate-limited", 60_000],
    ["App-Minute", "rate-limited", 60_000],
    ["something new", "rate-limited", 60_000],
  ])("for %s is %s, and waits %i ms where Xero says nothing", (problem, code, retryAfterMs) => {
    const answer = response(429, { "x-rate-limit-problem": problem });
    expect(failureOf(answer, "write", now)).toEqual({ kind: "rate-limited", code, retryAfterMs });
  });

  it("waits as long as Xero says", () => {
    const headers = { "x-rate-limit-problem": "day", "retry-after": "61234" };
    expect(failureOf(response(429, headers), "read", now).retryAfterMs).toBe(61_234_000);
    expect(quotaMeanings).toHaveLength(4);
  });
});

describe("a token request", () => {
  it.each([
    [400, "reauthorise", "client-refused"],
    [401, "reauthorise", "client-refused"],
    [408, "retryable", "remote-unavailable"],
    [429, "rate-limited", "rate-limited"],
    [503, "retryable", "remote-unavailable"],
  ])("answered with %i is %s (%s)", (status, kind, code) => {
    expect(tokenFailure(response(status), now)).toMatchObject({ kind, code });
  });
});

function response(status: number, headers: Record<string, string> = {}): HttpResponse {
  return { status, headers: new Headers(headers), text: "" };
}
