/** The whole engine in one process: real use cases, ports in memory, two remotes in memory. */
import type { ConnectionId, RecordType } from "#shared/domain/identifiers.ts";
import type { LedgerFacts } from "#shared/domain/ledger.ts";
import type { Fields, ObservedRecord } from "#shared/domain/records.ts";
import { type Flows, flows as shippedFlows } from "#shared/flows/flows.ts";
import type { Connector } from "#shared/ports/connector.ts";
import type { ChangeEvent } from "#shared/ports/queues.ts";
import { applyChanges } from "#shared/sync/apply-changes.ts";
import type { ChangeImage } from "#shared/sync/change-image.ts";
import { deliverWrites } from "#shared/sync/deliver-writes.ts";
import type { SyncDependencies } from "#shared/sync/dependencies.ts";
import { deriveRecords } from "#shared/sync/derive-records.ts";
import { pollChanges } from "#shared/sync/poll-changes.ts";
import { createMemoryRemote, type MemoryRemote } from "./memory-remote.ts";
import { createMemoryPorts, type MemoryPorts } from "./stack-of-ports.ts";

const STEPS_MAX = 500;

export interface MemoryWorld {
  readonly ports: MemoryPorts;
  readonly deps: SyncDependencies;
  readonly crm: MemoryRemote;
  readonly books: MemoryRemote;
  /** Hands a record to the queue of changes as a poll or a file would. */
  sight(connection: ConnectionId, record: ObservedRecord, runId?: string): Promise<void>;
  /** A hint without its record, as a webhook gives. */
  hint(connection: ConnectionId, recordType: RecordType, externalId: string): Promise<void>;
  /** A row of a file that speaks for the CRM. */
  file(recordType: RecordType, externalId: string, fields: Fields, runId?: string): Promise<void>;
  poll(mode: "incremental" | "full"): Promise<void>;
  /** Runs everything that waits, delays included, until nothing does. Answers the steps it took. */
  settle(): Promise<number>;
}

/**
 * With `connectors` the engine speaks to those, and the two remotes in memory stand idle; with
 * `ledger` the books are a ledger that says so.
 */
export function createMemoryWorld(
  given: {
    readonly flows?: Flows;
    readonly connectors?: readonly Connector[];
    readonly ledger?: LedgerFacts;
  } = {},
): MemoryWorld {
  const { flows = shippedFlows } = given;
  const ports = createMemoryPorts();
  const crm = createMemoryRemote("crm", ["customer", "product", "order"]);
  const bookTypes = ["customer", "product", "invoice", "creditNote"] as const;
  const books = createMemoryRemote("books", bookTypes, given.ledger);
  const remotes: readonly Connector[] = given.connectors ?? [crm, books];
  const connectors = new Map(remotes.map((remote) => [remote.connection, remote]));
  const deps: SyncDependencies = { ...ports, connectors, flows };
  const images: ChangeImage[] = [];
  ports.onChange((image) => void images.push(image));
  const { signal } = new AbortController();
  let receipts = 0;

  async function step(): Promise<boolean> {
    receipts += 1;
    const receipt = `receipt-${receipts}`;
    if (images.length > 0) {
      await deriveRecords(deps, { receipt, images: images.splice(0) });
      return true;
    }
    const [poll] = ports.polls.take(1);
    if (poll !== undefined) {
      await pollChanges(deps, poll, { receipt, signal, remainingMs: () => 60_000 });
      return true;
    }
    const [changes] = ports.changes.take(1);
    if (changes !== undefined) {
      const { runId, events } = changes;
      const received = events.map((event) => ({ ...event, runId, receipt }));
      await applyChanges(deps, received, signal);
      return true;
    }
    const [deliveries] = ports.deliveries.take(1);
    if (deliveries === undefined) return false;
    const { connection, hints } = deliveries;
    const received = hints.map((hint) => ({ ...hint, receipt }));
    await deliverWrites(deps, connection, received, signal);
    return true;
  }

  function send(event: Omit<ChangeEvent, "capturedAt" | "tries">, runId?: string): Promise<void> {
    const capturedAt = new Date(ports.clock()).toISOString();
    return ports.changes.send([{ ...event, capturedAt, tries: 0 }], { runId });
  }

  return {
    ports,
    deps,
    crm,
    books,
    sight: (connection, record, runId) => {
      const { recordType, externalId } = record;
      return send({ connection, recordType, externalId, record }, runId);
    },
    hint: (connection, recordType, externalId) => {
      const remote = connection === "crm" ? crm : books;
      const occurredAt = remote.get(recordType, externalId)?.version;
      return send({ connection, recordType, externalId, occurredAt });
    },
    file: (recordType, externalId, fields, runId) => {
      const version = ports.clock();
      const record: ObservedRecord = { recordType, externalId, version, life: "live", fields };
      const event = { connection: "files", speaksFor: "crm", recordType, externalId, record };
      return send(event, runId);
    },
    poll: (mode) => ports.polls.send({ mode, tries: 0 }),
    settle: async () => {
      for (let steps = 0; steps < STEPS_MAX; steps += 1) {
        if (await step()) continue;
        const waits = [ports.polls, ports.changes, ports.deliveries].map((queue) =>
          queue.nextAtMs(),
        );
        const next = waits.filter((at) => at !== undefined).sort((left, right) => left - right)[0];
        if (next === undefined) return steps;
        ports.clock.advance(Math.max(1, next - ports.clock()));
      }
      throw new Error(`not settled after ${STEPS_MAX} steps`);
    },
  };
}
