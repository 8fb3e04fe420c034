/**
 * What HubSpot's errors mean to us, as tables (developers.hubspot.com, error handling and usage
 * limits, read 2026-11). A validation error's code is the most exact, then the category, then the
 * status.
 */
import * as z from "zod";
import { parseExact } from "#shared/domain/json.ts";
import { type Failure, SyncError } from "#shared/domain/sync-error.ts";
import { asWriteFailure, type HttpResponse, retryAfterMs } from "../transport.ts";
import { contextTexts, type RemoteError, remoteError } from "./schema.ts";

const DAY_MS = 86_400_000;

const uniqueValueTaken: Failure = {
  kind: "rejected",
  code: "unique-value-taken",
  fix: "Another HubSpot record has this unique value: merge the two, or clear it on the wrong one; then retry.",
};

const tokenRefused: Failure = {
  kind: "reauthorise",
  code: "token-refused",
  fix: "Put a valid private app token in the connection's settings.",
};

const refused: Failure = {
  kind: "rejected",
  code: "remote-refused",
  fix: "Correct the value HubSpot refuses, then retry.",
};

const rateLimited: Failure = {
  kind: "rate-limited",
  code: "rate-limited",
  retryAfterMs: 10_000,
};

const unavailable: Failure = { kind: "retryable", code: "remote-unavailable" };
const unknown: Failure = { kind: "retryable", code: "remote-error-unknown" };

/** Codes of `errors[].code`, and of the list inside the message; a `*` stands for any ending. */
export const validationRules: Readonly<Record<string, Failure>> = {
  PROPERTY_DOESNT_EXIST: {
    kind: "rejected",
    code: "property-missing",
    fix: "Restore the property in HubSpot (Settings, Properties, Archived), then retry.",
  },
  CONFLICTING_UNIQUE_VALUE: uniqueValueTaken,
  READ_ONLY_VALUE: {
    kind: "rejected",
    code: "property-read-only",
    fix: "Make the property editable for the private app in HubSpot, then retry.",
  },
  VALUE_TOO_LONG: {
    kind: "rejected",
    code: "field-too-long",
    fix: "Shorten the text, then retry.",
  },
  LEADING_TRAILING_WHITESPACE: {
    kind: "rejected",
    code: "value-not-allowed",
    fix: "Remove the blanks around the value, then retry.",
  },
  "INVALID_*": {
    kind: "rejected",
    code: "value-not-allowed",
    fix: "Allow the value in HubSpot (for a currency: enable it for the account) or correct it, then retry.",
  },
};

export const categoryRules: Readonly<Record<string, Failure>> = {
  INVALID_AUTHENTICATION: tokenRefused,
  EXPIRED_AUTHENTICATION: tokenRefused,
  MISSING_SCOPES: {
    kind: "reauthorise",
    code: "scope-missing",
    fix: "Add the scopes listed in the connector's README to the private app in HubSpot.",
  },
  OBJECT_NOT_FOUND: {
    kind: "rejected",
    code: "record-gone",
    fix: "The record was deleted in HubSpot: restore it there, or unlink it.",
  },
  CONFLICT: uniqueValueTaken,
  OBJECT_ALREADY_EXISTS: uniqueValueTaken,
  VALIDATION_ERROR: refused,
};

export const rateLimitRules: Readonly<Record<string, Failure>> = {
  DAILY: { kind: "rate-limited", code: "daily-quota-used" },
  TEN_SECONDLY_ROLLING: rateLimited,
  SECONDLY: { ...rateLimited, retryAfterMs: 1_000 },
};

export const statusRules: Readonly<Record<number, Failure>> = {
  400: refused,
  401: tokenRefused,
  403: {
    kind: "reauthorise",
    code: "access-denied",
    fix: "Give the private app access to this account and its records in HubSpot.",
  },
  404: {
    kind: "rejected",
    code: "remote-path-unknown",
    fix: "Check the connection's baseUrl.",
  },
  409: uniqueValueTaken,
  423: { kind: "retryable", code: "remote-locked", retryAfterMs: 2_000 },
  477: { kind: "retryable", code: "account-moving", retryAfterMs: 60_000 },
};

/** Answers after which nothing was done, so that a write may simply be sent again. */
const withoutEffect: ReadonlySet<string> = new Set(["remote-locked", "account-moving"]);

