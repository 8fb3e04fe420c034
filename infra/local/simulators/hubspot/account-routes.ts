/** The properties API, pipelines and the account's details. */
import * as z from "zod";
import type { Route, SimRequest } from "../simulator-core.ts";
import type { Crm } from "./crm.ts";
import { HubspotFailure, type RowError, resourceNotFound } from "./errors.ts";
import { ACCOUNT_TIME_ZONE } from "./limits.ts";
import { kindOf } from "./objects-routes.ts";
import { DEAL_PIPELINE_ID, renderDealPipeline } from "./pipelines.ts";
import {
  groupInputSchema,
  type PropertyGroup,
  propertyInputSchema,
  propertyNotFound,
  renderProperty,
} from "./properties.ts";
import { json, readBody, route, toIso } from "./wire.ts";

const PROPERTIES = "/crm/v3/properties/{type}";
const PIPELINES = "/crm/v3/pipelines/{type}";
const MINUTE_MS = 60_000;

export interface Account {
  readonly portalId: number;
  /** ISO 4217; the account's own first. */
  readonly currencies: readonly string[];
}

const propertyBatchSchema = z.object({ inputs: z.array(propertyInputSchema).max(100) });

export function propertyRoutes(crm: Crm): Route[] {
  const { catalog } = crm.parts;
  return [
    route("GET", PROPERTIES, (request) => {
      const { type } = kindOf(request);
      const isArchived = request.query.get("archived") === "true";
      const listed = isArchived ? catalog.archived(type) : catalog.list(type);
      return json(200, {
        results: listed.map((one) => ({ ...renderProperty(one), archived: isArchived })),
      });
    }),
    route("POST", PROPERTIES, (request) => {
      const created = crm.createProperty(kindOf(request), readBody(request, propertyInputSchema));
      return json(201, renderProperty(created));
    }),
    route("GET", `${PROPERTIES}/groups`, (request) => {
      return json(200, { results: catalog.groups(kindOf(request).type).map(renderGroup) });
    }),
    route("POST", `${PROPERTIES}/groups`, (request) => {
      const group = readBody(request, groupInputSchema);
      catalog.createGroup(kindOf(request).type, group);
      crm.parts.changed();
      return json(201, renderGroup(group));
    }),
    route("GET", `${PROPERTIES}/groups/{name}`, (request) => {
      const groups = catalog.groups(kindOf(request).type);
      const group = groups.find(({ name }) => name === request.params["name"]);
      if (group === undefined) throw resourceNotFound();
      return json(200, renderGroup(group));
    }),
    route("POST", `${PROPERTIES}/batch/create`, (request) => createProperties(crm, request)),
    route("GET", `${PROPERTIES}/{name}`, (request) => {
      const name = request.params["name"] ?? "";
      const definition = catalog.find(kindOf(request).type, name);
      if (definition === undefined) throw propertyNotFound(name);
      return json(200, renderProperty(definition));
    }),
    route("DELETE", `${PROPERTIES}/{name}`, (request) => {
      crm.deleteProperty(kindOf(request), request.params["name"] ?? "");
      return { status: 204 };
    }),
  ];
}

/** Each definition stands for itself: those that are refused are entries in a 207. */
function createProperties(crm: Crm, request: SimRequest) {
  const kind = kindOf(request);
  const startedAt = toIso(crm.parts.now());
  const results: unknown[] = [];
  const errors: RowError[] = [];
  for (const input of readBody(request, propertyBatchSchema).inputs) {
    try {
      results.push(renderProperty(crm.createProperty(kind, input)));
    } catch (cause) {
      if (!(cause instanceof HubspotFailure)) throw cause;
      const { category = "VALIDATION_ERROR", message } = cause.fields;
      errors.push({ status: "error", category, message, context: { name: [input.name] } });
    }
  }
  const times = { startedAt, completedAt: toIso(crm.parts.now()) };
  if (errors.length === 0) return json(201, { status: "COMPLETE", results, ...times });
  const numErrors = errors.length;
  return json(207, { status: "COMPLETE", results, numErrors, errors, ...times });
}

function renderGroup({ name, label }: PropertyGroup) {
  return { name, label, displayOrder: -1, archived: false };
}

export function accountRoutes(account: Account, now: () => number): Route[] {
  return [
    route("GET", PIPELINES, (request) => {
      const isDeals = kindOf(request).type === "deals";
      return json(200, { results: isDeals ? [renderDealPipeline()] : [] });
    }),
    route("GET", `${PIPELINES}/{id}`, (request) => {
      const isKnown = kindOf(request).type === "deals" && request.params["id"] === DEAL_PIPELINE_ID;
      if (!isKnown) throw resourceNotFound();
      return json(200, renderDealPipeline());
    }),
    route("GET", "/account-info/v3/details", () => {
      const [companyCurrency, ...additionalCurrencies] = account.currencies;
      const { text, offsetMs } = zoneOffset(now());
      return json(200, {
        portalId: account.portalId,
        accountType: "STANDARD",
        timeZone: ACCOUNT_TIME_ZONE,
        companyCurrency,
        additionalCurrencies,
        utcOffset: text,
        utcOffsetMilliseconds: offsetMs,
        uiDomain: "app.hubspot.com",
        dataHostingLocation: "na1",
      });
    }),
  ];
}

/** The account's distance from UTC at a time, as `-04:00` and in milliseconds. */
function zoneOffset(atMs: number): { text: string; offsetMs: number } {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: ACCOUNT_TIME_ZONE,
    timeZoneName: "longOffset",
  });
  const name = format.formatToParts(atMs).find((part) => part.type === "timeZoneName")?.value;
  const [, sign, hours, minutes] = /^GMT([+-])(\d{2}):(\d{2})$/.exec(name ?? "") ?? [];
  if (sign === undefined) return { text: "+00:00", offsetMs: 0 };
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
  return { text: `${sign}${hours}:${minutes}`, offsetMs: sign === "-" ? -offsetMs : offsetMs };
}
