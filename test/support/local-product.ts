/**
 * The whole product with both simulators, for tests from door to effect: what happens is done at the
 * simulators, the inbox or the HTTP API, and what is looked at is there, too.
 */
import type { HostLog } from "#infra/local/host/index.ts";
import {
  type LocalStack,
  type LocalStackOptions,
  startLocalStack,
} from "#infra/local/local-stack.ts";
import type { HubspotSimulator } from "#infra/local/simulators/hubspot/index.ts";
import type { XeroSimulator } from "#infra/local/simulators/xero/index.ts";
import { Books } from "./local-books.ts";
import { type Answer, callJson } from "./local-calls.ts";
import { Crm } from "./local-crm.ts";

/** A test does in a minute what a company does in a day; the quotas have tests of their own. */
const PACE = {
  hubspotLimits: { burstPerTenSeconds: 2_000 },
  xeroLimits: { perMinute: 2_000, perDay: 100_000 },
};

export interface Product {
  readonly stack: LocalStack;
  readonly hubspot: HubspotSimulator;
  readonly xero: XeroSimulator;
  readonly crm: Crm;
  readonly books: Books;
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Answer>;
  drop(key: string, content: string | Uint8Array<ArrayBuffer>): Promise<void>;
  /** Everything the host and the functions have logged. */
  readonly log: readonly HostLog[];
  /** What was logged as an error, and invocations that failed: empty where all went well. */
  failures(): readonly HostLog[];
}

/**
 * Starts it with free ports, in memory unless the options name a folder. The functions are those that
 * `bundle-once.ts` has bundled before all tests.
 */
export async function startProduct(
  options: Partial<Omit<LocalStackOptions, "ports" | "onLog" | "bundle">> = {},
): Promise<Product> {
  const log: HostLog[] = [];
  const stack = await startLocalStack({
    ...PACE,
    ...options,
    bundle: false,
    ports: { http: 0, aws: 0, hubspot: 0, xero: 0 },
    onLog: (line) => log.push(line),
  });
  const { hubspot, xero } = stack;
  if (hubspot === undefined || xero === undefined) throw new Error("A simulator is missing");
  const { http } = stack.host;
  return {
    stack,
    hubspot,
    xero,
    crm: new Crm(hubspot),
    books: new Books(xero),
    get: (path) => callJson({ method: "GET", url: `${http}${path}` }),
    post: (path, body) => callJson({ method: "POST", url: `${http}${path}`, body }),
    drop: async (key, content) => {
      const url = `${http}/_local/inbox/${encodeURIComponent(key)}`;
      const response = await fetch(url, {
        method: "PUT",
        headers: { "content-type": "text/csv" },
        body: content,
      });
      if (!response.ok) throw new Error(`${key} was not taken: ${await response.text()}`);
    },
    log,
    failures: () => log.filter(isFailure),
  };
}

function isFailure(line: HostLog): boolean {
  if (line.kind === "error") return true;
  if (line.kind === "invocation") return !line.ok;
  return line.kind === "function-log" && line.text.includes('"level":"error"');
}
