/** All results as text for a terminal, and as `docs/performance.md`. */
import { type FilesResult, filesTables } from "./files.ts";
import { formatCount, formatScaled, formatSeconds } from "./numbers.ts";
import { prices, unitNames } from "./prices.ts";
import { scenarioTables } from "./report.ts";
import type { SizeResult } from "./scenarios.ts";
import { renderMarkdown, renderText, type TextTable } from "./text-table.ts";
import { type TieOutResult, tieOutTable } from "./tie-out.ts";

export interface Circumstances {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly command: string;
  readonly machine: string;
  /** Load averages of one minute, before and after; the benchmark itself keeps about two cores busy. */
  readonly loadAtStart: string;
  readonly loadAtEnd: string;
  /** The highest resident memory of the process so far, in KiB, by customers. */
  readonly peakKibibytes: ReadonlyMap<number, number>;
}

/** What is measured without the stack. */
export interface BesideTheStack {
  readonly tieOut?: TieOutResult | undefined;
  readonly files?: FilesResult | undefined;
}

const FILES_HEADING = "## Files";
const KIBIBYTES_PER_MEBIBYTE = 1_024;

/** What the figures are and are not; one paragraph each. */
const explanations: readonly string[] = [
  "The whole product runs as `npm start` runs it, in memory: the synthesized template, the deployable bundles, and simulators of HubSpot and Xero. Every scenario is checked to have done what it says before it counts.",
  "The windows of the vendors' quotas are lifted, so that wall time is ours and not the vendor's wait; Xero's five calls at once stay. With its quota of 60 calls a minute Xero alone takes 3,000 customers a minute at most.",
  "Remote calls are counted by the simulators, without the benchmark's own. The limit is what the vendors' batch sizes allow. Setup calls (properties, pipelines) are made once for a new execution environment and are shown apart.",
  "AWS units are those of the calls that functions made and of the polling that Lambda does for them, at list price without free tiers. Not in them: stored bytes, backups, X-Ray traces, alarms, and Lambda's own log lines. Lambda's duration is measured on this machine, cold starts included: it rises when other work loads the machine, and real vendors answer slower than simulators.",
  "Processor time is that of the thread of a function while it handles an event, garbage collection of the thread included, the loading of its bundle not.",
  "Memory is the highest resident set of the one process that holds host, functions, simulators and benchmark; the process of the DynamoDB emulator (Java, where there is one) is not in it.",
];

function headline(circumstances: Circumstances): TextTable {
  const { date, command, machine, loadAtStart, loadAtEnd } = circumstances;
  return {
    title: "Measured",
    head: ["date", "command", "machine", "load before", "load after"],
    rows: [[date, `\`${command}\``, machine, loadAtStart, loadAtEnd]],
  };
}

function sizesTable(sizes: readonly SizeResult[], { peakKibibytes }: Circumstances): TextTable {
  return {
    title: "Stack",
    head: ["customers", "start, s", "all scenarios, s", "peak memory so far, MiB"],
    rows: sizes.map(({ customers, startMs, scenarios }) => [
      formatCount(customers),
      formatSeconds(startMs),
      formatSeconds(scenarios.reduce((sum, one) => sum + one.wallMs, 0)),
      formatCount(Math.round((peakKibibytes.get(customers) ?? 0) / KIBIBYTES_PER_MEBIBYTE)),
    ]),
  };
}

function pricesTable(): TextTable {
  return {
    title: "List prices, us-east-1, on demand",
    head: ["unit", "price", "source"],
    rows: unitNames.map((unit) => {
      const { label, listPrice, source } = prices[unit];
      return [label, listPrice, source];
    }),
  };
}

function remarks(size: SizeResult): string[] {
  const scheduled = size.scenarios.flatMap(({ name, counters }) => {
    const fired = counters.calls["scheduler"]?.["sqs:SendMessage"]?.calls ?? 0;
    const expected = name.endsWith("-check") ? 1 : 0;
    return fired > expected
      ? [`During ${name} the stack's own schedule fired ${fired - expected} times as well.`]
      : [];
  });
  const errors = size.scenarios.flatMap(({ name, errors: all }) =>
    [...new Set(all)].slice(0, 5).map((text) => `During ${name}: ${text}`),
  );
  // DynamoDB Local (3.3.1) rounds a transaction and a batch of reads as if they were one item, and
  // counts no missing item of a batch; AWS rounds each item, and bills a missing one as 4 KB read.
  const isUndercounted = !size.notices.some((text) => text.includes("dynoxide"));
  const undercount = isUndercounted
    ? [
        "DynamoDB Local counts fewer units than AWS bills for TransactWriteItems and BatchGetItem: the cost above is too low.",
      ]
    : [];
  return [...size.notices, ...undercount, ...scheduled, ...errors];
}

/** Lines of a size: its tables, and what was odd. */
export function renderSize(size: SizeResult): string {
  const tables = size.scenarios.flatMap((one) => scenarioTables(one)).map(renderText);
  return [...tables, ...remarks(size)].join("\n\n");
}

export function renderSummary(sizes: readonly SizeResult[], circumstances: Circumstances): string {
  const plain = explanations.map((text) => text.replaceAll("`", ""));
  const tables = [sizesTable(sizes, circumstances), headline(circumstances)].map(renderText);
  return [...tables, ...plain].join("\n\n");
}

export function renderDocument(
  sizes: readonly SizeResult[],
  circumstances: Circumstances,
  { tieOut, files }: BesideTheStack = {},
): string {
  const sections = sizes.flatMap((size) => [
    `## ${formatCount(size.customers)} customers`,
    ...size.scenarios.flatMap((scenario) => [
      `### ${scenario.title}`,
      ...scenarioTables(scenario).map(renderMarkdown),
    ]),
    ...remarks(size),
  ]);
  const parts = [
    "# Performance",
    "Made by `npm run bench -- --write`; do not edit.",
    renderMarkdown(headline(circumstances)),
    renderMarkdown(sizesTable(sizes, circumstances)),
    "## How it is measured",
    ...explanations,
    renderMarkdown(pricesTable()),
    ...(tieOut === undefined ? [] : ["## Tie-out", renderMarkdown(tieOutTable(tieOut))]),
    ...(files === undefined ? [] : [FILES_HEADING, ...filesTables(files).map(renderMarkdown)]),
    ...sections,
  ];
  return `${parts.join("\n\n")}\n`;
}

/** The document with these figures of files in the place of those it had, or at its end. */
export function withFiles(
  document: string,
  files: FilesResult,
  circumstances: Circumstances,
): string {
  const [before = "", after = ""] = document.split(`${FILES_HEADING}\n`);
  const rest = after.includes("\n## ") ? after.slice(after.indexOf("\n## ") + 1) : "";
  const section = [
    FILES_HEADING,
    renderMarkdown(headline(circumstances)),
    ...filesTables(files).map(renderMarkdown),
  ];
  return [before.trimEnd(), ...section, rest].join("\n\n").trimEnd().concat("\n");
}

/** A load average as Linux gives it, with two decimals. */
export function formatLoad(load: number): string {
  return formatScaled(BigInt(Math.round(load * 100)), 2, 2);
}
