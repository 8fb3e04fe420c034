/**
 * HubSpot's calls, one method each, and nothing but the calls: no splitting, no memory, no retry.
 * Paths carry their version as constants (developers.hubspot.com, CRM API reference, read 2026-11).
 */
import type { HubspotSettings } from "#shared/contracts/connections.ts";
import { parseExact } from "#shared/domain/json.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { HttpRequest, HttpResponse, Transport } from "../transport.ts";
import { failureOfAnswer, failureOfRow } from "./errors.ts";
import {
  accountDetails,
  associationReadBatch,
  associationWriteBatch,
  errorBatch,
  objectBatch,
  objectPage,
  parseShape,
  pipelineList,
  propertyList,
  type RemoteError,
  remoteObject,
} from "./schema.ts";

const OBJECTS = "/crm/v3/objects";
const PROPERTIES = "/crm/v3/properties";
const DEAL_PIPELINES = "/crm/v3/pipelines/deals";
const ASSOCIATIONS = "/crm/v4/associations";
const ACCOUNT = "/account-info/v3/details";

const LIST_LIMIT = 100;

export type ObjectType = "companies" | "products" | "deals" | "quotes" | "line_items";
export type WriteAction = "create" | "update" | "upsert";

interface WriteInput {
  /** The record's id, or the value of `idProperty`; absent where a record is made. */
  readonly id?: string | undefined;
  readonly idProperty?: string | undefined;
  readonly objectWriteTraceId: string;
  readonly properties: Readonly<Record<string, string>>;
  /** Only a create takes them. */
  readonly associations?: readonly InlineAssociation[] | undefined;
}

/** What a record is linked with from the moment it is made. */
export interface InlineAssociation {
  readonly toId: string;
  readonly typeIds: readonly number[];
}

interface ObjectSearch {
  readonly filters: readonly (
    | {
        readonly propertyName: string;
        readonly operator: "GTE" | "EQ" | "GT";
        readonly value: string;
      }
    | { readonly propertyName: string; readonly operator: "IN"; readonly values: readonly string[] }
  )[];
  readonly sort: string;
  readonly properties: readonly string[];
  readonly limit: number;
}

interface ObjectSelection {
  readonly ids: readonly string[];
  readonly properties: readonly string[];
  /** A unique property whose values `ids` are, in place of the records' ids. */
  readonly idProperty?: string | undefined;
  /** Reads the recycle bin in place of the live records. */
  readonly isArchived?: boolean | undefined;
}

export interface AssociationInput {
  readonly fromId: string;
  readonly toId: string;
  readonly typeIds: readonly number[];
}

interface PropertyOption {
  readonly value: string;
  readonly label: string;
  readonly hidden: boolean;
}

export interface PropertyDefinition {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly type: "string" | "number" | "date" | "enumeration";
  readonly fieldType: "text" | "textarea" | "number" | "date" | "select";
  readonly hasUniqueValue: boolean;
  /** Of an enumeration: its values and how people read them, in their order. */
  readonly options?: readonly PropertyOption[] | undefined;
}

/** Every method throws SyncError for an answer that is not 2xx or has another shape. */
export class HubspotClient {
  readonly #settings: Pick<HubspotSettings, "baseUrl" | "token">;
  readonly #transport: Transport;
  readonly #now: () => number;

  constructor(
    settings: Pick<HubspotSettings, "baseUrl" | "token">,
    deps: { readonly transport: Transport; readonly now: () => number },
  ) {
    this.#settings = settings;
    this.#transport = deps.transport;
    this.#now = deps.now;
  }

