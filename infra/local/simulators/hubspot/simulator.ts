/**
 * A HubSpot account in this process: the CRM API as a dispatcher, a person who works in it, webhooks
 * that wait to be taken, and the troubles an account can have. Nothing in it waits, and with the same
 * clock, random source and calls it gives the same answers to the byte. `index.ts` puts it behind HTTP.
 */
import * as z from "zod";
import { cryptoRandom, type RandomSource } from "../random-source.ts";
import { RowFaults } from "../row-faults.ts";
import {
  createSimulatorCore,
  type Route,
  type SignedWebhook,
  type SimRequest,
  type SimulatorCore,
} from "../simulator-core.ts";
import { type TextHabit, TextHabits } from "../text-habits.ts";
import { AccessToken } from "./access-token.ts";
import { accountRoutes, propertyRoutes } from "./account-routes.ts";
import { associationRoutes } from "./association-routes.ts";
import { AssociationStore, associationsStateSchema } from "./associations.ts";
import { batchRoutes } from "./batch-routes.ts";
import { Crm } from "./crm.ts";
import { ErrorAnswers, HubspotFailure, type HubspotFailureFields } from "./errors.ts";
import { type DEFAULT_LIMITS, RateLimiter } from "./limits.ts";
import { OBJECT_KINDS, type ObjectType } from "./object-types.ts";
import { objectRoutes } from "./objects-routes.ts";
import { liveRecords, pageRoutes, type SimulatedRecord } from "./page-routes.ts";
import { catalogStateSchema, PropertyCatalog } from "./properties.ts";
import { searchRoutes } from "./search.ts";
import { SearchIndex } from "./search-index.ts";
import { RecordStore, storeStateSchema } from "./store.ts";
import { HubspotUser } from "./user.ts";
import { signWebhook, WebhookQueue } from "./webhooks.ts";

const SEARCH_LAG_MS = 2_000;
const PORTAL_ID = 48_123_456;
const APP_ID = 19_083_857;

