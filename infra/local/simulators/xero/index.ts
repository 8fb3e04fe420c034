/**
 * A simulator of the Xero accounting API on loopback: the vendor's own wire format, refusals, quotas,
 * idempotency and webhooks, close enough that `xero-node` works against it unchanged.
 */
import {
  loadState,
  type PlannedFault,
  type Route,
  type SimRequest,
  type SimResponse,
  type SimulatorKernel,
  startSimulatorKernel,
} from "../kernel.ts";
import { Auth, type SavedAuth } from "./auth.ts";
import { MalformedElementError } from "./element.ts";
import {
  invalidPostData,
  invalidQuery,
  json,
  notFound,
  notImplemented,
  type Wire,
} from "./envelope.ts";
import { contactView } from "./contact-view.ts";
import { IdempotencyCache } from "./idempotency.ts";
import { invoiceView } from "./invoice-view.ts";
import { itemView } from "./items.ts";
import { Limits } from "./limits.ts";
import { type Books, foundOrganisation } from "./organisation.ts";
import { pageRoutes } from "./page-actions.ts";
import { paymentView } from "./payments.ts";
import type { XeroRecords } from "./records.ts";
import { accountingRoutes } from "./routes.ts";
import { Store } from "./store.ts";
import { WebhookSender } from "./webhooks.ts";
import { QueryParseError } from "./where.ts";

const BASE_PATH = "/api.xro/2.0";
const LIMITS_DEFAULT = { perMinute: 60, perDay: 5_000, concurrent: 5 };

export interface XeroSimulatorOptions {
  /** 0 or absent: any free port. */
  readonly port?: number;
  /** A bearer token that is always valid. */
  readonly token: string;
  readonly tenantId: string;
  readonly webhookKey: string;
  /** Without both the token endpoint refuses every client. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly webhookUrl?: string;
  /** Where the state is kept between runs; absent: nowhere. */
  readonly statePath?: string;
  readonly now?: () => number;
  /** Default: Xero's own 60 a minute, 5,000 a day, 5 at once. */
  readonly limits?: {
    readonly perMinute?: number;
    readonly perDay?: number;
    readonly concurrent?: number;
  };
  /** Default USD. */
  readonly baseCurrency?: string;
}

export interface XeroSimulator {
  /** Without a path: the accounting API is at `<url>/api.xro/2.0`. */
  readonly url: string;
  readonly token: string;
  readonly tenantId: string;
  readonly webhookKey: string;
  /** With `undefined` nothing is sent, and what happens meanwhile is never told. */
  setWebhookTarget(url: string | undefined): void;
  /** The vendor's handshake with the webhook target; true where it answered as Xero demands. */
  sendIntentToReceive(): Promise<boolean>;
  /** A refresh token as a user's consent would have given it. */
  issueRefreshToken(): string;
  planFault(fault: PlannedFault): void;
  calls(): Readonly<Record<string, number>>;
  resetCalls(): void;
  /** What is kept; amounts are exact decimal text, dates `YYYY-MM-DD`, instants epoch ms. */
  records<Type extends keyof XeroRecords>(type: Type): readonly XeroRecords[Type][];
  /** Sends what is held back for coalescing and resolves when all of it has arrived. */
  webhooksSettled(): Promise<void>;
  close(): Promise<void>;
}

interface SavedState {
  readonly store: unknown;
  readonly auth: SavedAuth;
  readonly idempotency: ReturnType<IdempotencyCache["snapshot"]>;
}

/** Starts a simulator; its state is that of the last run where `statePath` names one. */
export async function startXeroSimulator(options: XeroSimulatorOptions): Promise<XeroSimulator> {
  const { tenantId, token, webhookKey } = options;
  const now = options.now ?? Date.now;
  const saved = savedState(loadState(options.statePath));
  let kernel: SimulatorKernel | undefined;
  const changed = (): void => kernel?.changed();
  const webhooks = new WebhookSender({
    webhookKey,
    tenantId,
    baseUrl: () => `${kernel?.url ?? ""}${BASE_PATH}`,
    send: (body) => kernel?.sendWebhook(body),
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
    saved?.store,
  );
  const organisation = foundOrganisation(tenantId, options.baseCurrency ?? "USD");
  const books: Books = { store, organisation };
  const idempotency = new IdempotencyCache(now, saved?.idempotency);
  const limits = new Limits({ tenantId, now, ...LIMITS_DEFAULT, ...options.limits });
  const auth = new Auth(
    {
      token,
      tenantId,
      clientId: options.clientId,
      clientSecret: options.clientSecret,
      now,
      changed,
    },
    saved?.auth,
  );
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
  kernel = await startSimulatorKernel({
    port: options.port ?? 0,
    statePath: options.statePath,
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
        answer: (request) => auth.answerConnections(request, organisation.name),
      },
      { method: "GET", path: "/__sim/records/{type}", answer: (request) => dump(books, request) },
      ...pageRoutes(books),
    ],
    guard: (request) => (isAccounting(request) ? admit(request) : undefined),
    headersOf: (request) => (isAccounting(request) ? limits.headers() : {}),
    notFound: (request) => {
      if (!isAccounting(request)) return notFound();
      const answer = admit(request) ?? unknownRoute(accounting, request);
      return { ...answer, headers: { ...limits.headers(), ...answer.headers } };
    },
    rateLimited: () => {
      const answer = limits.answerSpentMinute();
      return { ...answer, headers: { ...limits.headers(), ...answer.headers } };
    },
    snapshot: (): SavedState => ({
      store: store.snapshot(),
      auth: auth.snapshot(),
      idempotency: idempotency.snapshot(),
    }),
    sign: (_url, body) => webhooks.sign(body),
  });
  kernel.setWebhookTarget(options.webhookUrl);
  const running = kernel;
  return {
    url: running.url,
    token,
    tenantId,
    webhookKey,
    setWebhookTarget: (url) => running.setWebhookTarget(url),
    sendIntentToReceive: async () => {
      const target = running.webhookTarget();
      if (target === undefined) throw new Error("No webhook target is set");
      return webhooks.sendIntentToReceive(target);
    },
    issueRefreshToken: () => auth.issueRefreshToken(),
    planFault: (fault) => running.planFault(fault),
    calls: () => running.calls(),
    resetCalls: () => running.resetCalls(),
    records: (type) => store.records(type),
    webhooksSettled: () => {
      webhooks.flush();
      return running.webhooksSettled();
    },
    close: () => {
      webhooks.flush();
      return running.close();
    },
  };
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

/** All records of a type as the API shows them in full, archived and deleted ones included. */
function dump(books: Books, request: SimRequest): SimResponse {
  const { store } = books;
  const views = new Map<string, () => readonly Wire[]>(
    Object.entries({
      contacts: () => store.contacts.all().map((contact) => contactView(books, contact, "full")),
      items: () => store.items.all().map((item) => itemView(item, 4)),
      invoices: () => store.invoices.all().map((invoice) => invoiceView(books, invoice, "full", 4)),
      payments: () => store.payments.all().map((payment) => paymentView(books, payment, false)),
    }),
  );
  const all = views.get(request.params["type"] ?? "");
  return all === undefined ? notFound() : json(200, all());
}

function savedState(state: unknown): SavedState | undefined {
  if (state === undefined) return undefined;
  if (typeof state !== "object" || state === null || !("store" in state) || !("auth" in state)) {
    throw new Error("The saved state is not that of a Xero simulator");
  }
  return state as SavedState;
}
