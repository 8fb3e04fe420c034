/** What imports keep between two invocations, in memory: plans as they are kept, in JSON. */
import { importPlan, planCheckpoint } from "#shared/contracts/import-plan.ts";
import type { ImportStaging } from "#shared/ports/imports.ts";

export function createMemoryImportStaging(): ImportStaging {
  const plans = new Map<string, string>();
  const checkpoints = new Map<string, string>();
  const rows = new Map<string, Uint8Array>();
  const texts = new Map<string, Uint8Array>();
  const parts = new Map<string, string>();
  return {
    async savePlan(runId, plan) {
      plans.set(runId, JSON.stringify(plan));
    },
    async readPlan(runId) {
      const plan = plans.get(runId);
      return plan === undefined ? undefined : importPlan.parse(JSON.parse(plan));
    },
    async saveCheckpoint(runId, checkpoint) {
      checkpoints.set(runId, JSON.stringify(checkpoint));
    },
    async readCheckpoint(runId) {
      const text = checkpoints.get(runId);
      return text === undefined ? undefined : planCheckpoint.safeParse(JSON.parse(text)).data;
    },
    async writeRows(runId, { reading, from, to }, found) {
      rows.set(`${runId} ${reading} ${from} ${to}`, Uint8Array.from(found));
    },
    async readRows(runId, { reading, from, to }) {
      const found = rows.get(`${runId} ${reading} ${from} ${to}`);
      if (found === undefined) throw new Error(`no rows from ${from} to ${to}`);
      return found;
    },
    async writeText(runId, text) {
      const bytes = Buffer.concat(await Array.fromAsync(text));
      texts.set(runId, bytes);
      return bytes.length;
    },
    openText: (runId, bytes) => ({
      bytes,
      async *read({ from, to } = { from: 0 }) {
        yield (texts.get(runId) ?? new Uint8Array()).subarray(from, to);
      },
    }),
    async writePart(runId, index, text) {
      parts.set(`${runId} ${index}`, text);
    },
    async *readParts(runId, count) {
      for (let index = 0; index < count; index += 1) {
        yield Buffer.from(parts.get(`${runId} ${index}`) ?? "");
      }
    },
  };
}
