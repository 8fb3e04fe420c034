/**
 * The page a person uses in place of HubSpot's own: lists, forms, the recycle bin, merges.
 * `GET /__sim/records/{type}` gives the live records as JSON.
 */
import type { Route, SimRequest, SimResponse } from "../simulator-core.ts";
import type { Crm } from "./crm.ts";
import { HubspotFailure, resourceNotFound } from "./errors.ts";
import { OBJECT_KINDS, OBJECT_TYPES, type ObjectKind, type ObjectType } from "./object-types.ts";
import { kindOf } from "./objects-routes.ts";
import {
  type Markup,
  type RelatedList,
  renderBin,
  renderForm,
  renderList,
  renderPage,
} from "./page.ts";
import { fieldsOf, LIST_COLUMNS, nameOf, RELATED_TYPES } from "./page-fields.ts";
import { currentVersion, isLive, type StoredRecord } from "./records.ts";
import { HubspotUser, MERGEABLE } from "./user.ts";
import { json, route, toIso } from "./wire.ts";

const PAGE_SIZE = 25;
const UI = "/ui/{type}";
/** Names of the record a new one is for, in the form beside the properties. */
const FOR_TYPE = "for-type";
const FOR_ID = "for-id";

export interface SimulatedRecord {
  readonly id: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Ids of associated records by their type. */
  readonly associations: Readonly<Partial<Record<ObjectType, readonly string[]>>>;
}

/** The live records of a type as they are now, in the order of their ids. */
export function liveRecords(crm: Crm, type: ObjectType): readonly SimulatedRecord[] {
  const { store, associations, catalog } = crm.parts;
  return store
    .all(type)
    .filter(isLive)
    .map((record) => {
      const kept = Object.entries(currentVersion(record).properties);
      const known = kept.filter(([name]) => catalog.find(type, name) !== undefined);
      const properties: Readonly<Record<string, string>> = Object.fromEntries(known);
      const linked = OBJECT_TYPES.map((other) => {
        return [other, associations.linked(record.id, other).map(({ id }) => id)] as const;
      }).filter(([, ids]) => ids.length > 0);
      return {
        id: record.id,
        properties,
        createdAt: toIso(record.createdAtMs),
        updatedAt: properties[OBJECT_KINDS[type].modifiedProperty] ?? toIso(record.createdAtMs),
        associations: Object.fromEntries(linked),
      };
    });
}

export function pageRoutes(crm: Crm): Route[] {
  const user = new HubspotUser(crm);
  return [
    route("GET", "/__sim/records/{type}", (request) =>
      json(200, liveRecords(crm, kindOf(request).type)),
    ),
    route("GET", "/", (request) => listPage(crm, request)),
    route("GET", `${UI}/new`, (request) => {
      const { query } = request;
      return formPage(crm, kindOf(request), undefined, {
        [FOR_TYPE]: query.get(FOR_TYPE) ?? "",
        [FOR_ID]: query.get(FOR_ID) ?? "",
      });
    }),
    formRoute(crm, UI, (kind, _record, form) => {
      const { [FOR_TYPE]: forType = "", [FOR_ID]: forId = "", ...properties } = form;
      const filled = Object.entries(properties).filter(([, value]) => value !== "");
      const owner = OBJECT_TYPES.find((type) => type === forType);
      const linkedWith = owner === undefined ? undefined : { type: owner, id: forId };
      const id = user.create(kind.type, Object.fromEntries(filled), linkedWith);
      return `/ui/${kind.type}/${id}`;
    }),
    ...binRoutes(crm, user),
    route("GET", `${UI}/{id}`, (request) => {
      const kind = kindOf(request);
      const record = crm.parts.store.findLive(kind, request.params["id"] ?? "");
      return record === undefined ? gone() : formPage(crm, kind, record, {});
    }),
    formRoute(crm, `${UI}/{id}`, (kind, record, form) => {
      user.edit(kind.type, record?.id ?? "", form);
      return `/ui/${kind.type}/${record?.id ?? ""}`;
    }),
    formRoute(crm, `${UI}/{id}/accept`, (kind, record) => {
      if (kind.type !== "quotes") throw resourceNotFound();
      user.acceptQuote(record?.id ?? "");
      return `/ui/${kind.type}/${record?.id ?? ""}`;
    }),
    formRoute(crm, `${UI}/{id}/archive`, (kind, record) => {
      user.archive(kind.type, record?.id ?? "");
      return `/?type=${kind.type}`;
    }),
    formRoute(crm, `${UI}/{id}/merge`, (kind, record, { with: otherId = "" }) => {
      return `/ui/${kind.type}/${user.merge(kind.type, record?.id ?? "", otherId.trim())}`;
    }),
  ];
}

