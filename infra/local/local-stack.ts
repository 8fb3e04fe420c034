/**
 * The whole product on this machine: functions bundled, stack synthesized, template run by the local
 * host, and a simulator for each system, unless other connections are given.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectionsDocument } from "#shared/contracts/connections.ts";
import { bundleFunctions } from "../bundle.ts";
import { synthesize } from "../synthesize.ts";
import { type HostLog, type LocalHost, readAssembly, startHost } from "./host/index.ts";
import type { Template } from "./host/template.ts";
import { type HubspotSimulator, startHubspotSimulator } from "./simulators/hubspot/index.ts";
import { startXeroSimulator, type XeroSimulator } from "./simulators/xero/index.ts";
import { BAD_DEBTS_CODE } from "./simulators/xero/organisation.ts";

/** For this machine only: the simulators listen on loopback. */
const credentials = {
  hubspot: { token: "local-hubspot-token", webhookSecret: "local-hubspot-webhook-secret" },
  xero: {
    token: "local-xero-token",
    tenantId: "10ca1000-0000-4000-8000-000000000001",
    webhookKey: "local-xero-webhook-key",
  },
};

/** What the simulated CRM bills in beside its own US dollars; a deal in another currency is refused. */
const CRM_CURRENCIES = ["EUR", "GBP"];

/** What the CRM calls the simulated organisation's tax on sales. */
const TAX_TYPES = { standard: "OUTPUT" };

/** The simulated company as a seller, and its taxes by the names that the CRM gives them. */
const E_INVOICES = {
  seller: {
    name: "Tieout Demo Company",
    registration: "HRB 104223",
    taxNumber: "DE 136 695 976",
    street: "Lange Straße 1",
    city: "Berlin",
    postalCode: "10115",
    country: "Germany",
    email: "billing@tieout.example",
    account: "DE89370400440532013000",
  },
  taxes: {
    standard: { category: "S", percent: "15" },
    none: { category: "O", exemptionReason: "Not subject to tax" },
  },
};

export interface LocalStackOptions {
  /** Absolute; state survives in it. Absent: everything in memory. */
  readonly stateFolder?: string;
  readonly ports: { http: number; aws: number; hubspot: number; xero: number };
  readonly onLog: (line: HostLog) => void;
  /** Connections in place of the simulators: the path of a connections document. */
  readonly connectionsPath?: string | undefined;
  /** Simulators of another stack in place of new ones; closing them stays its business. */
  readonly simulators?: Simulators;
  /** What is run in place of the synthesized template, such as one that lacks a grant. */
  readonly alterTemplate?: (template: Template) => Template;
  /** Where the template is written, so that a running stack's is not replaced. */
  readonly bundle?: boolean;
  /** The DynamoDB emulator, where not the best one found. */
  readonly ddb?: "auto" | "dynamodb-local" | "dynoxide";
  readonly hubspotLimits?: { burstPerTenSeconds?: number; searchPerSecond?: number };
  readonly xeroLimits?: { perMinute?: number; perDay?: number; concurrent?: number };
}

export interface LocalStack {
  readonly host: LocalHost;
  readonly hubspot: HubspotSimulator | undefined;
  readonly xero: XeroSimulator | undefined;
  /** What `.local/stack.json` holds. */
  readonly addresses: StackAddresses;
  /** Resolves when nothing moves any more: no webhook, no message, no invocation. */
  settled(): Promise<void>;
  close(): Promise<void>;
  /** Ends the functions in mid-flight, as a crash does; the simulators live on. */
  killHost(): void;
}

/** With full URLs, so that the AWS CLI or a vendor's SDK can join in with nothing else. */
export interface StackAddresses {
  readonly http: string;
  readonly aws: LocalHost["aws"];
  readonly tables: Readonly<Record<string, string>>;
  readonly queues: Readonly<Record<string, string>>;
  readonly buckets: {
    readonly inbox: string;
    readonly outbox: string;
    readonly history: string;
    readonly snapshots: string;
  };
  /** Names of secrets in Secrets Manager. */
  readonly secrets: { readonly connections: string };
  readonly simulators: {
    readonly hubspot?: { url: string; token: string; webhookSecret: string };
    readonly xero?: { url: string; token: string; tenantId: string; webhookKey: string };
  };
}

