/**
 * One company's world in one process: both simulators, the mapping table and the queues in memory,
 * the real use cases and connectors in containers, people at work, and a clock that only we move.
 */
import {
  createHubspotSimulator,
  type InProcessHubspot,
} from "#infra/local/simulators/hubspot/simulator.ts";
import { seededRandom } from "#infra/local/simulators/random-source.ts";
import { BAD_DEBTS_CODE } from "#infra/local/simulators/xero/organisation.ts";
import { createXeroSimulator, type InProcessXero } from "#infra/local/simulators/xero/simulator.ts";
import type { Fetch } from "#shared/connectors/transport.ts";
import { connectionsDocument, type XeroSettings } from "#shared/contracts/connections.ts";
import { flows } from "#shared/flows/flows.ts";
import type { CallBudget } from "#shared/ports/call-budget.ts";
import type { Connector } from "#shared/ports/connector.ts";
import { createConnectorSource } from "#shared/runtime/connectors.ts";
import type { ChangeImage } from "#shared/sync/change-image.ts";
import { createMemoryCallBudgets } from "#test/support/memory-call-budgets.ts";
import { createMemoryPorts, type MemoryPorts } from "#test/support/stack-of-ports.ts";
import { type Container, createContainer } from "./container.ts";
import { type FaultPlan, Faults } from "./faults.ts";
import { behindLock, withLockedCrm } from "./locked-crm.ts";
import { Network, type ReachedCall } from "./network.ts";
import { Random } from "./random.ts";
import { type Life, Stage } from "./stage.ts";

const CRM_URL = "https://crm.lab";
const BOOKS_URL = "https://books.lab";
export const PUBLIC_URL = "https://tieout.lab";
const CONTAINERS = 4;
const TENANT_ID = "10ca1000-0000-4000-8000-000000000009";
const START_MS = Date.UTC(2026, 0, 5, 9);

export interface World {
  readonly random: Random;
  readonly faults: Faults;
  readonly stage: Stage;
  readonly network: Network;
  readonly ports: MemoryPorts;
  readonly hubspot: InProcessHubspot;
  readonly xero: InProcessXero;
  readonly containers: Container[];
  /** New connectors without faults or points: to see what the remotes hold, or to deploy anew. */
  witnesses(): Promise<Connectors>;
  readonly images: ChangeImage[];
  /** The CRM refuses to be overwritten unseen. */
  readonly isLocked: boolean;
  /** A new record may be stamped by a server of the remote whose clock is slow. */
  withSlowClocks<Result>(create: () => Result): Result;
  /** In the place of a container that died, as a new process that knows nothing. */
  replace(dead: Container): Container;
}

export interface WorldOptions {
  readonly seed: number;
  readonly plan: FaultPlan;
  readonly onGo: (life: Life, point: string) => void;
  readonly beforeCall: (call: Omit<ReachedCall, "status" | "answer">) => void;
  readonly onCall: (call: ReachedCall) => void;
}

/** In every fifth run the CRM has a lock of its own. */
export const hasLockedCrm = (seed: number): boolean => seed % 5 === 0;

export function createWorld(options: WorldOptions): World {
  const { seed, plan } = options;
  const random = new Random(seed);
  const faults = new Faults(new Random(seed ^ 0x5eed), plan);
  const stage = new Stage(options.onGo);
  const ports = createMemoryPorts({ nowMs: START_MS });
  const { clock } = ports;
  const skewsMs = faults.strikesForGood("clock-skew")
    ? [random.below(360_000) - 180_000, random.below(360_000) - 180_000]
    : [0, 0];
  // Every other company has to do with the vendors' own quotas.
  const isTight = seed % 2 === 0;
  const isLocked = hasLockedCrm(seed);
  const auth = seed % 4 < 2 ? fixedToken : rotatedToken;
  const budget = createMemoryCallBudgets();
  let slownessMs = 0;
  const remoteClock = (index: number) => () => clock() + (skewsMs[index] ?? 0) - slownessMs;
  const hubspot = createHubspotSimulator({
    token: "lab-hubspot-token",
    webhookSecret: "lab-hubspot-secret",
    now: remoteClock(0),
    random: seededRandom(`hubspot ${seed}`),
    searchLagMs: 2_000,
    ...(isTight ? {} : { limits: wideLimits.hubspot }),
  });
  const xero = createXeroSimulator({
    token: "lab-xero-token",
    clientId: "lab-client",
    clientSecret: "lab-client-secret",
    tenantId: TENANT_ID,
    webhookKey: "lab-xero-webhook-key",
    now: remoteClock(1),
    random: seededRandom(`xero ${seed}`),
    ...(isTight ? {} : { limits: wideLimits.xero }),
  });
  const network = new Network({
    remotes: [
      {
        connection: "crm",
        url: CRM_URL,
        dispatch: isLocked
          ? behindLock(hubspot.dispatch, (id) => changedAtMs(hubspot, id))
          : hubspot.dispatch,
      },
      { connection: "books", url: BOOKS_URL, dispatch: xero.dispatch },
    ],
    stage,
    faults,
    random,
    clock,
    hasSmallPages: faults.strikesForGood("pagination-drift"),
    beforeCall: options.beforeCall,
    onCall: options.onCall,
  });
  const images: ChangeImage[] = [];
  ports.onChange((image) => void images.push(image));
  let containerCount = 0;
  const start = (): Container => {
    containerCount += 1;
    return createContainer({
      name: `container-${containerCount}`,
      ports,
      flows,
      stage,
      faults,
      budget,
      connectorsFor: (life, ownBudget) => {
        const fetch: Fetch = (url, init) => network.fetchFor(life)(url, init);
        const connect = (over: Fetch): Promise<Connectors> =>
          connectorsOver(over, { ports, auth, isTight, budget: ownBudget });
        return isLocked ? withLockedCrm(fetch, connect) : connect(fetch);
      },
    });
  };
  const containers = Array.from({ length: CONTAINERS }, start);
  const direct = directFetch({ hubspot, xero });
  return {
    ...{ random, faults, stage, network, ports, hubspot, xero, containers, images, isLocked },
    withSlowClocks(create) {
      slownessMs = faults.strikes("slow-server") ? random.below(60_000) : 0;
      try {
        return create();
      } finally {
        slownessMs = 0;
      }
    },
    witnesses: () => connectorsOver(direct, { ports, auth, isTight }),
    replace(dead) {
      const fresh = start();
      containers.splice(containers.indexOf(dead), 1, fresh);
      return fresh;
    },
  };
}

