/**
 * A HubSpot account on loopback: the CRM API as HubSpot's official SDK speaks it, signed webhooks,
 * and a page for a person. It has HubSpot's habits, also those that hurt: a search index that lags,
 * quotas, partial failures, values that come back changed. See README.md for what it leaves out.
 */
import { loadState, type SimulatorKernel, startSimulatorKernel } from "../kernel.ts";
import type { PlannedFault } from "../simulator-core.ts";
import type { ObjectType } from "./object-types.ts";
import type { SimulatedRecord } from "./page-routes.ts";
import {
  createHubspotSimulator,
  type HubspotAccountOptions,
  type HubspotTroubles,
} from "./simulator.ts";
import type { HubspotUser } from "./user.ts";
import { COALESCE_DELAY_MS } from "./webhooks.ts";

export interface HubspotSimulatorOptions extends HubspotAccountOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly webhookUrl?: string;
  /** Where the account is kept between runs; nowhere by default. */
  readonly statePath?: string;
  /** Runs the delayed part of webhooks; `webhooksSettled` does not wait for it. */
  readonly schedule?: (run: () => void, delayMs: number) => void;
}

export interface HubspotSimulator {
  readonly url: string;
  readonly token: string;
  readonly webhookSecret: string;
  readonly appId: number;
  readonly portalId: number;
  readonly user: HubspotUser;
  readonly troubles: HubspotTroubles;
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

export async function startHubspotSimulator(
  options: HubspotSimulatorOptions,
): Promise<HubspotSimulator> {
  const { schedule = scheduleByTimer } = options;
  let kernel: SimulatorKernel | undefined;
  const account = createHubspotSimulator({
    ...options,
    state: loadState(options.statePath),
    changed: () => kernel?.changed(),
    waiting: () => schedule(sendWaiting, COALESCE_DELAY_MS),
  });
  const { token, webhookSecret, appId, portalId, user, troubles } = account;
  const { planFault, calls, resetCalls, records, snapshot } = account;
  function sendWaiting(): void {
    for (const body of account.takeWebhookBodies()) kernel?.sendWebhook(body);
  }
  const running = await startSimulatorKernel({
    port: options.port ?? 0,
    statePath: options.statePath,
    core: account,
    snapshot,
    sign: (url, body) => account.signWebhook(url, body).headers,
  });
  kernel = running;
  running.setWebhookTarget(options.webhookUrl);
  return {
    url: running.url,
    ...{ token, webhookSecret, appId, portalId, user, troubles },
    ...{ planFault, calls, resetCalls, records },
    setWebhookTarget: (url) => running.setWebhookTarget(url),
    webhooksSettled: async () => {
      sendWaiting();
      await running.webhooksSettled();
    },
    close: () => running.close(),
  };
}

function scheduleByTimer(run: () => void, delayMs: number): void {
  setTimeout(run, delayMs).unref();
}
