/**
 * HubSpot's error envelope, for a whole call and for one row of a batch. Texts follow recorded
 * answers where there are any (developers.hubspot.com error handling, read 2026-11).
 */
import { type RandomSource, uuidFrom } from "../random-source.ts";
import type { SimResponse } from "../simulator-core.ts";
import type { ObjectKind } from "./object-types.ts";

export const JSON_HEADERS = { "content-type": "application/json;charset=utf-8" } as const;

interface ErrorDetail {
  readonly message: string;
  readonly code?: string;
  readonly context?: Readonly<Record<string, readonly string[]>>;
}

export interface HubspotFailureFields {
  readonly status: number;
  readonly message: string;
  readonly category?: string;
  readonly subCategory?: string;
  readonly context?: Readonly<Record<string, readonly string[]>>;
  readonly errors?: readonly ErrorDetail[];
}

/** A refusal in HubSpot's words; becomes an answer of its own or a row of a 207. */
export class HubspotFailure extends Error {
  readonly fields: HubspotFailureFields;

  constructor(fields: HubspotFailureFields) {
    super(fields.message);
    this.fields = fields;
  }
}

export interface RowError {
  readonly status: "error";
  readonly category: string;
  readonly subCategory?: string;
  readonly message: string;
  readonly context: Readonly<Record<string, readonly string[]>>;
}

/** Makes the answer of a whole call that is refused. */
export class ErrorAnswers {
  readonly #random: RandomSource;

  constructor(random: RandomSource) {
    this.#random = random;
  }

  ofFailure({ fields }: HubspotFailure): SimResponse {
    const { status, message, category, subCategory, context, errors } = fields;
    return this.make(status, {
      message,
      ...(context === undefined ? {} : { context }),
      ...(errors === undefined ? {} : { errors }),
      ...(category === undefined ? {} : { category }),
      ...(subCategory === undefined ? {} : { subCategory }),
    });
  }

  make(
    status: number,
    fields: { readonly message: string } & Readonly<Record<string, unknown>>,
  ): SimResponse {
    const { message, ...rest } = fields;
    const correlationId = uuidFrom(this.#random);
    const body = { status: "error", message, correlationId, ...rest };
    return { status, headers: JSON_HEADERS, body: JSON.stringify(body) };
  }
}

/** A row's error as batch endpoints list it: mapped back by the trace id its input carried. */
export function toRowError(failure: HubspotFailure, objectWriteTraceId: string): RowError {
  const { category, subCategory, message, context } = failure.fields;
  return {
    status: "error",
    category: category ?? "VALIDATION_ERROR",
    ...(subCategory === undefined ? {} : { subCategory }),
    message,
    context: { objectWriteTraceId: [objectWriteTraceId], ...context },
  };
}

export function invalid(
  message: string,
  more: Omit<HubspotFailureFields, "status" | "message" | "category"> = {},
): HubspotFailure {
  return new HubspotFailure({ status: 400, message, category: "VALIDATION_ERROR", ...more });
}

export function resourceNotFound(): HubspotFailure {
  return new HubspotFailure({ status: 404, message: "resource not found" });
}

/** One row for all ids a batch could not find, as HubSpot groups them. */
export function missingRows(kind: ObjectKind, ids: readonly string[]): RowError[] {
  if (ids.length === 0) return [];
  return [
    {
      status: "error",
      category: "OBJECT_NOT_FOUND",
      message: `Could not get some ${kind.legacyName} objects, they may be deleted or not exist. Check that ids are valid.`,
      context: { ids },
    },
  ];
}

export interface ValidationResult {
  readonly name: string;
  readonly message: string;
  readonly error: string;
}

/** All that is wrong with the values of one write, in the one message HubSpot makes of it. */
export function invalidValues(results: readonly ValidationResult[], portalId: number) {
  const listed = results.map(({ name, message, error }) => ({
    isValid: false,
    message,
    error,
    name,
    localizedErrorMessage: message,
    portalId,
  }));
  return invalid(`Property values were not valid: ${JSON.stringify(listed)}`, {
    errors: results.map(({ name, message, error }) => ({
      message,
      code: error,
      context: { propertyName: [name] },
    })),
  });
}