type Connectors = ReadonlyMap<string, Connector>;

/** A token that somebody must renew, or tokens that the connector fetches by itself. */
const fixedToken: XeroSettings["auth"] = { kind: "token", token: "lab-xero-token" };
const rotatedToken: XeroSettings["auth"] = {
  kind: "client-credentials",
  clientId: "lab-client",
  clientSecret: "lab-client-secret",
};

/** When a company or a product last changed, as an answer shows it. */
function changedAtMs(hubspot: InProcessHubspot, externalId: string): number | undefined {
  const records = (["companies", "products"] as const).flatMap((type) => hubspot.records(type));
  const record = records.find(({ id }) => id === externalId);
  return record && Date.parse(record.updatedAt);
}

/** The vendors' own limits, or so much that nobody ever waits. */
const manyCalls = 1_000_000;
const wideLimits = {
  hubspot: { burstPerTenSeconds: manyCalls, searchPerSecond: manyCalls },
  xero: { perMinute: manyCalls, perDay: manyCalls, concurrent: manyCalls },
};
const wideQuotas = {
  hubspot: { callsPerTenSeconds: manyCalls, searchesPerSecond: manyCalls, callsPerDay: manyCalls },
  xero: { callsPerMinute: manyCalls, callsPerDay: manyCalls, callsAtOnce: manyCalls },
};

/** As the functions make them, by way of the connections document. */
async function connectorsOver(
  fetch: Fetch,
  options: {
    readonly ports: MemoryPorts;
    readonly auth: XeroSettings["auth"];
    readonly isTight: boolean;
    readonly budget?: CallBudget;
  },
): Promise<Connectors> {
  const { ports, auth, isTight, budget } = options;
  const document = connectionsDocument.parse([
    {
      id: "crm",
      system: "hubspot",
      baseUrl: CRM_URL,
      token: "lab-hubspot-token",
      webhookSecret: "lab-hubspot-secret",
      ...(isTight ? {} : { quota: wideQuotas.hubspot }),
    },
    {
      id: "books",
      system: "xero",
      baseUrl: BOOKS_URL,
      identityUrl: BOOKS_URL,
      tenantId: TENANT_ID,
      auth,
      webhookKey: "lab-xero-webhook-key",
      writeOffAccounts: [BAD_DEBTS_CODE],
      ...(isTight ? {} : { quota: wideQuotas.xero }),
    },
  ]);
  const { clock: now, log } = ports;
  return createConnectorSource(async () => document, { now, log, budget, fetch })();
}

function directFetch(sims: { hubspot: InProcessHubspot; xero: InProcessXero }): Fetch {
  return async (url, init) => {
    const { dispatch } = url.startsWith(CRM_URL) ? sims.hubspot : sims.xero;
    const headers = init.headers as Readonly<Record<string, string>>;
    const rawBody = typeof init.body === "string" ? init.body : undefined;
    const outcome = dispatch({ method: init.method ?? "GET", url, headers, rawBody });
    if (typeof outcome === "string") throw new Error(`A simulator must answer here: ${outcome}`);
    const isBodiless = outcome.status === 204 || outcome.status === 304;
    return new Response(isBodiless ? null : (outcome.body ?? ""), {
      status: outcome.status,
      headers: { ...outcome.headers },
    });
  };
}
