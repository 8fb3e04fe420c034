/** The tables of one scenario, with each aim and whether it is met. */
import {
  costliestLines,
  costOf,
  microdollarsPerMillion,
  shareOf,
  thousandthsOf,
  totalCost,
  type UsageLine,
} from "./cost.ts";
import type { ScenarioResult } from "./measurement.ts";
import {
  formatCount,
  formatDollars,
  formatMsPerRecord,
  formatPerRecord,
  formatRatio,
  formatScaled,
  formatSeconds,
  microsecondsOf,
} from "./numbers.ts";
import { prices, unitNames } from "./prices.ts";
import { callsOfKind, isWithinLimit } from "./remote-calls.ts";
import type { TextTable } from "./text-table.ts";
import { functionNameOf, usageLines } from "./usage.ts";

/** Microdollars for a million records, and microseconds of processor for one. */
const aimsOf = {
  changed: { dollars: 5_000_000n, cpu: 1_000n },
  unchanged: { dollars: 300_000n, cpu: 100n },
} as const;

const COSTLIEST_MAX = 14;

export function scenarioTables(result: ScenarioResult): TextTable[] {
  const lines = usageLines(result.counters, result.logBytes);
  return [
    aimsTable(result, lines),
    routesTable(result),
    unitsTable(result, lines),
    costliestTable(result, lines),
    functionsTable(result),
  ];
}

function aimsTable(result: ScenarioResult, lines: readonly UsageLine[]): TextTable {
  const { customers, limit, routes, wallMs } = result;
  const reads = callsOfKind(routes, "read");
  const writes = callsOfKind(routes, "write");
  const dollars = microdollarsPerMillion(totalCost(lines), customers);
  const cpuMs = Object.values(result.counters.functions).reduce((sum, one) => sum + one.cpuMs, 0);
  const aims = result.aims === "none" ? undefined : aimsOf[result.aims];
  const perSecond = BigInt(Math.round((customers * 1_000_000) / wallMs));
  return {
    title: `${formatCount(customers)} customers. ${result.title}`,
    head: ["what", "measured", "aim", "met"],
    rows: [
      callsRow("remote reads", reads, limit.reads),
      callsRow("remote writes", writes, limit.writes),
      callsRow("remote calls", reads + writes, limit.reads + limit.writes),
      [
        "setup calls, once for a new environment",
        formatCount(callsOfKind(routes, "setup")),
        "",
        "",
      ],
      [
        "AWS at list price, a million customers",
        formatDollars(dollars),
        aims === undefined ? "" : `at most ${formatDollars(aims.dollars, 2)}`,
        aims === undefined ? "" : mark(dollars <= aims.dollars),
      ],
      [
        "processor time of our functions, a customer",
        `${formatMsPerRecord(cpuMs, customers)} ms`,
        aims === undefined ? "" : `at most ${formatScaled(aims.cpu, 3, 1)} ms`,
        aims === undefined ? "" : mark(microsecondsOf(cpuMs) <= aims.cpu * BigInt(customers)),
      ],
      [
        "wall time",
        `${formatSeconds(wallMs)} s, ${formatScaled(perSecond, 3, 1)} customers a second`,
        "",
        "",
      ],
      [
        "errors the host reported",
        formatCount(result.errors.length),
        "0",
        mark(result.errors.length === 0),
      ],
    ],
  };
}

function callsRow(what: string, calls: number, limit: number): string[] {
  const ratio = formatRatio(calls, limit);
  return [
    what,
    limit === 0 ? formatCount(calls) : `${formatCount(calls)}, ${ratio} of the limit`,
    `within 1.10 of ${formatCount(limit)}`,
    mark(isWithinLimit(calls, limit)),
  ];
}

function mark(isMet: boolean): string {
  return isMet ? "yes" : "NO";
}

function routesTable({ routes, limitText, customers }: ScenarioResult): TextTable {
  return {
    title: `Calls to the vendors. Limit: ${limitText}`,
    head: ["system", "route", "for", "calls", "a customer"],
    rows: routes.map(({ system, route, kind, calls }) => [
      system,
      route,
      kind,
      formatCount(calls),
      formatPerRecord(BigInt(calls) * 1_000n, customers),
    ]),
  };
}

function unitsTable({ customers }: ScenarioResult, lines: readonly UsageLine[]): TextTable {
  const total = totalCost(lines);
  const rows = unitNames.map((unit) => {
    const ofUnit = lines.filter((line) => line.unit === unit);
    const cost = totalCost(ofUnit);
    const thousandths = thousandthsOf(lines, unit);
    return [
      prices[unit].label,
      formatScaled(thousandths, 3, 1),
      formatPerRecord(thousandths, customers),
      formatDollars(microdollarsPerMillion(cost, customers)),
      `${formatScaled(shareOf(cost, total), 2, 1)} %`,
    ];
  });
  return {
    title: "AWS units and their list price",
    head: ["unit", "counted", "a customer", "a million customers", "share"],
    rows: [...rows, ["total", "", "", formatDollars(microdollarsPerMillion(total, customers)), ""]],
  };
}

function costliestTable({ customers }: ScenarioResult, lines: readonly UsageLine[]): TextTable {
  const total = totalCost(lines);
  return {
    title: "Where the money goes",
    head: ["caller", "action", "unit", "a customer", "a million customers", "share"],
    rows: costliestLines(lines)
      .slice(0, COSTLIEST_MAX)
      .map((line) => [
        line.caller,
        line.action,
        prices[line.unit].label,
        formatPerRecord(line.thousandths, customers),
        formatDollars(microdollarsPerMillion(costOf(line), customers)),
        `${formatScaled(shareOf(costOf(line), total), 2, 1)} %`,
      ]),
  };
}

function functionsTable({ customers, counters }: ScenarioResult): TextTable {
  const functions = Object.entries(counters.functions).filter(([, one]) => one.invocations > 0);
  return {
    title: "Functions",
    head: [
      "function",
      "invocations",
      "failed",
      "billed ms",
      "processor ms",
      "processor ms a customer",
    ],
    rows: functions
      .sort(([, left], [, right]) => right.cpuMs - left.cpuMs)
      .map(([name, one]) => [
        functionNameOf(name),
        formatCount(one.invocations),
        formatCount(one.errors),
        formatCount(Math.round(one.billedMs)),
        formatScaled(microsecondsOf(one.cpuMs), 3, 1),
        formatMsPerRecord(one.cpuMs, customers),
      ]),
  };
}