  /** A page of records in the order of their ids: of the live ones, or of the recycle bin. */
  async listObjects(
    type: ObjectType,
    page: {
      readonly properties: readonly string[];
      readonly isArchived: boolean;
      readonly after?: string | undefined;
    },
    signal: AbortSignal,
  ) {
    const archived = String(page.isArchived);
    const query = new URLSearchParams({ limit: String(LIST_LIMIT), archived });
    query.set("properties", page.properties.join(","));
    if (page.after !== undefined) query.set("after", page.after);
    const answer = await this.#call("GET", `${OBJECTS}/${type}?${query}`, signal);
    const { results, paging } = parseShape(objectPage, answer);
    return { objects: results, after: paging?.next?.after };
  }

  /** The first page of a search; the next is a search of its own from where this one ended. */
  async searchObjects(type: ObjectType, search: ObjectSearch, signal: AbortSignal) {
    const answer = await this.#call("POST", `${OBJECTS}/${type}/search`, signal, {
      filterGroups: [{ filters: search.filters }],
      sorts: [{ propertyName: search.sort, direction: "ASCENDING" }],
      properties: search.properties,
      limit: search.limit,
    });
    const { results, paging } = parseShape(objectPage, answer);
    return { objects: results, hasMore: paging?.next !== undefined };
  }

  /** The live record that an id leads to, which may have another id by now; `undefined` for none. */
  async readObject(
    type: ObjectType,
    id: string,
    properties: readonly string[],
    signal: AbortSignal,
  ) {
    const query = new URLSearchParams({ properties: properties.join(",") });
    const path = `${OBJECTS}/${type}/${encodeURIComponent(id)}?${query}`;
    const response = await this.#send("GET", path, signal);
    if (response.status === 404) return undefined;
    return parseShape(remoteObject, this.#readAnswer(response));
  }

  /** The records that are there, in no promised order; up to 100 ids. */
  async readObjects(type: ObjectType, selection: ObjectSelection, signal: AbortSignal) {
    const { ids, properties, idProperty, isArchived } = selection;
    const path = `${OBJECTS}/${type}/batch/read${isArchived === true ? "?archived=true" : ""}`;
    const answer = await this.#call("POST", path, signal, {
      ...(idProperty === undefined ? {} : { idProperty }),
      properties,
      propertiesWithHistory: [],
      inputs: ids.map((id) => ({ id })),
    });
    const batch = parseShape(objectBatch, answer);
    requireReadable(batch.errors);
    return batch.results;
  }

  /** Up to 100 inputs; rows that failed are in `errors`, whatever the status. */
  async writeObjects(
    type: ObjectType,
    action: WriteAction,
    inputs: readonly WriteInput[],
    signal: AbortSignal,
  ) {
    const answer = await this.#call("POST", `${OBJECTS}/${type}/batch/${action}`, signal, {
      inputs: inputs.map(({ associations, ...input }) => ({
        ...input,
        associations: associations?.map(({ toId, typeIds }) => ({
          to: { id: toId },
          types: typesOf(typeIds),
        })),
      })),
    });
    return parseShape(objectBatch, answer);
  }

  /** Up to 100 ids; one that is archived already does no harm. */
  async archiveObjects(type: ObjectType, ids: readonly string[], signal: AbortSignal) {
    const inputs = ids.map((id) => ({ id }));
    const answer = await this.#call("POST", `${OBJECTS}/${type}/batch/archive`, signal, { inputs });
    requireReadable(parseShape(errorBatch, answer).errors);
  }

  /** Up to 1,000 records' associations; a record without any is left out. */
  async readAssociations(
    from: ObjectType,
    to: ObjectType,
    inputs: readonly { readonly id: string; readonly after?: string | undefined }[],
    signal: AbortSignal,
  ) {
    const path = `${ASSOCIATIONS}/${from}/${to}/batch/read`;
    const batch = parseShape(
      associationReadBatch,
      await this.#call("POST", path, signal, { inputs }),
    );
    requireReadable(batch.errors);
    return batch.results;
  }

  /** Up to 2,000 associations of HubSpot's own types; one that exists stays as it is. */
  async createAssociations(
    from: ObjectType,
    to: ObjectType,
    inputs: readonly AssociationInput[],
    signal: AbortSignal,
  ) {
    const path = `${ASSOCIATIONS}/${from}/${to}/batch/create`;
    const answer = await this.#call("POST", path, signal, {
      inputs: inputs.map((input) => ({
        from: { id: input.fromId },
        to: { id: input.toId },
        types: typesOf(input.typeIds),
      })),
    });
    return parseShape(associationWriteBatch, answer);
  }

  /** Takes away every association between up to 100 pairs. */
  async archiveAssociations(
    from: ObjectType,
    to: ObjectType,
    pairs: readonly { readonly fromId: string; readonly toId: string }[],
    signal: AbortSignal,
  ) {
    const answer = await this.#call("POST", `${ASSOCIATIONS}/${from}/${to}/batch/archive`, signal, {
      inputs: pairs.map((pair) => ({ from: { id: pair.fromId }, to: [{ id: pair.toId }] })),
    });
    requireReadable(parseShape(errorBatch, answer).errors);
  }

  async readPipelines(signal: AbortSignal) {
    return parseShape(pipelineList, await this.#call("GET", DEAL_PIPELINES, signal)).results;
  }

  async readAccount(signal: AbortSignal) {
    return parseShape(accountDetails, await this.#call("GET", ACCOUNT, signal));
  }

  /** Those in use, or those that were deleted and can still be restored. */
  async readProperties(type: ObjectType, signal: AbortSignal, isArchived = false) {
    const path = `${PROPERTIES}/${type}${isArchived ? "?archived=true" : ""}`;
    return parseShape(propertyList, await this.#call("GET", path, signal)).results;
  }

  async createPropertyGroup(
    type: ObjectType,
    group: { readonly name: string; readonly label: string },
    signal: AbortSignal,
  ) {
    await this.#call("POST", `${PROPERTIES}/${type}/groups`, signal, {
      ...group,
      displayOrder: -1,
    });
  }

  async createProperties(
    type: ObjectType,
    groupName: string,
    properties: readonly PropertyDefinition[],
    signal: AbortSignal,
  ) {
    const inputs = properties.map((property) => ({ ...property, groupName, formField: false }));
    const path = `${PROPERTIES}/${type}/batch/create`;
    const { errors } = parseShape(errorBatch, await this.#call("POST", path, signal, { inputs }));
    const [error] = errors;
    if (error !== undefined) throw new SyncError(failureOfRow(error));
  }

  async #call(
    method: HttpRequest["method"],
    path: string,
    signal: AbortSignal,
    body?: unknown,
  ): Promise<unknown> {
    return this.#readAnswer(await this.#send(method, path, signal, body));
  }

  #send(
    method: HttpRequest["method"],
    path: string,
    signal: AbortSignal,
    body?: unknown,
  ): Promise<HttpResponse> {
    return this.#transport.send({
      method,
      url: this.#settings.baseUrl + path,
      headers: {
        authorization: `Bearer ${this.#settings.token}`,
        accept: "application/json",
        "content-type": "application/json",
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    });
  }

  #readAnswer(response: HttpResponse): unknown {
    if (response.status < 200 || response.status > 299) {
      throw new SyncError(failureOfAnswer(response, this.#now()));
    }
    return response.text === "" ? {} : parseExact(response.text);
  }
}

function typesOf(typeIds: readonly number[]) {
  return typeIds.map((associationTypeId) => ({
    associationCategory: "HUBSPOT_DEFINED",
    associationTypeId,
  }));
}

/** What is not there is left out of a batch's answer; any other error means the answer is not whole. */
function requireReadable(errors: readonly RemoteError[]): void {
  for (const error of errors) {
    if (error.category === "OBJECT_NOT_FOUND") continue;
    const failure = failureOfRow(error);
    throw new SyncError(failure.kind === "uncertain" ? { ...failure, kind: "retryable" } : failure);
  }
}