/** The recycle bin, and the way out of it. */
function binRoutes(crm: Crm, user: HubspotUser): Route[] {
  const act = (path: string, run: (kind: ObjectKind, id: string) => string): Route =>
    route("POST", path, (request) => {
      if (isFromElsewhere(request)) return htmlAnswer(403, "This form was sent from another site.");
      try {
        const location = run(kindOf(request), request.params["id"] ?? "");
        return { status: 303, headers: { location } };
      } catch (cause) {
        if (!(cause instanceof HubspotFailure)) throw cause;
        return htmlAnswer(cause.fields.status, problemOf(cause));
      }
    });
  return [
    route("GET", `${UI}/archived`, (request) => binPage(crm, kindOf(request))),
    act(`${UI}/{id}/restore`, (kind, id) => {
      user.restore(kind.type, id);
      return `/ui/${kind.type}/${id}`;
    }),
    act(`${UI}/{id}/delete-for-good`, (kind, id) => {
      if (kind.type !== "contacts") throw resourceNotFound();
      user.deleteForGood(id);
      return `/?type=${kind.type}`;
    }),
  ];
}

function binPage(crm: Crm, kind: ObjectKind): SimResponse {
  const { store } = crm.parts;
  const archived = store.all(kind.type).filter((record) => store.stateOf(record) === "archived");
  const content = renderBin({
    heading: `Archived: ${kind.label.toLowerCase()}`,
    rows: archived.toReversed().map((record) => ({
      text: nameOf(record),
      archivedAt: toIso(currentVersion(record).atMs),
      restoreAction: `/ui/${kind.type}/${record.id}/restore`,
      purgeAction:
        kind.type === "contacts" ? `/ui/${kind.type}/${record.id}/delete-for-good` : undefined,
    })),
  });
  return answerPage(200, "Archived", kind.type, content);
}

/** A form's route: goes where `run` says, or shows the form again with what was wrong. */
function formRoute(
  crm: Crm,
  path: string,
  run: (
    kind: ObjectKind,
    record: StoredRecord | undefined,
    form: Readonly<Record<string, string>>,
  ) => string,
): Route {
  return route("POST", path, (request) => {
    if (isFromElsewhere(request)) return htmlAnswer(403, "This form was sent from another site.");
    const kind = kindOf(request);
    const { id } = request.params;
    const record = id === undefined ? undefined : crm.parts.store.findLive(kind, id);
    if (id !== undefined && record === undefined) return gone();
    const form = readForm(request);
    try {
      return { status: 303, headers: { location: run(kind, record, form) } };
    } catch (cause) {
      if (!(cause instanceof HubspotFailure)) throw cause;
      return formPage(crm, kind, record, form, cause);
    }
  });
}

/** Browsers end the lines of a text area with CR LF, whatever they were before. */
function readForm(request: SimRequest): Record<string, string> {
  const entries = [...new URLSearchParams(request.rawBody.toString("utf8"))];
  return Object.fromEntries(entries.map(([name, text]) => [name, text.replaceAll("\r\n", "\n")]));
}

/** Browsers name the sending site; other sites must not write here. */
function isFromElsewhere({ headers }: SimRequest): boolean {
  const origin = headers["origin"];
  return origin !== undefined && origin !== `http://${headers["host"] ?? ""}`;
}

