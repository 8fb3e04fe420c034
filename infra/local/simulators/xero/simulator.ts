/**
 * A Xero organisation in this process: the accounting API as a dispatcher, a bookkeeper who works in
 * it, webhooks that wait to be taken, and the troubles it can have. Nothing in it waits, and with the
 * same clock, random source and calls it gives the same answers to the byte. `index.ts` puts it behind
 * HTTP.
 */
import { cryptoRandom, type RandomSource } from "../random-source.ts";
import { RowFaults } from "../row-faults.ts";
import {
  createSimulatorCore,
  type Route,
  type SignedWebhook,
  type SimRequest,
  type SimResponse,
  type SimulatorCore,
} from "../simulator-core.ts";
import { type TextHabit, TextHabits } from "../text-habits.ts";
import { Auth, type SavedAuth } from "./auth.ts";
import { dumpRecords } from "./dump.ts";
import { MalformedElementError } from "./element.ts";
import { invalidPostData, invalidQuery, notFound, notImplemented } from "./envelope.ts";
import { IdempotencyCache } from "./idempotency.ts";
import { Limits } from "./limits.ts";
import { type Books, foundOrganisation } from "./organisation.ts";
import { pageRoutes } from "./page-actions.ts";
import type { XeroRecords } from "./records.ts";
import { accountingRoutes } from "./routes.ts";
import { Store } from "./store.ts";
import { XeroUser } from "./user.ts";
import { WebhookQueue } from "./webhooks.ts";
import { QueryParseError } from "./where.ts";

const BASE_PATH = "/api.xro/2.0";
const PUBLIC_URL = "https://api.xero.com";
const LIMITS_DEFAULT = { perMinute: 60, perDay: 5_000, concurrent: 5 };

export interface XeroOrganisationOptions {
  /** A bearer token that is valid without being fetched. */
  readonly token: string;
  readonly tenantId: string;
  readonly webhookKey: string;
  /** Without both the token endpoint refuses every client. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly now?: () => number;
  /** Of ids without meaning; `node:crypto` by default. Records' own ids depend on the tenant alone. */
  readonly random?: RandomSource;
  /** Default: Xero's own 60 a minute, 5,000 a day, 5 at once. */
  readonly limits?: {
    readonly perMinute?: number;
    readonly perDay?: number;
    readonly concurrent?: number;
  };
  /** Default USD. */
  readonly baseCurrency?: string;
}

export interface InProcessXeroOptions extends XeroOrganisationOptions {
  /** Where webhooks say that records can be read, without a path. */
  readonly publicUrl?: () => string;
  /** What `snapshot` of a former run gave. */
  readonly state?: unknown;
  /** Called when the state is worth saving. */
  readonly changed?: () => void;
  /** Called when webhooks begin to wait where none did. */
  readonly waiting?: () => void;
}

/** What goes wrong in an organisation by itself, or because somebody changed it. */
export interface XeroTroubles {
  /** The next `times` elements with this id, number, code or reference fail, each for itself. */
  failRows(ids: readonly string[], times: number, messages?: readonly string[]): void;
  /** Calls are refused as 401 TokenExpired until a token is fetched, or the fixed one renewed. */
  expireTokens(): void;
  /** The fixed token from now on. */
  renewToken(token: string): void;
  /** A field keeps something else than the text it is sent; `undefined` ends that. */
  setTextHabit(
    type: "contacts" | "items" | "invoices" | "creditNotes",
    field: string,
    habit: TextHabit | undefined,
  ): void;
}

export interface InProcessXero extends SimulatorCore {
  readonly token: string;
  readonly tenantId: string;
  readonly webhookKey: string;
  readonly user: XeroUser;
  readonly troubles: XeroTroubles;
  /** A refresh token as a user's consent would have given it. */
  issueRefreshToken(): string;
  /** What is kept; amounts are exact decimal text, dates `YYYY-MM-DD`, instants epoch ms. */
  records<Type extends keyof XeroRecords>(type: Type): readonly XeroRecords[Type][];
  /** Takes the webhooks of what happened since the last time, for this address. */
  takeWebhooks(url: string): readonly SignedWebhook[];
  /** The same as bodies, to be signed later. */
  takeWebhookBodies(): readonly string[];
  signWebhook(url: string, body: string): SignedWebhook;
  /** The vendor's handshake with a webhook address; true where it answered as Xero demands. */
  sendIntentToReceive(url: string): Promise<boolean>;
  /** The state as JSON can hold it. */
  snapshot(): unknown;
}

interface SavedState {
  readonly store: unknown;
  readonly auth: SavedAuth;
  readonly idempotency: ReturnType<IdempotencyCache["snapshot"]>;
}

export function createXeroSimulator(options: InProcessXeroOptions): InProcessXero {
  const { tenantId, webhookKey } = options;
  const { now = Date.now, random = cryptoRandom, changed = () => undefined } = options;
  const saved = savedState(options.state);
  const { books, webhooks } = openBooks(options, { now, random, changed }, saved?.store);
  const idempotency = new IdempotencyCache(now, saved?.idempotency);
  const { token, clientId, clientSecret } = options;
  const auth = new Auth(
    { token, tenantId, clientId, clientSecret, now, random, changed },
    saved?.auth,
  );
  const limits = new Limits({ tenantId, now, ...LIMITS_DEFAULT, ...options.limits });
  const core = coreOf(books, { auth, limits, idempotency });
  const signed = (url: string, body: string): SignedWebhook => ({
    url,
    headers: { "content-type": "application/json", ...webhooks.sign(body) },
    body,
  });
  return {
    ...core,
    token,
    tenantId,
    webhookKey,
    user: new XeroUser(books),
    troubles: {
      failRows: (ids, times, messages = ["The record could not be saved."]) =>
        books.rowFaults.plan(ids, times, messages),
      expireTokens: () => auth.expireTokens(),
      renewToken: (next) => auth.renewToken(next),
      setTextHabit: (type, field, habit) => books.textHabits.set(type, field, habit),
    },
    issueRefreshToken: () => auth.issueRefreshToken(),
    records: (type) => books.store.records(type),
    takeWebhooks: (url) => webhooks.take().map((body) => signed(url, body)),
    takeWebhookBodies: () => webhooks.take(),
    signWebhook: signed,
    sendIntentToReceive: (url) => webhooks.sendIntentToReceive(url),
    snapshot: (): SavedState => ({
      store: books.store.snapshot(),
      auth: auth.snapshot(),
      idempotency: idempotency.snapshot(),
    }),
  };
}