export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  if (options.bundle !== false) await bundleFunctions();
  const outFolder = mkdtempSync(join(tmpdir(), "tieout-template-"));
  const { stackName } = await synthesize("local", outFolder, { checksTemplate: false });
  const assembly = readAssembly(outFolder, stackName);
  const simulators = options.simulators ?? (await startSimulators(options));
  const { hubspot, xero } = simulators;
  const host = await startHost({
    ...assembly,
    template: options.alterTemplate?.(assembly.template) ?? assembly.template,
    ...(options.stateFolder === undefined
      ? {}
      : { stateFolder: join(options.stateFolder, "host") }),
    httpPort: options.ports.http,
    awsPort: options.ports.aws,
    secrets: new Map([["StatefulConnections", JSON.stringify(connectionsOf(options, simulators))]]),
    onLog: options.onLog,
    ...(options.ddb === undefined ? {} : { ddb: options.ddb }),
  });
  hubspot?.setWebhookTarget(`${host.http}/webhooks/crm`);
  xero?.setWebhookTarget(`${host.http}/webhooks/books`);
  const closeSimulators = async () => {
    if (options.simulators === undefined) await Promise.all([hubspot?.close(), xero?.close()]);
  };
  return {
    host,
    hubspot,
    xero,
    addresses: addressesOf(host, simulators),
    settled: async () => {
      // A webhook makes work, and work makes webhooks: settled is when a round brings neither.
      let before: number | undefined;
      while (before !== invocationCountOf(host)) {
        before = invocationCountOf(host);
        await hubspot?.webhooksSettled();
        await xero?.webhooksSettled();
        await host.idle();
      }
    },
    close: async () => {
      await host.close();
      await closeSimulators();
      rmSync(outFolder, { recursive: true, force: true });
    },
    killHost: () => host.kill(),
  };
}

function invocationCountOf(host: LocalHost): number {
  const counts = Object.values(host.counters().functions);
  return counts.reduce((sofar, { invocations }) => sofar + invocations, 0);
}

interface Simulators {
  readonly hubspot: HubspotSimulator | undefined;
  readonly xero: XeroSimulator | undefined;
}

async function startSimulators(options: LocalStackOptions): Promise<Simulators> {
  if (options.connectionsPath !== undefined) return { hubspot: undefined, xero: undefined };
  const { stateFolder, ports } = options;
  const statePath = (name: string) =>
    stateFolder === undefined ? {} : { statePath: join(stateFolder, `${name}.json`) };
  const hubspot = await startHubspotSimulator({
    ...credentials.hubspot,
    ...statePath("hubspot"),
    port: ports.hubspot,
    additionalCurrencies: CRM_CURRENCIES,
    ...(options.hubspotLimits === undefined ? {} : { limits: options.hubspotLimits }),
  });
  const xero = await startXeroSimulator({
    ...credentials.xero,
    ...statePath("xero"),
    port: ports.xero,
    ...(options.xeroLimits === undefined ? {} : { limits: options.xeroLimits }),
  });
  return { hubspot, xero };
}

function connectionsOf(options: LocalStackOptions, { hubspot, xero }: Simulators): unknown {
  if (options.connectionsPath !== undefined) {
    const text = readFileSync(options.connectionsPath, "utf8");
    connectionsDocument.parse(JSON.parse(text));
    return JSON.parse(text);
  }
  const { token, webhookSecret } = credentials.hubspot;
  return [
    {
      id: "crm",
      system: "hubspot",
      baseUrl: hubspot?.url,
      token,
      webhookSecret,
      quota: {
        callsPerTenSeconds: options.hubspotLimits?.burstPerTenSeconds,
        searchesPerSecond: options.hubspotLimits?.searchPerSecond,
      },
    },
    {
      id: "books",
      system: "xero",
      baseUrl: xero?.url,
      identityUrl: xero?.url,
      tenantId: credentials.xero.tenantId,
      auth: { kind: "token", token: credentials.xero.token },
      webhookKey: credentials.xero.webhookKey,
      writeOffAccounts: [BAD_DEBTS_CODE],
      taxTypes: TAX_TYPES,
      eInvoice: E_INVOICES,
      quota: {
        callsPerMinute: options.xeroLimits?.perMinute,
        callsPerDay: options.xeroLimits?.perDay,
        callsAtOnce: options.xeroLimits?.concurrent,
      },
    },
  ];
}

function addressesOf(host: LocalHost, { hubspot, xero }: Simulators): StackAddresses {
  const output = (name: string): string => {
    const value = host.outputs[name];
    if (typeof value !== "string") throw new Error(`The stack has no output ${name}`);
    return value;
  };
  const queueName = (url: string): string => url.slice(url.lastIndexOf("/") + 1);
  return {
    http: host.http,
    aws: host.aws,
    tables: { mapping: output("TableName") },
    queues: Object.fromEntries(
      Object.values(host.queues).map((url) => [queueName(url).replace(/^tieout-local-/, ""), url]),
    ),
    buckets: {
      inbox: output("InboxBucket"),
      outbox: output("OutboxBucket"),
      history: output("HistoryBucket"),
      snapshots: output("SnapshotsBucket"),
    },
    secrets: { connections: output("ConnectionsSecretArn") },
    simulators: {
      ...(hubspot === undefined ? {} : { hubspot: { url: hubspot.url, ...credentials.hubspot } }),
      ...(xero === undefined ? {} : { xero: { url: xero.url, ...credentials.xero } }),
    },
  };
}

/** Written whole or not at all, readable by its owner only: it holds credentials. */
export function writeAddresses(path: string, addresses: StackAddresses): void {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, `${JSON.stringify(addresses, null, 2)}\n`, { mode: 0o600 });
}
