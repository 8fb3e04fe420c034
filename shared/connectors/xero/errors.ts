/**
 * What Xero's refusals mean: tables from its answer to a kind, a stable code and a fix. Validation
 * errors carry no code of their own, so this is the one place that reads their text; wordings from
 * developer.xero.com (read 2026-11) and from public integrations.
 */
import { type Failure, type FailureKind, SyncError } from "#shared/domain/sync-error.ts";
import { asWriteFailure, type HttpResponse, retryAfterMs } from "../transport.ts";

interface Meaning {
  readonly kind: FailureKind;
  readonly code: string;
  readonly fix?: string;
}

/** First match wins; a document can break several rules at once, and the upper one says more. */
export const validationMeanings: readonly (Meaning & { readonly pattern: RegExp })[] = [
  {
    pattern: /contact name .* is already assigned to another contact/i,
    kind: "rejected",
    code: "name-taken",
    fix: "Rename one of the two customers, or link this one to the Xero contact of that name.",
  },
  {
    pattern: /number .* already (assigned|in use|exists)|invoice ?(#|number) must be unique/i,
    kind: "rejected",
    code: "number-taken",
    fix: "Look in Xero for the record that has this number, and link the two or change the number.",
  },
  {
    pattern: /item with code .* already exists/i,
    kind: "rejected",
    code: "item-code-taken",
    fix: "Link the product to the Xero item that has this code, or change one of the codes.",
  },
  {
    pattern: /lock date/i,
    kind: "rejected",
    code: "period-locked",
    fix: "Date the document after Xero's lock date, or move the lock date in Xero.",
  },
  {
    pattern: /payments? or credit notes? allocated/i,
    kind: "rejected",
    code: "document-paid",
    fix: "Remove the payment or credit note from the invoice in Xero, or correct it by a credit note.",
  },
  {
    pattern: /already been paid off/i,
    kind: "rejected",
    code: "document-paid",
    fix: "Nothing of the invoice is open any more: use the credit for another one, or pay it back.",
  },
  {
    pattern: /not of valid status for modification|the status .* cannot be applied/i,
    kind: "rejected",
    code: "document-not-editable",
    fix: "The document is closed in Xero: correct it there, or by a credit note.",
  },
  {
    pattern: /must be authorised to be|against authorised documents|is not authorised/i,
    kind: "rejected",
    code: "document-not-approved",
    fix: "Approve the document in Xero first: only then it can be paid or used for another.",
  },
  {
    pattern: /cannot be allocated as amount is greater/i,
    kind: "rejected",
    code: "over-allocation",
    fix: "Compare in Xero what is left of the credit with what the invoice still owes.",
  },
  {
    pattern: /cannot be allocated to an/i,
    kind: "rejected",
    code: "allocation-unsuitable",
    fix: "Use the credit for a sales invoice of the same contact in the same currency.",
  },
  {
    pattern: /payment amount exceeds|exceeds the amount outstanding/i,
    kind: "rejected",
    code: "over-payment",
    fix: "Compare the payment with what the invoice still owes in Xero.",
  },
  {
    pattern: /account code .* (not a valid|not valid|does not exist)|account must be valid/i,
    kind: "rejected",
    code: "account-code-unknown",
    fix: "Set salesAccountCode of the connection to an active revenue account of Xero.",
  },
  {
    pattern: /tax ?type code .* (does not exist|cannot be used)/i,
    kind: "rejected",
    code: "tax-type-unknown",
    fix: "Correct taxTypes of the connection: Xero has no such TaxType for sales, or not with this account.",
  },
  {
    pattern: /item code .* (is )?(not valid|not a valid|does not exist|could not be found)/i,
    kind: "rejected",
    code: "item-code-unknown",
    fix: "Make an item with this code in Xero, or change the code of the product.",
  },
  {
    pattern: /contact .*\barchived\b|\barchived\b.* contact/i,
    kind: "rejected",
    code: "contact-archived",
    fix: "Restore the contact in Xero, or link the customer to an active one.",
  },
  {
    pattern: /not subscribed to currency/i,
    kind: "rejected",
    code: "currency-not-subscribed",
    fix: "Add the currency in Xero (Settings, Currencies), or change that of the document.",
  },
  {
    pattern: /currency ?rate must be/i,
    kind: "rejected",
    code: "exchange-rate-unsuitable",
    fix: "Correct the exchange rate of the document, or leave it out.",
  },
  {
    pattern: /discounts are not supported/i,
    kind: "rejected",
    code: "discount-not-supported",
    fix: "Give the price after the discount: Xero knows discounts on sales invoices only.",
  },
  {
    pattern: /maximum length|is too long/i,
    kind: "rejected",
    code: "field-too-long",
    fix: "Shorten the text to what Xero holds.",
  },
  {
    pattern: /line total .* does not match/i,
    kind: "rejected",
    code: "line-amount-differs",
    fix: "Check quantity, unit price and discount: Xero works out another amount for the line.",
  },
  {
    pattern: /e-?mail address must be valid|valid e-?mail/i,
    kind: "rejected",
    code: "email-refused",
    fix: "Correct the customer's email address.",
  },
  {
    pattern: /no \w+ was found|could not be found|was not found/i,
    kind: "rejected",
    code: "record-gone",
    fix: "The record is no longer in Xero: link another one, or let it be made anew.",
  },
  {
    pattern: /idempotency key .* different request/i,
    kind: "bug",
    code: "idempotency-key-reused",
  },
];

const unknownValidation: Meaning = {
  kind: "rejected",
  code: "remote-validation",
  fix: "Open the record in Xero and make the change there by hand: Xero shows the rule it breaks.",
};

const unknownRefusal: Meaning = {
  kind: "rejected",
  code: "remote-refused",
  fix: "Check baseUrl of the connection, and Xero's status page, then try again.",
};

const unknownFailure: Meaning = { kind: "retryable", code: "remote-error-unknown" };

/** Statuses that mean the same whatever stands in the answer. */
export const statusMeanings: Readonly<Record<number, Meaning>> = {
  401: {
    kind: "reauthorise",
    code: "token-refused",
    fix: "Renew the token or the client secret of the Xero connection.",
  },
  403: {
    kind: "reauthorise",
    code: "tenant-not-connected",
    fix: "Connect the organisation to the app again in Xero, and check tenantId.",
  },
  404: { kind: "rejected", code: "remote-path-unknown", fix: "Check the connection's baseUrl." },
  408: { kind: "retryable", code: "remote-unavailable" },
  412: { kind: "bug", code: "precondition-refused" },
  501: { kind: "bug", code: "method-not-implemented" },
  503: { kind: "retryable", code: "remote-unavailable" },
};

const unavailable: Meaning = { kind: "retryable", code: "remote-unavailable" };

const missingScope: Meaning = {
  kind: "reauthorise",
  code: "scope-missing",
  fix: "Grant the app the scopes listed in shared/connectors/xero/README.md.",
};

/** `X-Rate-Limit-Problem` by its beginning: real answers write both `day` and `DayLimit`. */
export const quotaMeanings: readonly {
  readonly prefix: string;
  readonly code: string;
  /** Where the answer has no `Retry-After`. */
  readonly waitMs: number;
}[] = [
  { prefix: "appmin", code: "rate-limited", waitMs: 60_000 },
  { prefix: "min", code: "rate-limited", waitMs: 60_000 },
  { prefix: "da", code: "daily-quota-used", waitMs: 3_600_000 },
  { prefix: "concurrent", code: "rate-limited", waitMs: 1_000 },
];

const unknownQuota = { code: "rate-limited", waitMs: 60_000 };

/** The failure that an answer other than 200 stands for. `refusal` is the `Type` of a 400. */
export function failureOf(
  response: HttpResponse,
  during: "read" | "write",
  nowMs: number,
  refusal?: string | undefined,
): Failure {
  const { status, headers } = response;
  if (status === 429) return quotaFailure(headers, nowMs);
  if (status === 400) return bodyFailure(refusal);
  if (status === 401 && /insufficient_scope/i.test(headers.get("www-authenticate") ?? "")) {
    return missingScope;
  }
  const isWrite = during === "write";
  // A refusal without a meaning: a write in it was not done, a read is tried again, with a limit.
  const fallback = isWrite && status >= 400 && status < 500 ? unknownRefusal : unknownFailure;
  const meaning = statusMeanings[status] ?? (status >= 500 ? unavailable : fallback);
  return isWrite ? asWriteFailure(meaning) : meaning;
}

/** The failure of one element or one call by its validation messages. */
export function validationFailure(messages: readonly string[]): Failure {
  for (const { pattern, ...meaning } of validationMeanings) {
    if (messages.some((message) => pattern.test(message))) return meaning;
  }
  return unknownValidation;
}

/** The text of every `ValidationErrors[].Message`, those of nested lines and addresses too. */
export function messagesIn(element: unknown): string[] {
  if (Array.isArray(element)) return element.flatMap(messagesIn);
  if (typeof element !== "object" || element === null) return [];
  return Object.entries(element).flatMap(([key, value]) =>
    key === "ValidationErrors" && Array.isArray(value)
      ? value.flatMap(messageOf)
      : messagesIn(value),
  );
}

/** The failure of a token request; the answer's own text never leaves this function. */
export function tokenFailure(response: HttpResponse, nowMs: number): Failure {
  const { status } = response;
  if (status === 429) return quotaFailure(response.headers, nowMs);
  if (status >= 500 || status === 408) return { kind: "retryable", code: "remote-unavailable" };
  return {
    kind: "reauthorise",
    code: "client-refused",
    fix: "Check clientId, clientSecret and the scopes of the Xero custom connection.",
  };
}

export function unreadableAnswer(cause?: unknown): SyncError {
  return new SyncError({ kind: "retryable", code: "remote-answer-unreadable" }, cause);
}

function messageOf(entry: unknown): string[] {
  if (typeof entry !== "object" || entry === null || !("Message" in entry)) return [];
  return typeof entry.Message === "string" ? [entry.Message] : [];
}

function quotaFailure(headers: Headers, nowMs: number): Failure {
  const problem = (headers.get("x-rate-limit-problem") ?? "").toLowerCase().replace(/[^a-z]/g, "");
  const meaning = quotaMeanings.find(({ prefix }) => problem.startsWith(prefix)) ?? unknownQuota;
  return {
    kind: "rate-limited",
    code: meaning.code,
    retryAfterMs: retryAfterMs(headers, nowMs) ?? meaning.waitMs,
  };
}

/** A 400 is about what was sent: a rule of the books, or a body or query that Xero cannot read. */
function bodyFailure(refusal: string | undefined): Failure {
  if (refusal === undefined || refusal === "ValidationException") return unknownValidation;
  return { kind: "bug", code: "request-malformed" };
}
