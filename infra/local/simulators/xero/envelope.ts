/**
 * The shapes of Xero's answers: the envelope of every accounting answer, the error families, and
 * writes of many elements with or without `summarizeErrors`.
 */
import { type RandomSource, uuidFrom } from "../random-source.ts";
import type { SimRequest, SimResponse } from "../simulator-core.ts";
import { type Element, isElement, MalformedElementError, sentText } from "./element.ts";
import { parseExact } from "./exact-json.ts";
import type { Books } from "./organisation.ts";
import { wireInstantWithoutZone } from "./wire-dates.ts";

export type Wire = Readonly<Record<string, unknown>>;

/** `failed` echoes the element the way Xero does, with the zero GUID where nothing was made. */
export type WriteOutcome =
  | { readonly kind: "written"; readonly view: Wire }
  | { readonly kind: "refused"; readonly messages: readonly string[]; readonly echo: Wire };

export interface Pagination {
  readonly page: number;
  readonly pageSize: number;
  readonly pageCount: number;
  readonly itemCount: number;
}

export const ZERO_GUID = "00000000-0000-0000-0000-000000000000";
const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };
const TEXT_TYPE = { "content-type": "text/plain; charset=utf-8" };

/** A query parameter, whose name Xero reads without regard to case. */
export function queryOf(request: SimRequest, name: string): string | undefined {
  for (const [key, value] of request.query) {
    if (key.toLowerCase() === name.toLowerCase()) return value;
  }
  return undefined;
}

export function json(status: number, body: unknown): SimResponse {
  return { status, headers: JSON_TYPE, body: JSON.stringify(body) };
}

function plainText(status: number, body: string): SimResponse {
  return { status, headers: TEXT_TYPE, body };
}

export function answerRecords(
  { random, store }: Books,
  plural: string,
  views: readonly Wire[],
  pagination?: Pagination,
): SimResponse {
  return json(200, {
    Id: uuidFrom(random),
    Status: "OK",
    ProviderName: "Tieout Simulator",
    DateTimeUTC: wireInstantWithoutZone(store.now),
    ...(pagination === undefined ? {} : { pagination }),
    [plural]: views,
  });
}

export function notFound(): SimResponse {
  return plainText(404, "The resource you're looking for cannot be found");
}

export function notImplemented(): SimResponse {
  return plainText(501, "The method you have called has not been implemented");
}

function validationFailure(elements: readonly Wire[]): SimResponse {
  return json(400, {
    ErrorNumber: 10,
    Type: "ValidationException",
    Message: "A validation exception occurred",
    Elements: elements,
  });
}

export function refuseWith(message: string): SimResponse {
  return validationFailure([{ ValidationErrors: [{ Message: message }] }]);
}

export function invalidPostData(reason: string): SimResponse {
  return json(400, { ErrorNumber: 17, Type: "PostDataInvalidException", Message: reason });
}

export function invalidQuery(reason: string): SimResponse {
  return json(400, { ErrorNumber: 16, Type: "QueryParseException", Message: reason });
}

/** The gateway's own shape of 401 and 403. */
export function problem(status: 401 | 403, detail: string, random: RandomSource): SimResponse {
  return json(status, {
    Type: null,
    Title: status === 401 ? "Unauthorized" : "Forbidden",
    Status: status,
    Detail: detail,
    Instance: uuidFrom(random),
    Extensions: {},
  });
}

/** The sent elements: `{ "<plural>": [...] }`, a bare list, or one bare element. Throws MalformedElementError. */
function readElements(request: SimRequest, plural: string): readonly Element[] {
  let body: unknown;
  try {
    body = parseExact(request.rawBody.toString("utf8"));
  } catch (cause) {
    throw new MalformedElementError("JSON for post data was invalid", { cause });
  }
  const list = isElement(body) && plural in body ? body[plural] : body;
  const elements: readonly unknown[] = Array.isArray(list) ? list : [list];
  if (elements.length === 0 || !elements.every(isElement)) {
    throw new MalformedElementError(`No ${plural} were found in the post data`);
  }
  return elements;
}

export interface WriteSpec {
  readonly plural: string;
  readonly idField: string;
  readonly errorFlag: "HasErrors" | "HasValidationErrors" | undefined;
  /** Whether the address names one record, so that one element is all it takes. */
  readonly isAddressed: boolean;
}

/**
 * Writes the elements in their order. `summarizeErrors=false`: 200, each element stands alone and
 * says how it went; otherwise one refusal refuses them all and nothing is kept.
 */
export function answerWrites(
  books: Books,
  request: SimRequest,
  { plural, idField, errorFlag, isAddressed }: WriteSpec,
  write: (element: Element) => WriteOutcome,
): SimResponse {
  const { store } = books;
  const elements = readElements(request, plural);
  if (isAddressed && elements.length > 1) {
    return invalidPostData(`Only one of ${plural} can be sent to an address that names one`);
  }
  const isSummarized = queryOf(request, "summarizeErrors")?.toLowerCase() !== "false";
  const outcomes: WriteOutcome[] = [];
  store.transaction(() => {
    for (const element of elements) {
      store.attempt(() => {
        const outcome = plannedRefusal(books, element, idField) ?? write(element);
        outcomes.push(outcome);
        return outcome.kind === "written";
      });
    }
    return !isSummarized || outcomes.every((outcome) => outcome.kind === "written");
  });
  if (!isSummarized) {
    return answerRecords(
      books,
      plural,
      outcomes.map((outcome) =>
        outcome.kind === "written"
          ? { ...outcome.view, StatusAttributeString: "OK" }
          : { ...refusedView(outcome, errorFlag), StatusAttributeString: "ERROR" },
      ),
    );
  }
  const refused = outcomes.filter((outcome) => outcome.kind === "refused");
  if (refused.length > 0) {
    return validationFailure(refused.map((outcome) => refusedView(outcome, errorFlag)));
  }
  return answerRecords(
    books,
    plural,
    outcomes.flatMap((outcome) => (outcome.kind === "written" ? [outcome.view] : [])),
  );
}

/** Names by which an element that is to fail can be told. */
const NAMING_FIELDS = [
  "ContactID",
  "ContactNumber",
  "ItemID",
  "Code",
  "InvoiceID",
  "InvoiceNumber",
  "CreditNoteID",
  "CreditNoteNumber",
  "Reference",
  "PaymentID",
] as const;

/** An element that fails although nothing is wrong with it, where that was planned. */
function plannedRefusal(books: Books, element: Element, idField: string): WriteOutcome | undefined {
  const names = NAMING_FIELDS.map((field) => sentText(element, field) ?? "");
  const messages = books.rowFaults.take(names.filter((name) => name !== ""));
  if (messages === undefined) return undefined;
  return { kind: "refused", messages, echo: { [idField]: ZERO_GUID, ...element } };
}

function refusedView(
  outcome: Extract<WriteOutcome, { readonly kind: "refused" }>,
  errorFlag: string | undefined,
): Wire {
  return {
    ...outcome.echo,
    ...(errorFlag === undefined ? {} : { [errorFlag]: true }),
    ValidationErrors: outcome.messages.map((message) => ({ Message: message })),
  };
}