export interface HubspotAccountOptions {
  /** The private app's access token; any other is refused with a 401. */
  readonly token: string;
  readonly webhookSecret: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Of ids without meaning; `node:crypto` by default. */
  readonly random?: RandomSource;
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

export interface InProcessHubspotOptions extends HubspotAccountOptions {
  /** What `snapshot` of a former run gave. */
  readonly state?: unknown;
  /** Called when the state is worth saving. */
  readonly changed?: () => void;
  /** Called when webhooks begin to wait where none did. */
  readonly waiting?: () => void;
}

/** What goes wrong in an account by itself, or because somebody changed it. */
export interface HubspotTroubles {
  /** How late the search index is from now on; it never goes back. Infinity stops it. */
  setSearchLag(lagMs: number): void;
  /** The next `times` batch rows with this id or unique value fail, each for itself. */
  failRows(ids: readonly string[], times: number, refusal?: Partial<HubspotFailureFields>): void;
  /** Calls are refused as 401 EXPIRED_AUTHENTICATION until the token is renewed. */
  expireToken(): void;
  renewToken(token: string): void;
  /** An administrator deletes a custom property: writes of it fail, reads leave it out. */
  deleteProperty(type: ObjectType, name: string): void;
  /** The administrator puts it back, with the values it had. */
  restoreProperty(type: ObjectType, name: string): void;
  /** A property keeps something else than the text it is sent; `undefined` ends that. */
  setTextHabit(type: ObjectType, property: string, habit: TextHabit | undefined): void;
  /** The ninety days of an archived record are over. */
  expireArchived(type: ObjectType, id: string): void;
}

export interface InProcessHubspot extends SimulatorCore {
  readonly token: string;
  readonly webhookSecret: string;
  readonly appId: number;
  readonly portalId: number;
  readonly user: HubspotUser;
  readonly troubles: HubspotTroubles;
  /** The live records of a type as they are now, whatever the search index says. */
  records(type: ObjectType): readonly SimulatedRecord[];
  /** Takes the webhooks of what happened since the last time, signed now for this address. */
  takeWebhooks(url: string): readonly SignedWebhook[];
  /** The same as bodies, to be signed later: HubSpot signs each try of a delivery anew. */
  takeWebhookBodies(): readonly string[];
  signWebhook(url: string, body: string): SignedWebhook;
  /** The state as JSON can hold it. */
  snapshot(): unknown;
}

const stateSchema = z.object({
  store: storeStateSchema,
  catalog: catalogStateSchema,
  associations: associationsStateSchema,
  nextEventId: z.number(),
});

export function createHubspotSimulator(options: InProcessHubspotOptions): InProcessHubspot {
  const { webhookSecret, portalId = PORTAL_ID, appId = APP_ID, now = Date.now } = options;
  const errors = new ErrorAnswers(options.random ?? cryptoRandom);
  const token = new AccessToken(options.token, errors);
  const textHabits = new TextHabits();
  const { crm, snapshot } = openAccount(options, { portalId, appId, now, textHabits });
  const core = coreOf(options, crm, { appId, errors, token });
  const { webhooks, searchIndex, rowFaults } = crm.parts;
  const signed = (url: string, body: string): SignedWebhook => {
    const headers = signWebhook({ secret: webhookSecret, url, body, timestampMs: now() });
    return { url, headers: { "content-type": "application/json", ...headers }, body };
  };
  return {
    ...core,
    token: options.token,
    webhookSecret,
    appId,
    portalId,
    user: new HubspotUser(crm),
    troubles: {
      setSearchLag: (lagMs) => searchIndex.setLag(lagMs),
      failRows: (ids, times, refusal) => rowFaults.plan(ids, times, { ...ROW_REFUSED, ...refusal }),
      expireToken: () => token.expire(),
      renewToken: (next) => token.renew(next),
      deleteProperty: (type, name) => crm.deleteProperty(OBJECT_KINDS[type], name),
      restoreProperty: (type, name) => crm.restoreProperty(OBJECT_KINDS[type], name),
      setTextHabit: (type, property, habit) => textHabits.set(type, property, habit),
      expireArchived: (type, id) => crm.expireArchived(OBJECT_KINDS[type], id),
    },
    records: (type) => liveRecords(crm, type),
    takeWebhooks: (url) => webhooks.take().map((body) => signed(url, body)),
    takeWebhookBodies: () => webhooks.take(),
    signWebhook: signed,
    snapshot,
  };
}

/** Of a row that fails although nothing is wrong with it. */
const ROW_REFUSED: HubspotFailureFields = {
  status: 400,
  category: "VALIDATION_ERROR",
  message: "The record could not be saved.",
};

interface Account {
  readonly portalId: number;
  readonly appId: number;
  readonly now: () => number;
  readonly textHabits: TextHabits;
}

/** The account as it was left, or a new one. */
function openAccount(
  options: InProcessHubspotOptions,
  { portalId, appId, now, textHabits }: Account,
): { readonly crm: Crm; readonly snapshot: () => unknown } {
  const state = options.state === undefined ? undefined : stateSchema.parse(options.state);
  const currency = options.currency ?? "USD";
  const catalog = new PropertyCatalog(currenciesOf(options), state?.catalog);
  const searchIndex = new SearchIndex(options.searchLagMs ?? SEARCH_LAG_MS, now);
  const store = new RecordStore(
    { catalog, textHabits, searchIndex, now, currency, portalId },
    state?.store,
  );
  const associations = new AssociationStore(state?.associations);
  const waiting = options.waiting ?? (() => undefined);
  const webhooks = new WebhookQueue({ portalId, appId, now, waiting }, state?.nextEventId);
  const crm = new Crm({
    catalog,
    store,
    associations,
    webhooks,
    searchIndex,
    rowFaults: new RowFaults(),
    portalId,
    now,
    changed: options.changed ?? (() => undefined),
  });
  const snapshot = () => ({
    store: store.snapshot(),
    catalog: catalog.snapshot(),
    associations: associations.snapshot(),
    nextEventId: webhooks.nextEventId,
  });
  return { crm, snapshot };
}

function coreOf(
  options: InProcessHubspotOptions,
  crm: Crm,
  door: { readonly appId: number; readonly errors: ErrorAnswers; readonly token: AccessToken },
): SimulatorCore {
  const { now, portalId } = crm.parts;
  const { appId, errors, token } = door;
  const limiter = new RateLimiter(options.limits ?? {}, { appId, now, errors });
  const source = { changeSource: "INTEGRATION", sourceId: String(appId) } as const;
  return createSimulatorCore({
    routes: [
      ...searchRoutes(crm),
      ...batchRoutes(crm, source),
      ...objectRoutes(crm, source),
      ...associationRoutes(crm, source),
      ...propertyRoutes(crm),
      ...accountRoutes({ portalId, currencies: currenciesOf(options) }, now),
      ...pageRoutes(crm),
    ],
    notFound: () => errors.make(404, { message: "resource not found" }),
    guard: (request, route) => {
      if (!isVendorRoute(route)) return undefined;
      return token.refusal(request) ?? limiter.take(request);
    },
    refusal: (cause) => (cause instanceof HubspotFailure ? errors.ofFailure(cause) : undefined),
    headersOf: (request: SimRequest) =>
      isVendorPath(request.path) ? limiter.headers(request) : {},
    rateLimited: (request) => limiter.refuse(request),
  });
}

function currenciesOf(options: HubspotAccountOptions): readonly string[] {
  return [options.currency ?? "USD", ...(options.additionalCurrencies ?? [])];
}

/** The page and the control routes are for people and tests: no token, no quota. */
function isVendorRoute(route: Route): boolean {
  return isVendorPath(route.path);
}

function isVendorPath(path: string): boolean {
  return path.startsWith("/crm/") || path.startsWith("/account-info/");
}
