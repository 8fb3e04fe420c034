/** Files of customers as the inbox hands them on: one run, its records in messages of many. */
import type { Fields } from "#shared/domain/records.ts";
import type { ChangeEvent } from "#shared/ports/queues.ts";
import { applyChanges } from "#shared/sync/apply-changes.ts";
import type { ApplyDependencies } from "#shared/sync/dependencies.ts";
import type { MemoryWorld } from "./memory-world.ts";

/** Customers by their key in the file. */
export type DroppedCustomers = Readonly<Record<string, Fields>>;

/** `count` customers; `over` is put over each. */
export function customers(
  count: number,
  over: (index: number) => Fields = () => ({}),
): DroppedCustomers {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `K-${index}`,
      { name: `Customer ${index}`, phone: `555-${index}`, ...over(index) },
    ]),
  );
}

/** Queues a file's records, a second after whatever was before. */
export async function drop(
  { ports }: MemoryWorld,
  runId: string,
  dropped: DroppedCustomers,
): Promise<void> {
  ports.clock.advance(1_000);
  const version = ports.clock();
  const capturedAt = new Date(version).toISOString();
  const recordType = "customer" as const;
  const events = Object.entries(dropped).map(([externalId, fields]): ChangeEvent => {
    const record = { recordType, externalId, version, life: "live" as const, fields };
    const event = { connection: "files", speaksFor: "crm", recordType, externalId, capturedAt };
    return { ...event, record, via: "file", tries: 0 };
  });
  const subject = `${runId}.csv`;
  await ports.runs.start({ runId, kind: "import", startedAt: capturedAt, subject });
  await ports.runs.add(runId, "import", { records: BigInt(events.length) });
  await ports.changes.send(events, { runId });
  await ports.runs.finishCapture(runId, capturedAt);
}

/** Applies the next message of changes, under a receipt that is the same when it is applied again. */
export async function applyNext(
  world: MemoryWorld,
  receipt: string,
): Promise<(deps?: ApplyDependencies) => Promise<void>> {
  const [message] = world.ports.changes.take(1);
  if (message === undefined) throw new Error("no message of changes");
  const { runId, events } = message;
  const received = events.map((event) => ({ ...event, runId, receipt }));
  const { signal } = new AbortController();
  return (deps = world.deps) => applyChanges(deps, received, signal);
}
