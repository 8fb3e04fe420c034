/** Queues in memory, for tests and simulations: packed and encoded as on the wire, delays included. */
import * as z from "zod";
import { openChangesMessage } from "#shared/aws/deflated-messages.ts";
import { packChanges, packDeliveries, packImport, packPoll } from "#shared/aws/message-packing.ts";
import { limits } from "#shared/config/limits.ts";
import { importFileMessage } from "#shared/contracts/inbox-notification.ts";
import {
  type ChangesBody,
  changesMessage,
  type DeliveriesMessage,
  deliveriesMessage,
  importDocumentMessage,
  importMessage,
  type PollMessage,
  pollMessage,
} from "#shared/contracts/messages.ts";
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import { decodeJson } from "#shared/domain/json.ts";
import type { ImportQueue } from "#shared/ports/imports.ts";
import type { Clock } from "#shared/ports/log.ts";
import type { ChangeQueue, DeliveryQueue, PollQueue } from "#shared/ports/queues.ts";

interface QueuedMessage<Body> {
  readonly body: Body;
  /** Our clock, epoch ms; not visible to receivers before. */
  readonly availableAtMs: number;
}

interface MemoryQueue<Body> {
  /** All messages, also those that are delayed, in the order of sending. */
  readonly messages: readonly QueuedMessage<Body>[];
  /** Removes and returns the bodies that are visible now, `max` at the most. */
  take(max?: number): Body[];
  /** When the next message becomes visible; undefined on an empty queue. */
  nextAtMs(): number | undefined;
}

type MemoryChangeQueue = ChangeQueue & MemoryQueue<ChangesBody>;
type MemoryDeliveryQueue = DeliveryQueue &
  MemoryQueue<DeliveriesMessage> & {
    /** As `take`, from one connection's queue. */
    takeFrom(connection: ConnectionId, max?: number): DeliveriesMessage[];
  };
/** All queues of imports as one. */
const anyImport = z.union([importMessage, importDocumentMessage, importFileMessage]);
export type AnyImportMessage = z.infer<typeof anyImport>;
type MemoryImportQueue = ImportQueue & MemoryQueue<AnyImportMessage>;
type MemoryPollQueue = PollQueue & MemoryQueue<PollMessage>;

export interface MemoryQueues {
  readonly changes: MemoryChangeQueue;
  readonly deliveries: MemoryDeliveryQueue;
  readonly polls: MemoryPollQueue;
  readonly imports: MemoryImportQueue;
}

export function createMemoryQueues(clock: Clock): MemoryQueues {
  const changes = createStore<ChangesBody>(clock);
  const deliveries = createStore<DeliveriesMessage>(clock);
  const polls = createStore<PollMessage>(clock);
  const imports = createStore<AnyImportMessage>(clock);
  return {
    changes: {
      ...changes.queue,
      async send(events, options = {}) {
        const bodies = packChanges(events, options.runId);
        changes.add(
          bodies.map((body) => openChangesMessage(changesMessage.parse(decodeJson(body)))),
          options.delayMs,
        );
      },
    },
    deliveries: {
      ...deliveries.queue,
      takeFrom: (connection, max) => deliveries.take((body) => body.connection === connection, max),
      async send(connection, hints, options = {}) {
        const bodies = packDeliveries(connection, hints);
        deliveries.add(
          bodies.map((body) => deliveriesMessage.parse(decodeJson(body))),
          options.delayMs,
        );
      },
    },
    imports: {
      ...imports.queue,
      async send(requests, options = {}) {
        const bodies = requests.map((request) => anyImport.parse(decodeJson(packImport(request))));
        imports.add(bodies, options.delayMs);
      },
    },
    polls: {
      ...polls.queue,
      async send(request, options = {}) {
        polls.add([pollMessage.parse(decodeJson(packPoll(request)))], options.delayMs);
      },
    },
  };
}

interface Store<Body> {
  readonly queue: MemoryQueue<Body>;
  add(bodies: readonly Body[], delayMs: number | undefined): void;
  take(isWanted: (body: Body) => boolean, max?: number): Body[];
}

function createStore<Body>(clock: Clock): Store<Body> {
  const messages: QueuedMessage<Body>[] = [];
  const take: Store<Body>["take"] = (isWanted, max = Number.POSITIVE_INFINITY) => {
    const now = clock();
    const taken: Body[] = [];
    for (let index = 0; index < messages.length && taken.length < max; ) {
      const message = messages[index];
      if (message !== undefined && message.availableAtMs <= now && isWanted(message.body)) {
        messages.splice(index, 1);
        taken.push(message.body);
      } else {
        index += 1;
      }
    }
    return taken;
  };
  return {
    queue: {
      messages,
      take: (max) => take(() => true, max),
      nextAtMs: () =>
        messages.length === 0
          ? undefined
          : Math.min(...messages.map((message) => message.availableAtMs)),
    },
    add(bodies, delayMs = 0) {
      // As SQS: whole seconds, rounded up, bounded.
      const seconds = Math.min(Math.ceil(delayMs / 1_000), limits.queueDelaySecondsMax);
      const availableAtMs = clock() + seconds * 1_000;
      messages.push(...bodies.map((body) => ({ body, availableAtMs })));
    },
    take,
  };
}
