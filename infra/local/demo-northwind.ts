/**
 * `npm run demo:northwind -- <folder>`: drops customers.csv, products.csv and order_lines.csv of a
 * folder into the running stack, waits until all of it has landed, and prints what both systems then
 * hold. Drops the same files again, which must write nothing. Ends with a tie-out, and with 1 where the
 * sides differ.
 *
 * With `--damage` ten documents are then changed in one of the two systems, behind Tieout's back, and
 * another tie-out must name them; with `--damage-only` that is all it does.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseExact } from "#shared/domain/json.ts";
import { formatMoney, parseMoney, sum } from "#shared/domain/money.ts";
import { behindTheBack } from "./behind-the-back.ts";
import { damageDocuments } from "./damage.ts";
import { dropFile, readAddresses } from "./drop.ts";
import type { StackAddresses } from "./local-stack.ts";
import { readDifferences, runTieOut } from "./tie-out-calls.ts";
import { describeTieOut, differencesAboveTolerance } from "./tie-out-text.ts";

const files = ["customers.csv", "products.csv", "order_lines.csv"];
const POLL_MS = 1_000;
/** A run counts as ended when its counts stood still for this long. */
const QUIET_POLLS = 8;
/** On a busy machine all of it takes its time; what a worker that timed out had comes back after 12 minutes. */
const STILL_MS_MAX = 15 * 60_000;

interface RunView {
  readonly runId: string;
  readonly subject: string;
  readonly startedAt: string;
  readonly isSettled: boolean;
  readonly problem?: { readonly code: string; readonly fix: string };
  readonly counts: Readonly<Record<string, number>>;
  readonly totals: Readonly<Record<string, string>>;
}

interface Side {
  readonly customers: number;
  readonly products: number;
  readonly documents: number;
  readonly totals: string;
}

function say(text = ""): void {
  process.stdout.write(`${text}\n`);
}

async function getExact(url: string): Promise<unknown> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return parseExact(await response.text());
}

async function recordsOf(url: string, type: string): Promise<Record<string, unknown>[]> {
  const answer = await getExact(`${url}/__sim/records/${type}`);
  const list = Array.isArray(answer) ? answer : Object.values(answer as object).flat();
  return list as Record<string, unknown>[];
}

/** Sums by currency, to the minor unit. */
function totalsOf(amounts: readonly { currency: string; amount: string }[]): string {
  const byCurrency = Map.groupBy(amounts, ({ currency }) => currency);
  const texts = [...byCurrency].sort().map(([currency, group]) => {
    const total = sum(
      group.map(({ amount }) => parseMoney(amount, currency)),
      currency,
    );
    return `${currency} ${formatMoney(total).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ",")}`;
  });
  return texts.join("; ") || "none";
}

async function readCrm(url: string): Promise<Side> {
  const [companies, products, deals] = await Promise.all(
    ["companies", "products", "deals"].map((type) => recordsOf(url, type)),
  );
  const properties = (deals ?? []).map((deal) => deal["properties"] as Record<string, string>);
  return {
    customers: companies?.length ?? 0,
    products: products?.length ?? 0,
    documents: properties.length,
    totals: totalsOf(
      properties.map((deal) => ({
        currency: deal["deal_currency_code"] ?? "",
        amount: deal["amount"] ?? "",
      })),
    ),
  };
}

async function readBooks(url: string): Promise<Side> {
  const [contacts, products, invoices] = await Promise.all(
    ["contacts", "items", "invoices"].map((type) => recordsOf(url, type)),
  );
  return {
    customers: contacts?.length ?? 0,
    products: products?.length ?? 0,
    documents: invoices?.length ?? 0,
    totals: totalsOf(
      (invoices ?? []).map((invoice) => ({
        currency: String(invoice["CurrencyCode"]),
        amount: String(invoice["Total"]),
      })),
    ),
  };
}

/** Drops the files and follows their runs until nothing moves any more. */
async function dropAndFollow(http: string, folder: string): Promise<RunView[]> {
  const known = new Set((await listRuns(http)).map(({ runId }) => runId));
  for (const file of files) await dropFile(http, join(folder, file));
  let movedAt = performance.now();
  let before = "";
  let said = "";
  for (let quiet = 0; performance.now() < movedAt + STILL_MS_MAX; ) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const runs = (await listRuns(http)).filter(({ runId }) => !known.has(runId));
    const imports = runs.filter(({ subject }) => files.includes(subject));
    const now = JSON.stringify(imports);
    const isEnded = imports.length === files.length && imports.every((run) => run.isSettled);
    quiet = isEnded && now === before ? quiet + 1 : 0;
    if (now !== before) movedAt = performance.now();
    if (quiet >= QUIET_POLLS) return imports;
    const progress = imports.map(progressOf).join("   ");
    if (progress !== said) say(`  ${progress}`);
    said = progress;
    before = now;
  }
  throw new Error(
    `Nothing has moved for ${STILL_MS_MAX / 60_000} minutes, and not all has landed; see ${http}/runs`,
  );
}

async function listRuns(http: string): Promise<RunView[]> {
  const response = await fetch(`${http}/runs?limit=50`);
  return ((await response.json()) as { runs: RunView[] }).runs;
}

