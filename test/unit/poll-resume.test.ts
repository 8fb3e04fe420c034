import { describe, expect, it } from "vitest";
import { SyncError } from "#shared/domain/sync-error.ts";
import { pollChanges } from "#shared/sync/poll-changes.ts";
import { createMemoryWorld } from "#test/support/memory-world.ts";

const PAGES = 6;
const CALLS_ALLOWED = 2;

describe("a poll whose quota ends before its pages do", () => {
  it("goes on with the next page, and reads each page once", async () => {
    const world = createMemoryWorld();
    const read: string[] = [];
    let calls = 0;
    const crm = {
      ...world.crm,
      readChanges: async (_type: string, { cursor = "1" }: { cursor?: string | undefined }) => {
        calls += 1;
        if (calls % (CALLS_ALLOWED + 1) === 0) {
          const code = "quota-reserved";
          throw new SyncError({ kind: "rate-limited", code, retryAfterMs: 60_000 });
        }
        read.push(cursor);
        const nextCursor = cursor === String(PAGES) ? undefined : String(Number(cursor) + 1);
        return { records: [], unreadable: [], nextCursor };
      },
    };
    const deps = { ...world.deps, connectors: new Map([["crm", crm]]) };
    const { signal } = new AbortController();
    await world.ports.polls.send({
      mode: "full",
      connection: "crm",
      recordType: "customer",
      tries: 0,
    });

    for (let polls = 0; polls < 20; polls += 1) {
      const [poll] = world.ports.polls.take(1);
      if (poll === undefined) {
        const next = world.ports.polls.nextAtMs();
        if (next === undefined) break;
        world.ports.clock.advance(Math.max(1, next - world.ports.clock()));
      } else {
        const receipt = `receipt-${polls}`;
        await pollChanges(deps, poll, { receipt, signal, remainingMs: () => 60_000 });
      }
    }

    expect(read).toEqual(["1", "2", "3", "4", "5", "6"]);
  });
});