/** The books as they were left, or new ones, and the webhooks that tell of them. */
function openBooks(
  options: InProcessXeroOptions,
  parts: {
    readonly now: () => number;
    readonly random: RandomSource;
    readonly changed: () => void;
  },
  saved: unknown,
): { readonly books: Books; readonly webhooks: WebhookQueue } {
  const { tenantId, webhookKey } = options;
  const { now, random, changed } = parts;
  const publicUrl = options.publicUrl ?? (() => PUBLIC_URL);
  const webhooks = new WebhookQueue({
    webhookKey,
    tenantId,
    random,
    baseUrl: () => `${publicUrl()}${BASE_PATH}`,
    waiting: options.waiting ?? (() => undefined),
    takeSequence: (count) => {
      const { webhookSequence } = store.settings;
      store.change({ webhookSequence: webhookSequence + count });
      changed();
      return webhookSequence + 1;
    },
  });
  const store = new Store(
    {
      seed: tenantId,
      now,
      committed: (events) => {
        webhooks.add(events);
        changed();
      },
    },
    saved,
  );
  const organisation = foundOrganisation(tenantId, options.baseCurrency ?? "USD");
  const rowFaults = new RowFaults<readonly string[]>();
  return {
    books: { store, organisation, random, rowFaults, textHabits: new TextHabits() },
    webhooks,
  };
}

function coreOf(
  books: Books,
  door: {
    readonly auth: Auth;
    readonly limits: Limits;
    readonly idempotency: IdempotencyCache;
  },
): SimulatorCore {
  const { auth, limits, idempotency } = door;
  const accounting = accountingRoutes(books, BASE_PATH).map((route) => ({
    ...route,
    answer: (request: SimRequest) =>
      asAccepted(
        request,
        idempotency.answerOnce(request, () => withQueryErrors(() => route.answer(request))),
      ),
  }));
  const admit = (request: SimRequest): SimResponse | undefined =>
    auth.refusal(request) ?? limits.spend(request);
  const withQuota = (answer: SimResponse): SimResponse => ({
    ...answer,
    headers: { ...limits.headers(), ...answer.headers },
  });
  return createSimulatorCore({
    routes: [
      ...accounting,
      {
        method: "POST",
        path: "/connect/token",
        answer: (request) => auth.answerToken(request),
      },
      {
        method: "GET",
        path: "/connections",
        answer: (request) => auth.answerConnections(request, books.organisation.name),
      },
      {
        method: "GET",
        path: "/__sim/records/{type}",
        answer: (request) => dumpRecords(books, request),
      },
      ...pageRoutes(books),
    ],
    guard: (request) => (isAccounting(request) ? admit(request) : undefined),
    headersOf: (request) => (isAccounting(request) ? limits.headers() : {}),
    notFound: (request) => {
      if (!isAccounting(request)) return notFound();
      return withQuota(admit(request) ?? unknownRoute(accounting, request));
    },
    rateLimited: () => withQuota(limits.answerSpentMinute()),
  });
}

function isAccounting(request: SimRequest): boolean {
  return request.path.startsWith(`${BASE_PATH}/`);
}

/** A known address with a verb it has not: 501; anything else: 404. */
function unknownRoute(routes: readonly Route[], request: SimRequest): SimResponse {
  const shape = (path: string): string => path.split("/").slice(0, 4).join("/").toLowerCase();
  const depth = request.path.split("/").length;
  const isKnown = routes.some(
    (route) => shape(route.path) === shape(request.path) && route.path.split("/").length === depth,
  );
  return isKnown ? notImplemented() : notFound();
}

function withQueryErrors(answer: () => SimResponse): SimResponse {
  try {
    return answer();
  } catch (cause) {
    if (cause instanceof QueryParseError) return invalidQuery(cause.message);
    if (cause instanceof MalformedElementError) return invalidPostData(cause.message);
    throw cause;
  }
}

/** Xero's default is XML: a caller that does not ask for JSON by name gets none. */
function asAccepted(request: SimRequest, answer: SimResponse): SimResponse {
  const isJson = answer.headers?.["content-type"]?.startsWith("application/json") ?? false;
  if (!isJson || request.headers["accept"]?.includes("application/json")) return answer;
  return {
    status: answer.status,
    headers: { "content-type": "text/xml; charset=utf-8" },
    body:
      answer.status < 400
        ? "<Response><Status>OK</Status></Response>"
        : "<ApiException><ErrorNumber>10</ErrorNumber></ApiException>",
  };
}

function savedState(state: unknown): SavedState | undefined {
  if (state === undefined) return undefined;
  if (typeof state !== "object" || state === null || !("store" in state) || !("auth" in state)) {
    throw new Error("The saved state is not that of a Xero simulator");
  }
  return state as SavedState;
}
