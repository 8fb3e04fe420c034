/** Confirmed file profiles in memory; held to the same promises as the table by the contract suite. */
import { parseFileProfile } from "#shared/contracts/file-profiles.ts";
import type { ConfirmedProfile, FileProfileStore } from "#shared/ports/file-profiles.ts";

export function createMemoryFileProfiles(): FileProfileStore {
  const kept = new Map<string, ConfirmedProfile>();
  return {
    async list() {
      const names = [...kept.keys()].sort();
      return names.flatMap((name) => kept.get(name) ?? []);
    },
    get: async (name) => kept.get(name),
    async save(next) {
      const name = next.profile.profile;
      if ((kept.get(name)?.revision ?? 0) !== next.revision - 1) return "stale";
      const parsed = parseFileProfile(JSON.parse(JSON.stringify(next.profile)));
      if (parsed.kind === "refused") throw new Error("a profile that JSON cannot hold");
      kept.set(name, { ...next, profile: parsed.profile });
      return "saved";
    },
    async remove(name, revision) {
      if (kept.get(name)?.revision !== revision) return "stale";
      kept.delete(name);
      return "removed";
    },
  };
}
