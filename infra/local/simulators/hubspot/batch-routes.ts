/**
 * `/crm/v3/objects/{type}/batch/...`, 100 inputs at most. Where every input carries a trace id of
 * its own, each row stands for itself and a bad one is an entry in a 207; otherwise one bad row
 * refuses the whole batch (developers.hubspot.com error handling, read 2026-11).
 */
import * as z from "zod";
import type { Route, SimRequest, SimResponse } from "../simulator-core.ts";
import type { Crm } from "./crm.ts";
import { HubspotFailure, invalid, missingRows, type RowError, toRowError } from "./errors.ts";
import type { ObjectKind } from "./object-types.ts";
import {
  inlineAssociationsSchema,
  kindOf,
  linkAll,
  type PlannedLink,
  planLinks,
  renderWritten,
} from "./objects-routes.ts";
import { type ChangeSource, isLive, type StoredRecord } from "./records.ts";
import { givenPropertiesSchema, json, readBody, renderRecord, route, toIso } from "./wire.ts";
import type { CheckedWrite, Claims } from "./write-checks.ts";

const INPUTS_MAX = 100;
const BATCH = "/crm/v3/objects/{type}/batch";

const writeInputSchema = z.object({
  id: z.string().optional(),
  idProperty: z.string().optional(),
  objectWriteTraceId: z.string().optional(),
  properties: givenPropertiesSchema,
  associations: inlineAssociationsSchema,
});
type WriteInput = z.infer<typeof writeInputSchema>;

const writeSchema = z.object({ inputs: z.array(writeInputSchema) });
const readSchema = z.object({
  inputs: z.array(z.object({ id: z.string() })),
  idProperty: z.string().optional(),
  properties: z.array(z.string()).optional(),
  propertiesWithHistory: z.array(z.string()).optional(),
});
const archiveSchema = z.object({ inputs: z.array(z.object({ id: z.string() })) });

type WriteMode = "create" | "update" | "upsert";

interface CheckedRow {
  readonly write: CheckedWrite;
  readonly links: readonly PlannedLink[];
}

type RowOutcome =
  | { readonly kind: "written"; readonly result: Readonly<Record<string, unknown>> }
  | { readonly kind: "failed"; readonly error: RowError }
  | { readonly kind: "missing"; readonly id: string };

export function batchRoutes(crm: Crm, source: ChangeSource): Route[] {
  return [
    route("POST", `${BATCH}/read`, (request) => read(crm, request)),
    route("POST", `${BATCH}/archive`, (request) => {
      const kind = kindOf(request);
      const { inputs } = readBody(request, archiveSchema);
      checkInputs(inputs);
      for (const { id } of inputs) {
        const record = crm.parts.store.findLive(kind, id);
        if (record !== undefined) crm.archive(record, source);
      }
      return { status: 204 };
    }),
    ...(["create", "update", "upsert"] as const).map((mode) =>
      route("POST", `${BATCH}/${mode}`, (request) => writeAll(crm, request, mode, source)),
    ),
  ];
}

function read(crm: Crm, request: SimRequest): SimResponse {
  const kind = kindOf(request);
  const { inputs, idProperty, properties, propertiesWithHistory } = readBody(request, readSchema);
  checkInputs(inputs);
  const { store, catalog, portalId, now } = crm.parts;
  const startedAt = toIso(now());
  const wantsArchived = request.query.get("archived") === "true";
  const found: StoredRecord[] = [];
  const missing: string[] = [];
  for (const { id } of inputs) {
    const record = store.find(kind, id, idProperty);
    if (record === undefined || isLive(record) === wantsArchived) missing.push(id);
    else if (!found.includes(record)) found.push(record);
  }
  const view = {
    portalId,
    properties: properties ?? [],
    propertiesWithHistory: propertiesWithHistory ?? [],
  };
  const isKnown = (name: string) => catalog.find(kind.type, name) !== undefined;
  const results = found.map((record) => renderRecord(record, view, isKnown));
  return batchAnswer(crm, 200, startedAt, results, missingRows(kind, missing));
}

function writeAll(
  crm: Crm,
  request: SimRequest,
  mode: WriteMode,
  source: ChangeSource,
): SimResponse {
  const kind = kindOf(request);
  const { inputs } = readBody(request, writeSchema);
  checkInputs(inputs, mode);
  const startedAt = toIso(crm.parts.now());
  const claims: Claims = new Map();
  const outcomes = isPerRow(inputs)
    ? inputs.map((input) => writeRow(crm, kind, mode, input, source))
    : inputs
        .map((input) => checkRow(crm, kind, mode, input, claims))
        .map((row) => (typeof row === "string" ? missed(row) : commitRow(crm, row, mode, source)));
  const results = outcomes.flatMap((outcome, index) => {
    if (outcome.kind !== "written") return [];
    const objectWriteTraceId = inputs[index]?.objectWriteTraceId;
    if (objectWriteTraceId === undefined) return [outcome.result];
    return [{ ...outcome.result, objectWriteTraceId }];
  });
  const missing = outcomes.flatMap((outcome) => (outcome.kind === "missing" ? [outcome.id] : []));
  const failed = outcomes.flatMap((outcome) => (outcome.kind === "failed" ? [outcome.error] : []));
  const errors = [...failed, ...missingRows(kind, missing)];
  return batchAnswer(crm, mode === "create" ? 201 : 200, startedAt, results, errors);
}