/** The failure that an answer other than 2xx stands for, as a read sees it. */
export function failureOfAnswer(response: HttpResponse, nowMs: number): Failure {
  const error = readError(response.text);
  const wait = retryAfterMs(response.headers, nowMs);
  const failure = chooseFailure(response.status, error, nowMs);
  return wait === undefined ? failure : { ...failure, retryAfterMs: wait };
}

/** The failure of one row of a batch that had an answer as a whole. */
export function failureOfRow(error: RemoteError): Failure {
  return refusalOf(error) ?? asWriteFailure(unknown);
}

/** A failed call as a write sees it: `uncertain` wherever it may have taken effect. */
export function writeFailureOf(cause: unknown): Failure {
  if (!(cause instanceof SyncError)) throw cause;
  return withoutEffect.has(cause.failure.code) ? cause.failure : asWriteFailure(cause.failure);
}

/** Whether a refused batch may hold one bad row among good ones, so that halves are worth a call. */
export function isWorthSplitting(failure: Failure): boolean {
  const isShared = failure.code === "remote-path-unknown" || failure.code === "property-missing";
  return failure.kind === "rejected" && !isShared;
}

function chooseFailure(status: number, error: RemoteError, nowMs: number): Failure {
  if (status === 429) {
    const failure = own(rateLimitRules, error.policyName ?? "") ?? rateLimited;
    if (failure.code !== "daily-quota-used") return failure;
    return { ...failure, retryAfterMs: DAY_MS - (nowMs % DAY_MS) };
  }
  if (status < 400 || status >= 500 || status === 408) return unavailable;
  return refusalOf(error) ?? statusRules[status] ?? unknown;
}

function refusalOf(error: RemoteError): Failure | undefined {
  for (const { code, field } of validationCodesOf(error)) {
    const rule = own(validationRules, code) ?? own(validationRules, `${code.split("_", 1)[0]}_*`);
    if (rule !== undefined) return field === undefined ? rule : { ...rule, field };
  }
  const rule = own(categoryRules, error.category ?? "");
  const field = contextTexts(error, "propertyName")[0] ?? contextTexts(error, "properties")[0];
  return rule === undefined || field === undefined ? rule : { ...rule, field };
}

interface ValidationCode {
  readonly code: string;
  readonly field?: string | undefined;
}

/**
 * The codes of a validation error. `errors[]` may be shorter than the list that the message carries
 * as JSON, and a row of a batch has the latter only.
 */
function validationCodesOf(error: RemoteError): ValidationCode[] {
  const listed = (error.errors ?? []).flatMap((entry) =>
    entry.code === undefined
      ? []
      : [{ code: entry.code, field: contextTexts({ ...error, ...entry }, "propertyName")[0] }],
  );
  return [...listed, ...codesInMessage(error.message ?? "")];
}

/** A unique clash in a row of a batch has neither code nor category of its own, only this text. */
const UNIQUE_CLASH =
  /^Cannot set PropertyValueCoordinates\{.*?propertyName=([a-z0-9_]{1,100})[,}].*already has that value/s;

const messageList = z.array(z.object({ error: z.string(), name: z.string().optional() }));

/** What is said of a property that records were to be found by and that is not there, or not unique. */
const NO_SUCH_KEY =
  /^Unable to perform update\/upsert by non-unique \S+ property: ([a-z0-9_]{1,100})$/;

function codesInMessage(message: string): ValidationCode[] {
  const clash = UNIQUE_CLASH.exec(message);
  if (clash !== null) return [{ code: "CONFLICTING_UNIQUE_VALUE", field: clash[1] }];
  const key = NO_SUCH_KEY.exec(message);
  if (key !== null) return [{ code: "PROPERTY_DOESNT_EXIST", field: key[1] }];
  const start = message.indexOf("[");
  if (start === -1) return [];
  const parsed = messageList.safeParse(readJson(message.slice(start)));
  if (!parsed.success) return [];
  return parsed.data.map((entry) => ({ code: entry.error, field: entry.name }));
}

function readError(text: string): RemoteError {
  const parsed = remoteError.safeParse(readJson(text));
  return parsed.success ? parsed.data : {};
}

/** `undefined` for what is not JSON: a proxy's page says no more than its status does. */
function readJson(text: string): unknown {
  try {
    return parseExact(text);
  } catch (cause) {
    if (cause instanceof SyncError) return undefined;
    throw cause;
  }
}

function own<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