function progressOf({ subject, counts }: RunView): string {
  const ended = Object.entries(counts)
    .filter(([path]) => path.startsWith("created."))
    .map(([path, count]) => `${path.slice("created.".length)} ${count}`);
  return `${subject}: ${ended.join(", ") || "reading"}`;
}

async function writeCalls(url: string): Promise<number> {
  const calls = (await (await fetch(`${url}/__sim/calls`)).json()) as Record<string, number>;
  return Object.entries(calls)
    .filter(([route]) => /^(POST|PUT|PATCH|DELETE) /.test(route))
    .filter(([route]) => !/\/(search|batch\/read|merge-preview)$|\/__sim\/|\/ui\//.test(route))
    .reduce((total, [, count]) => total + count, 0);
}

async function parkedCount(http: string): Promise<number> {
  const response = await fetch(`${http}/parked`);
  return ((await response.json()) as { records: unknown[] }).records.length;
}

function report(crm: Side, books: Side, parked: number): boolean {
  const row = (label: string, left: string | number, right: string | number): void => {
    say(`  ${label.padEnd(26)}${String(left).padStart(20)}${String(right).padStart(20)}`);
  };
  say();
  row("", "HubSpot", "Xero");
  row("customers", crm.customers, books.customers);
  row("products", crm.products, books.products);
  row("won deals / draft invoices", crm.documents, books.documents);
  row("total", crm.totals, books.totals);
  say(`  ${"parked records".padEnd(26)}${String(parked).padStart(20)}`);
  say();
  return JSON.stringify(crm) === JSON.stringify(books) && parked === 0;
}

async function demo(addresses: StackAddresses, folder: string): Promise<boolean> {
  const { hubspot, xero } = addresses.simulators;
  if (hubspot === undefined || xero === undefined)
    throw new Error("The demo needs the simulators.");
  const startedAt = performance.now();
  say(`Dropping ${files.join(", ")} of ${folder} ...`);
  const runs = await dropAndFollow(addresses.http, folder);
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  for (const { subject, problem } of runs) {
    if (problem !== undefined) say(`  ${subject} was refused: ${problem.code}. ${problem.fix}`);
  }
  const parked = await parkedCount(addresses.http);
  const agree = report(await readCrm(hubspot.url), await readBooks(xero.url), parked);
  say(
    `  Landed in ${seconds} s.${agree ? " Both sides agree to the cent." : " The sides DIFFER."}`,
  );

  say("\nDropping the same files again ...");
  const before = (await writeCalls(hubspot.url)) + (await writeCalls(xero.url));
  await dropAndFollow(addresses.http, folder);
  const writes = (await writeCalls(hubspot.url)) + (await writeCalls(xero.url)) - before;
  say(`\n  ${writes} writes to either system.`);
  return agree && writes === 0;
}

/** Nothing is on its way any more: what differs is no matter of time. */
const SETTLED = { inFlightSeconds: 0 };

async function proveAgreement({ http }: StackAddresses): Promise<boolean> {
  say("\nTying out: reading both systems, then comparing ...\n");
  const { report } = await runTieOut(http, SETTLED);
  for (const line of describeTieOut(report)) say(`  ${line}`.trimEnd());
  return differencesAboveTolerance(report) === 0;
}

/** Whether the tie-out names what was damaged, each with its class, and nothing beside. */
async function proveDamage(addresses: StackAddresses): Promise<boolean> {
  say("\nDamaging ten documents while webhooks are held back and polls are off ...\n");
  const { damaged, found } = await behindTheBack(addresses, async () => {
    const done = await damageDocuments(addresses);
    const { runId } = await runTieOut(addresses.http, SETTLED);
    return { damaged: done, found: await readDifferences(addresses.http, runId) };
  });
  const isNamed = damaged.map(({ key, class: name, what }) => {
    const answer = found.filter((one) => one.key === key).map((one) => one.class);
    const isRight = answer.length === 1 && answer[0] === name;
    say(`  ${isRight ? "named" : "MISSED"}  ${name.padEnd(18)}${key}: ${what}`);
    return isRight;
  });
  const count = isNamed.filter(Boolean).length;
  const others = found.length - count;
  say(`\n  ${count} of ${damaged.length} named with the right class, ${others} others.`);
  return isNamed.every(Boolean) && others === 0;
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { damage: { type: "boolean" }, "damage-only": { type: "boolean" } },
});
const isDamageOnly = options["damage-only"] === true;
const folder = positionals[0] ?? (isDamageOnly ? "" : undefined);
if (folder === undefined) {
  process.stderr.write(
    "Usage: npm run demo:northwind -- <folder with the three CSV files> [--damage]\n",
  );
  process.exit(2);
}
try {
  const addresses = readAddresses();
  let isWell = isDamageOnly || (await demo(addresses, folder));
  if (!isDamageOnly) isWell = (await proveAgreement(addresses)) && isWell;
  if (isDamageOnly || options.damage === true) isWell = (await proveDamage(addresses)) && isWell;
  process.exitCode = isWell ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
