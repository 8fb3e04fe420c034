/**
 * A simulator of the Xero accounting API on loopback: the vendor's own wire format, refusals, quotas,
 * idempotency and webhooks, close enough that `xero-node` works against it unchanged.
 */
import { loadState, type SimulatorKernel, startSimulatorKernel } from "../kernel.ts";
import type { PlannedFault } from "../simulator-core.ts";
import type { XeroRecords } from "./records.ts";
import {
  createXeroSimulator,
  type XeroOrganisationOptions,
  type XeroTroubles,
} from "./simulator.ts";
import type { XeroUser } from "./user.ts";
import { COALESCE_DELAY_MS } from "./webhooks.ts";

export interface XeroSimulatorOptions extends XeroOrganisationOptions {
  /** 0 or absent: any free port. */
  readonly port?: number;
  readonly webhookUrl?: string;
  /** Where the state is kept between runs; absent: nowhere. */
  readonly statePath?: string;
}

export interface XeroSimulator {
  /** Without a path: the accounting API is at `<url>/api.xro/2.0`. */
  readonly url: string;
  readonly token: string;
  readonly tenantId: string;
  readonly webhookKey: string;
  readonly user: XeroUser;
  readonly troubles: XeroTroubles;
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

/** Starts a simulator; its state is that of the last run where `statePath` names one. */
export async function startXeroSimulator(options: XeroSimulatorOptions): Promise<XeroSimulator> {
  let kernel: SimulatorKernel | undefined;
  let timer: NodeJS.Timeout | undefined;
  const organisation = createXeroSimulator({
    ...options,
    publicUrl: () => kernel?.url ?? "",
    state: loadState(options.statePath),
    changed: () => kernel?.changed(),
    waiting: () => {
      timer ??= setTimeout(sendWaiting, COALESCE_DELAY_MS);
    },
  });
  const { token, tenantId, webhookKey, user, troubles } = organisation;
  const { planFault, calls, resetCalls, records, issueRefreshToken } = organisation;
  function sendWaiting(): void {
    clearTimeout(timer);
    timer = undefined;
    for (const body of organisation.takeWebhookBodies()) kernel?.sendWebhook(body);
  }
  const running = await startSimulatorKernel({
    port: options.port ?? 0,
    statePath: options.statePath,
    core: organisation,
    snapshot: organisation.snapshot,
    sign: (url, body) => organisation.signWebhook(url, body).headers,
  });
  kernel = running;
  running.setWebhookTarget(options.webhookUrl);
  return {
    url: running.url,
    ...{ token, tenantId, webhookKey, user, troubles },
    ...{ planFault, calls, resetCalls, records, issueRefreshToken },
    setWebhookTarget: (url) => running.setWebhookTarget(url),
    sendIntentToReceive: async () => {
      const target = running.webhookTarget();
      if (target === undefined) throw new Error("No webhook target is set");
      return organisation.sendIntentToReceive(target);
    },
    webhooksSettled: () => {
      sendWaiting();
      return running.webhooksSettled();
    },
    close: () => {
      sendWaiting();
      return running.close();
    },
  };
}