/** Upserts by e-mail cannot succeed in part, trace ids or not. */
function isPerRow(inputs: readonly WriteInput[]): boolean {
  const traceIds = inputs.map((input) => input.objectWriteTraceId);
  if (traceIds.some((traceId) => traceId === undefined)) return false;
  return !inputs.some((input) => input.idProperty === "email");
}

function writeRow(
  crm: Crm,
  kind: ObjectKind,
  mode: WriteMode,
  input: WriteInput,
  source: ChangeSource,
): RowOutcome {
  try {
    const row = checkRow(crm, kind, mode, input, new Map());
    return typeof row === "string" ? missed(row) : commitRow(crm, row, mode, source);
  } catch (cause) {
    if (!(cause instanceof HubspotFailure)) throw cause;
    return { kind: "failed", error: toRowError(cause, input.objectWriteTraceId ?? "") };
  }
}

/** The row checked, or the id that led to no record. */
function checkRow(
  crm: Crm,
  kind: ObjectKind,
  mode: WriteMode,
  input: WriteInput,
  claims: Claims,
): CheckedRow | string {
  const { store } = crm.parts;
  refusePlanned(crm, kind, input);
  if (mode === "create") {
    const links = planLinks(crm, kind, input.associations);
    return { write: store.check(kind, undefined, input.properties, claims), links };
  }
  const { id = "", idProperty } = input;
  const target = store.findLive(kind, id, idProperty);
  const isKey = idProperty !== undefined && idProperty !== "hs_object_id";
  if (target === undefined && (mode === "update" || !isKey)) return id;
  const key = isKey && mode === "upsert" ? { [idProperty]: id } : {};
  const properties = { ...key, ...input.properties };
  return { write: store.check(kind, target, properties, claims), links: [] };
}

/** Throws the refusal that was planned for a row by its id or by one of its unique values. */
function refusePlanned(crm: Crm, kind: ObjectKind, { id, properties }: WriteInput): void {
  const uniqueValues = Object.entries(properties)
    .filter(([name]) => crm.parts.catalog.find(kind.type, name)?.hasUniqueValue === true)
    .map(([, value]) => String(value));
  const refusal = crm.parts.rowFaults.take(id === undefined ? uniqueValues : [id, ...uniqueValues]);
  if (refusal !== undefined) throw new HubspotFailure(refusal);
}

function commitRow(crm: Crm, row: CheckedRow, mode: WriteMode, source: ChangeSource): RowOutcome {
  const isNew = row.write.target === undefined;
  const record = crm.write(row.write, source);
  linkAll(crm, record, row.links, source);
  const written = isNew ? undefined : Object.keys(row.write.values);
  const result = renderWritten(crm, record, written);
  return { kind: "written", result: mode === "upsert" ? { ...result, new: isNew } : result };
}

function missed(id: string): RowOutcome {
  return { kind: "missing", id };
}

function checkInputs(
  inputs: readonly {
    readonly id?: string | undefined;
    readonly objectWriteTraceId?: string | undefined;
  }[],
  mode?: WriteMode,
): void {
  if (inputs.length === 0) throw invalid("Invalid input JSON: inputs must not be empty");
  if (inputs.length > INPUTS_MAX) {
    throw invalid(
      `The maximum number of inputs supported in a batch request is ${INPUTS_MAX}. This request contains ${inputs.length} inputs.`,
    );
  }
  if (mode !== "create")
    checkDistinct(
      "IDs",
      inputs.map((input) => input.id ?? ""),
    );
  const traceIds = inputs.flatMap(({ objectWriteTraceId }) => objectWriteTraceId ?? []);
  checkDistinct("objectWriteTraceIds", traceIds);
}

function checkDistinct(what: string, values: readonly string[]): void {
  const repeated = values.filter((value, index) => values.indexOf(value) !== index);
  if (repeated.length === 0) return;
  const ids = [...new Set(repeated)];
  throw invalid(
    `Duplicate ${what} found in batch input: [${ids.join(", ")}]. ${what} must be unique`,
    { context: { ids } },
  );
}

function batchAnswer(
  crm: Crm,
  status: number,
  startedAt: string,
  results: readonly unknown[],
  errors: readonly RowError[],
): SimResponse {
  const completedAt = toIso(crm.parts.now());
  const times = { startedAt, completedAt };
  if (errors.length === 0) return json(status, { status: "COMPLETE", results, ...times });
  const numErrors = errors.length;
  return json(207, { status: "COMPLETE", results, numErrors, errors, ...times });
}
