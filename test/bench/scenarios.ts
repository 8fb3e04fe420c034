/** What is measured, one after the other on one stack, each checked to have done what it says. */
import { startLocalStack } from "#infra/local/local-stack.ts";
import { CrmEdits, editedPhone } from "./crm-edits.ts";
import {
  LogMeter,
  measure,
  type Measurement,
  requireSimulators,
  type ScenarioResult,
  type Simulated,
} from "./measurement.ts";
import { callLimit, type CallLimit } from "./remote-calls.ts";

export const scenarioNames = [
  "first-load",
  "change",
  "first-full-check",
  "full-check",
  "incremental-check",
] as const;
export type ScenarioName = (typeof scenarioNames)[number];

/** The vendors' own bounds (developers.hubspot.com and developer.xero.com, read 2026-11). */
const HUBSPOT_BATCH = 100;
const XERO_WRITE_BATCH = 50;
const XERO_PAGE = 1_000;
/** Lists that the connections read: three of the CRM; seven of the books, three of which are payments. */
const SOURCES = 10;

/** So high that no window of a quota is ever full; Xero's five calls at once stay as they are. */
const WITHOUT_QUOTA = 1_000_000_000;

export interface SizeResult {
  readonly customers: number;
  readonly startMs: number;
  readonly notices: readonly string[];
  readonly scenarios: readonly ScenarioResult[];
}

interface Bench {
  readonly stack: Simulated;
  readonly edits: CrmEdits;
  readonly customers: number;
  /** Company ids, once they are made. */
  ids: readonly string[];
}

interface Scenario {
  readonly title: string;
  readonly aims: ScenarioResult["aims"];
  readonly limitText: string;
  limitOf(customers: number): CallLimit;
  run(bench: Bench): Promise<void>;
  /** Throws where the scenario did not do what it says. */
  check(bench: Bench, measured: Measurement): void;
}

const batchLimit = {
  limitText: `customers/${HUBSPOT_BATCH} reads in HubSpot, customers/${XERO_WRITE_BATCH} writes in Xero`,
  limitOf: (customers: number) => callLimit(customers, HUBSPOT_BATCH, XERO_WRITE_BATCH),
};

const fullCheck = {
  aims: "unchanged" as const,
  limitText: `customers/${HUBSPOT_BATCH} pages of HubSpot, customers/${XERO_PAGE} of Xero, one each for what is empty`,
  limitOf: (customers: number) => ({
    reads: Math.ceil(customers / HUBSPOT_BATCH) + Math.ceil(customers / XERO_PAGE) + (SOURCES - 2),
    writes: 0,
  }),
  run: ({ stack }: Bench) => stack.host.fireSchedule("nightly"),
  check: expectNoWrites,
};

const scenarios: Readonly<Record<ScenarioName, Scenario>> = {
  "first-load": {
    title: "First load: all customers are made in HubSpot, and from there in Xero",
    aims: "changed",
    ...batchLimit,
    async run(bench) {
      bench.ids = await bench.edits.createCompanies(bench.customers);
    },
    check: ({ stack, customers }) => {
      expectCount("contacts in Xero", stack.xero.records("contacts").length, customers);
    },
  },
  change: {
    title: "Change: the phone number of every customer is edited in HubSpot",
    aims: "changed",
    ...batchLimit,
    run: ({ edits, ids }) => edits.setPhones(ids),
    check: ({ stack, customers }) => {
      const expected = new Set(Array.from({ length: customers }, (_, index) => editedPhone(index)));
      for (const { Phones } of stack.xero.records("contacts")) {
        for (const phone of Object.values(Phones)) expected.delete(phone.PhoneNumber);
      }
      expectCount("phone numbers that did not reach Xero", expected.size, 0);
    },
  },
  "first-full-check": {
    title: "First full check after writes: the nightly schedule reads every record of both systems",
    ...fullCheck,
  },
  "full-check": {
    title: "Full check: the nightly schedule reads every record again; nothing changed since",
    ...fullCheck,
  },
  "incremental-check": {
    title: "Incremental check: the schedule asks both systems what changed; nothing did",
    aims: "none",
    limitText: "one page for each record type of each system",
    limitOf: () => ({ reads: SOURCES, writes: 0 }),
    run: ({ stack }) => stack.host.fireSchedule("incremental"),
    check: expectNoWrites,
  },
};

function expectNoWrites(_bench: Bench, { routes }: Measurement): void {
  const written = routes.filter(({ kind }) => kind === "write").map(({ route }) => route);
  expectCount(`writes of unchanged records (${written.join(", ")})`, written.length, 0);
}

function expectCount(what: string, actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`${what}: ${actual} in place of ${expected}`);
}

/** Starts a stack in memory, runs the scenarios asked for with those they build on, and ends it. */
export async function runSize(
  customers: number,
  wanted: readonly ScenarioName[],
  say: (text: string) => void,
): Promise<SizeResult> {
  const meter = new LogMeter();
  const notices: string[] = [];
  const startedMs = performance.now();
  say(`${customers} customers: starting the stack`);
  const ddb = process.platform === "linux" && process.arch === "x64" ? "dynoxide" : "auto";
  if (ddb === "dynoxide")
    notices.push("Units are counted by dynoxide: item by item, as AWS bills.");
  const stack = await startLocalStack({
    ports: { http: 0, aws: 0, hubspot: 0, xero: 0 },
    // DynamoDB Local counts a transaction as one item.
    ddb,
    hubspotLimits: { burstPerTenSeconds: WITHOUT_QUOTA, searchPerSecond: WITHOUT_QUOTA },
    xeroLimits: { perMinute: WITHOUT_QUOTA, perDay: WITHOUT_QUOTA },
    onLog: (line) => {
      if (line.kind === "function-log") meter.add(line.functionName, line.text);
      if (line.kind === "error") meter.addError(line.text);
      if (line.kind === "notice") notices.push(line.text);
    },
  });
  const startMs = performance.now() - startedMs;
  try {
    const simulated = requireSimulators(stack);
    const edits = new CrmEdits(simulated.hubspot);
    const bench: Bench = { stack: simulated, edits, customers, ids: [] };
    const results: ScenarioResult[] = [];
    // All need the customers; the checks that come later, what the first full one remembers.
    const last = Math.max(...wanted.map((name) => scenarioNames.indexOf(name)));
    for (const name of scenarioNames.slice(0, last + 1)) {
      const isNeeded =
        wanted.includes(name) || name === "first-load" || name === "first-full-check";
      if (!isNeeded) continue;
      const scenario = scenarios[name];
      say(`${customers} customers: ${name}`);
      const measured = await measure(simulated, meter, edits, () => scenario.run(bench));
      scenario.check(bench, measured);
      say(`${customers} customers: ${name} took ${(measured.wallMs / 1_000).toFixed(1)} s`);
      if (!wanted.includes(name)) continue;
      const { title, aims, limitText } = scenario;
      const limit = scenario.limitOf(customers);
      results.push({ ...measured, name, title, customers, limit, limitText, aims });
    }
    return { customers, startMs, notices, scenarios: results };
  } finally {
    await stack.close();
  }
}
