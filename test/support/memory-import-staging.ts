/** What imports keep between two invocations, in memory: plans as they are kept, in JSON. */
import { importPlan } from "#shared/contracts/import-plan.ts";
import type { ImportStaging } from "#shared/ports/imports.ts";

export function createMemoryImportStaging(): ImportStaging {
  const plans = new Map<string, string>();
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
