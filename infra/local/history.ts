/**
 * `npm run history -- verify`: checks the history of every record, or of one, and says what is broken.
 *
 * Without more it looks at the stack that `npm start` runs. With `--table` and `--bucket` it looks at
 * a deployment, with the credentials and the region that the AWS CLI would use.
 */
import { parseArgs } from "node:util";
import { env } from "#shared/config/names.ts";
import { composeHistoryView } from "#shared/runtime/compose.ts";
import type { HistoryViewDependencies } from "#shared/sync/dependencies.ts";
import {
  type HistoryCounts,
  type VerifyFinding,
  verifyHistory,
  verifyRecord,
} from "#shared/sync/verify-history.ts";
import { readAddresses } from "./drop.ts";
import { useLocalStack } from "./use-local-stack.ts";

const USAGE = `Usage: npm run history -- verify [options]

  --record <id>     only this record, by its canonical id
  --since <time>    only what was saved since, such as 2026-11-22T00:00:00Z
  --parts <n>       in n turns, for as much less memory (1 to 64)
  --table <name>    the mapping table of a deployment, with
  --bucket <name>   its history bucket
  --stack <file>    addresses of a local stack, in place of .local/stack.json

Exits with 0 where all is well, 1 where something is broken, 2 where it could not look.
`;

const PARTS_MAX = 64;

class UsageError extends Error {}

interface Options {
  readonly record: string | undefined;
  readonly since: number | undefined;
  readonly parts: number;
  readonly table: string | undefined;
  readonly bucket: string | undefined;
  readonly stack: string | undefined;
}

function readOptions(args: readonly string[]): Options {
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { record: text, since: text, parts: text, table: text, bucket: text, stack: text },
  });
  const { record, table, bucket, stack } = values;
  const since = values.since === undefined ? undefined : Date.parse(values.since);
  const parts = Number(values.parts ?? "1");
  if (positionals.length !== 1 || positionals[0] !== "verify") throw new UsageError("verify what?");
  if (Number.isNaN(since)) throw new UsageError("--since is no time");
  if (!Number.isInteger(parts) || parts < 1 || parts > PARTS_MAX) {
    throw new UsageError("--parts is no number of turns");
  }
  if ((table === undefined) !== (bucket === undefined)) {
    throw new UsageError("--table and --bucket go together");
  }
  return { record, since, parts, table, bucket, stack };
}

function connect({ table, bucket, stack }: Options): HistoryViewDependencies {
  if (table !== undefined && bucket !== undefined) {
    return composeHistoryView({ [env.table]: table, [env.historyBucket]: bucket });
  }
  const addresses = readAddresses(stack);
  useLocalStack(addresses);
  const { tables, buckets } = addresses;
  return composeHistoryView({
    [env.table]: tables["mapping"],
    [env.historyBucket]: buckets.history,
  });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function verify(options: Options): Promise<HistoryCounts> {
  const deps = connect(options);
  const how = {
    since: options.since,
    parts: options.parts,
    onBreak: (found: VerifyFinding) => {
      const where = "object" in found ? found.object : `${found.canonicalId} ${found.revision}`;
      say(`broken: ${where} ${found.code}`);
    },
  };
  if (options.record === undefined) return verifyHistory(deps, how);
  const counts = await verifyRecord(deps, options.record, how);
  if (counts === undefined) throw new UsageError(`no record ${options.record} in the table`);
  return counts;
}

try {
  const { records, entries, pending, begunLate, breaks } = await verify(
    readOptions(process.argv.slice(2)),
  );
  say(`${records} records, ${entries} entries in order, ${pending} on their way`);
  if (begunLate > 0) say(`${begunLate} records have been there for longer than their history`);
  say(breaks === 0 ? "Nothing is broken." : `${breaks} broken: see docs/history.md`);
  process.exitCode = breaks === 0 ? 0 : 1;
} catch (error) {
  const isUsage = error instanceof UsageError || (error instanceof TypeError && "code" in error);
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  if (isUsage) process.stderr.write(`\n${USAGE}`);
  process.exitCode = 2;
}