function listPage(crm: Crm, request: SimRequest): SimResponse {
  const { query } = request;
  const type = OBJECT_TYPES.find((known) => known === query.get("type")) ?? "companies";
  const kind = OBJECT_KINDS[type];
  const asked = query.get("q") ?? "";
  const page = Math.max(1, Number.parseInt(query.get("page") ?? "1", 10) || 1);
  const matches = crm.parts.store
    .all(type)
    .filter((record) => isLive(record) && has(record, asked));
  const newestFirst = matches.toReversed();
  const first = (page - 1) * PAGE_SIZE;
  const hrefOf = (number: number) =>
    `/?${new URLSearchParams({ type, q: asked, page: String(number) })}`;
  const columns = LIST_COLUMNS[type];
  const content = renderList({
    heading: kind.label,
    newHref: `/ui/${type}/new`,
    archivedHref: `/ui/${type}/archived`,
    query: asked,
    hidden: { type },
    columns: [
      "Name",
      ...columns.map((name) => crm.parts.catalog.find(type, name)?.label ?? name),
      "ID",
    ],
    rows: newestFirst.slice(first, first + PAGE_SIZE).map((record) => {
      const { properties } = currentVersion(record);
      const cells = columns.map((name) => labelOf(crm, type, name, properties[name] ?? ""));
      return { href: `/ui/${type}/${record.id}`, cells: [nameOf(record), ...cells, record.id] };
    }),
    total: matches.length,
    previousHref: page > 1 ? hrefOf(page - 1) : undefined,
    nextHref: first + PAGE_SIZE < matches.length ? hrefOf(page + 1) : undefined,
  });
  return answerPage(200, kind.label, type, content);
}

/** Whether any value of a record contains the text, whatever its case. */
function has(record: StoredRecord, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  const values = Object.values(currentVersion(record).properties);
  return wanted === "" || values.some((value) => value.toLowerCase().includes(wanted));
}

function formPage(
  crm: Crm,
  kind: ObjectKind,
  record: StoredRecord | undefined,
  given: Readonly<Record<string, string>>,
  failure?: HubspotFailure,
): SimResponse {
  const { [FOR_TYPE]: forType = "", [FOR_ID]: forId = "" } = given;
  const stored = record === undefined ? {} : currentVersion(record).properties;
  const heading = record === undefined ? `New: ${kind.singular.replace("_", " ")}` : nameOf(record);
  const action = record === undefined ? `/ui/${kind.type}` : `/ui/${kind.type}/${record.id}`;
  const content = renderForm({
    heading,
    action,
    hidden: forId === "" ? {} : { [FOR_TYPE]: forType, [FOR_ID]: forId },
    fields: fieldsOf(crm, kind, { ...stored, ...given }, record === undefined),
    problem: failure === undefined ? undefined : problemOf(failure),
    acceptAction: stored["hs_quote_status"] === "PUBLISHED" ? `${action}/accept` : undefined,
    archiveAction: record === undefined ? undefined : `${action}/archive`,
    mergeAction:
      record === undefined || !MERGEABLE.includes(kind.type) ? undefined : `${action}/merge`,
    related: record === undefined ? [] : relatedLists(crm, record),
  });
  return answerPage(failure === undefined ? 200 : 400, heading, kind.type, content);
}

function problemOf({ fields }: HubspotFailure): string {
  return fields.errors?.map(({ message }) => message).join(" ") ?? fields.message;
}

function relatedLists(crm: Crm, record: StoredRecord): RelatedList[] {
  return RELATED_TYPES[record.type].map((type) => ({
    heading: OBJECT_KINDS[type].label,
    links: crm.parts.associations.linked(record.id, type).flatMap(({ id }) => {
      const other = crm.parts.store.findLive(OBJECT_KINDS[type], id);
      return other === undefined ? [] : [{ href: `/ui/${type}/${id}`, text: nameOf(other) }];
    }),
    newHref: `/ui/${type}/new?${FOR_TYPE}=${record.type}&${FOR_ID}=${record.id}`,
  }));
}

function labelOf(crm: Crm, type: ObjectType, name: string, value: string): string {
  const options = crm.parts.catalog.find(type, name)?.options ?? [];
  return options.find((option) => option.value === value)?.label ?? value;
}

function gone(): SimResponse {
  return htmlAnswer(404, "There is no such record. It may be archived or merged.");
}

function htmlAnswer(status: number, text: string): SimResponse {
  return { status, headers: { "content-type": "text/plain;charset=utf-8" }, body: text };
}

function answerPage(status: number, title: string, type: ObjectType, content: Markup): SimResponse {
  const tabs = OBJECT_TYPES.map((other) => ({
    href: `/?type=${other}`,
    text: OBJECT_KINDS[other].label,
    isCurrent: other === type,
  }));
  const headers = {
    "content-type": "text/html;charset=utf-8",
    "content-security-policy":
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
  };
  return { status, headers, body: renderPage({ title, tabs, content }) };
}
