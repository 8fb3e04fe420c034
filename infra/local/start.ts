/**
 * `npm start`: the whole product on this machine, with simulators of both systems. State is kept in
 * `.local/` between runs; `npm start -- --fresh` begins anew. Ctrl-C stops it.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../bundle.ts";
import { type LocalStack, startLocalStack, writeAddresses } from "./local-stack.ts";
import { narrate } from "./narrate.ts";
import { welcome } from "./welcome.ts";

/** Fixed, so that addresses in bookmarks and connections outlive a restart. */
const PORT_BASE = Number(process.env["TIEOUT_PORT"] ?? 4400);

const stateFolder = join(projectFolder, ".local");
const addressesPath = join(stateFolder, "stack.json");

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function start(): Promise<LocalStack> {
  const connectionsPath = process.env["TIEOUT_CONNECTIONS"];
  return startLocalStack({
    stateFolder,
    ports: { http: PORT_BASE, aws: PORT_BASE + 1, hubspot: PORT_BASE + 10, xero: PORT_BASE + 20 },
    connectionsPath,
    onLog: (line) => {
      const text = narrate(line, new Date());
      if (text !== undefined) say(text);
    },
  });
}

function explain(error: unknown): string {
  const { code, port } = error as { code?: string; port?: number };
  if (code === "EADDRINUSE") {
    return `Port ${port} is in use: stop what listens there, or start with TIEOUT_PORT=5400 npm start`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

if (process.argv.includes("--fresh")) rmSync(stateFolder, { recursive: true, force: true });
say("Starting Tieout ...");
const startedAt = performance.now();
let stopping = false;
try {
  const stack = await start();
  writeAddresses(addressesPath, stack.addresses);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  say(welcome(stack, addressesPath, seconds));
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    say("\nStopping ...");
    await stack.close();
    say("Stopped. State is kept in .local/; npm start goes on from here.");
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void stop());
} catch (error) {
  process.stderr.write(`Tieout did not start. ${explain(error)}\n`);
  process.exit(1);
}
