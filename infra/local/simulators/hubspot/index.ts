/**
 * A HubSpot account on loopback: the CRM API as HubSpot's official SDK speaks it, signed webhooks,
 * and a page for a person. It has HubSpot's habits, also those that hurt: a search index that lags,
 * quotas, partial failures, values that come back changed. See README.md for what it leaves out.
 */
import * as z from "zod";
import {
  loadState,
  type PlannedFault,
  type Route,
  type SimRequest,
  startSimulatorKernel,
} from "../kernel.ts";
import { accountRoutes, propertyRoutes } from "./account-routes.ts";
import { associationRoutes } from "./association-routes.ts";
import { AssociationStore, associationsStateSchema } from "./associations.ts";
import { batchRoutes } from "./batch-routes.ts";
import { Crm } from "./crm.ts";
import { answerError } from "./errors.ts";
import { type DEFAULT_LIMITS, RateLimiter } from "./limits.ts";
import type { ObjectType } from "./object-types.ts";
import { objectRoutes } from "./objects-routes.ts";
import { liveRecords, pageRoutes, type SimulatedRecord } from "./page-routes.ts";
import { catalogStateSchema, PropertyCatalog } from "./properties.ts";
import { searchRoutes } from "./search.ts";
import { RecordStore, storeStateSchema } from "./store.ts";
import { signWebhook, WebhookQueue } from "./webhooks.ts";

const SEARCH_LAG_MS = 2_000;
const PORTAL_ID = 48_123_456;
const APP_ID = 19_083_857;

export interface HubspotSimulatorOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** The private app's access token; any other is refused with a 401. */
  readonly token: string;
  readonly webhookSecret: string;
  readonly webhookUrl?: string;
  /** Where the account is kept between runs; nowhere by default. */
  readonly statePath?: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Runs the delayed part of webhooks; `webhooksSettled` does not wait for it. */
  readonly schedule?: (run: () => void, delayMs: number) => void;
  /** How long a change stays out of search results. */
  readonly searchLagMs?: number;
  readonly limits?: Partial<typeof DEFAULT_LIMITS>;
  /** The account's own currency, ISO 4217; USD by default. */
  readonly currency?: string;
  /** Further currencies the account has enabled; a deal in any other is refused. */
  readonly additionalCurrencies?: readonly string[];
  readonly portalId?: number;
  readonly appId?: number;
}

export interface HubspotSimulator {
  readonly url: string;
  readonly token: string;
  readonly webhookSecret: string;
  readonly appId: number;
  readonly portalId: number;
  /** With `undefined` nothing is sent, and what happens meanwhile is never told. */
  setWebhookTarget(url: string | undefined): void;
  planFault(fault: PlannedFault): void;
  /** Calls by `"METHOD /path/{template}"` since the start or the last reset. */
  calls(): Readonly<Record<string, number>>;
  resetCalls(): void;
  /** The live records of a type as they are now, whatever the search index says. */
  records(type: ObjectType): readonly SimulatedRecord[];
  /** Resolves when every webhook of what happened so far was delivered or given up. */
  webhooksSettled(): Promise<void>;
  close(): Promise<void>;
}

const stateSchema = z.object({
  store: storeStateSchema,
  catalog: catalogStateSchema,
  associations: associationsStateSchema,
  nextEventId: z.number(),
});

export async function startHubspotSimulator(
  options: HubspotSimulatorOptions,
): Promise<HubspotSimulator> {
  const { token, webhookSecret, portalId = PORTAL_ID, appId = APP_ID } = options;
  const { now = Date.now, searchLagMs = SEARCH_LAG_MS, currency = "USD" } = options;
  const currencies = [currency, ...(options.additionalCurrencies ?? [])];
  const saved = loadState(options.statePath);
  const state = saved === undefined ? undefined : stateSchema.parse(saved);
  const catalog = new PropertyCatalog(currencies, state?.catalog);
  const store = new RecordStore({ catalog, now, searchLagMs, currency, portalId }, state?.store);
  const associations = new AssociationStore(state?.associations);
  const limiter = new RateLimiter(options.limits ?? {}, appId, now);
  const webhooks = new WebhookQueue(
    {
      portalId,
      appId,
      now,
      schedule: options.schedule ?? scheduleByTimer,
      send: (body) => kernel.sendWebhook(body),
    },
    state?.nextEventId,
  );
  const crm = new Crm({
    catalog,
    store,
    associations,
    webhooks,
    portalId,
    now,
    changed: () => kernel.changed(),
  });
  const source = { changeSource: "INTEGRATION", sourceId: String(appId) } as const;
  const kernel = await startSimulatorKernel({
    port: options.port ?? 0,
    statePath: options.statePath,
    routes: [
      ...searchRoutes(crm, searchLagMs),
      ...batchRoutes(crm, source),
      ...objectRoutes(crm, source),
      ...associationRoutes(crm, source),
      ...propertyRoutes(crm),
      ...accountRoutes({ portalId, currencies }, now),
      ...pageRoutes(crm),
    ],
    notFound: () => answerError(404, { message: "resource not found" }),
    guard: (request, route) => {
      if (!isVendorRoute(route)) return undefined;
      return isAuthorized(request, token) ? limiter.take(request) : unauthorized();
    },
    headersOf: (request) => (isVendorPath(request.path) ? limiter.headers(request) : {}),
    rateLimited: (request) => limiter.refuse(request),
    snapshot: () => ({
      store: store.snapshot(),
      catalog: catalog.snapshot(),
      associations: associations.snapshot(),
      nextEventId: webhooks.nextEventId,
    }),
    sign: (url, body) => signWebhook({ secret: webhookSecret, url, body, timestampMs: now() }),
  });
  kernel.setWebhookTarget(options.webhookUrl);
  return {
    url: kernel.url,
    token,
    webhookSecret,
    appId,
    portalId,
    setWebhookTarget: (url) => kernel.setWebhookTarget(url),
    planFault: (fault) => kernel.planFault(fault),
    calls: () => kernel.calls(),
    resetCalls: () => kernel.resetCalls(),
    records: (type) => liveRecords(crm, type),
    webhooksSettled: async () => {
      webhooks.flush();
      await kernel.webhooksSettled();
    },
    close: () => kernel.close(),
  };
}

function scheduleByTimer(run: () => void, delayMs: number): void {
  setTimeout(run, delayMs).unref();
}

/** The page and the control routes are for people and tests: no token, no quota. */
function isVendorRoute(route: Route): boolean {
  return isVendorPath(route.path);
}

function isVendorPath(path: string): boolean {
  return path.startsWith("/crm/") || path.startsWith("/account-info/");
}

function isAuthorized(request: SimRequest, token: string): boolean {
  return request.headers["authorization"] === `Bearer ${token}`;
}

function unauthorized() {
  return answerError(401, {
    message:
      "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
    category: "INVALID_AUTHENTICATION",
  });
}
