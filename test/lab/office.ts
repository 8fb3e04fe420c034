/** Gives work to idle containers, as queues, streams, schedules and vendors do. */

import { streamSettings } from "#infra/config.ts";
import { limits } from "#shared/config/limits.ts";
import type { ChangesBody, DeliveriesMessage, PollMessage } from "#shared/contracts/messages.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import { flows } from "#shared/flows/flows.ts";
import { eInvoiceReading } from "#shared/runtime/e-invoice-reading.ts";
import { readBankFile } from "#shared/runtime/bank-statement-reading.ts";
import { applyChanges } from "#shared/sync/apply-changes.ts";
import type { ChangeImage } from "#shared/sync/change-image.ts";
import { deliverWrites } from "#shared/sync/deliver-writes.ts";
import { deriveRecords } from "#shared/sync/derive-records.ts";
import { importFile } from "#shared/sync/import-file.ts";
import { importDocument } from "#shared/sync/import-document.ts";
import { importPart } from "#shared/sync/import-part.ts";
import type { Invocation } from "#shared/sync/invocation.ts";
import { pollChanges } from "#shared/sync/poll-changes.ts";
import { receiveWebhook } from "#shared/sync/receive-webhook.ts";
import { createMemoryBankRows } from "#test/support/memory-bank-rows.ts";
import type { AnyImportMessage } from "#test/support/memory-queues.ts";
import type { Container } from "./container.ts";
import { fileDesk } from "./file-desk.ts";
import { type Post, Posts } from "./posts.ts";
import type { World } from "./world.ts";
import { PUBLIC_URL } from "./world.ts";

/** How long a message stays with a worker that died. */
const VISIBILITY_MS = 120_000;
const WEBHOOK_TRIES_MAX = 12;
const WEBHOOK_RETRY_MS = 15_000;

interface Webhook {
  readonly connection: "crm" | "books";
  readonly body: string;
}

interface Work {
  readonly name: string;
  readonly run: (container: Container) => Promise<void>;
  /** Nobody took it to its end: it is given out again. */
  readonly giveBack: () => void;
}

export class Office {
  readonly #world: World;
  readonly #webhooks = new Posts<Webhook>("webhook");
  readonly #changes = new Posts<ChangesBody>("changes");
  readonly #deliveries = new Posts<DeliveriesMessage>("deliveries");
  readonly #polls = new Posts<PollMessage>("poll");
  readonly #files = new Posts<string>("file");
  readonly #imports = new Posts<AnyImportMessage>("import");
  readonly #documents = {
    bankRows: createMemoryBankRows(),
    readStatements: readBankFile,
    readEInvoice: eInvoiceReading.read,
    customerFlow: flows.customer,
  };
  readonly signal = new AbortController().signal;
  readonly #inHand = new Map<Container, Work>();
  #images: Post<readonly ChangeImage[]> | undefined;
  #isDeriving = false;
  /** What no worker should ever throw. */
  readonly failures: { readonly work: string; readonly cause: unknown }[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  /** Starts some work in an idle container; false where there is no work, or nobody to do it. */
  assign(): boolean {
    this.#collect();
    const { random, containers } = this.#world;
    const idle = containers.filter((container) => !container.isBusy);
    if (idle.length === 0) return false;
    const work = this.#findWork();
    if (work === undefined) return false;
    this.#start(random.pick(idle), work);
    return true;
  }

  /** The container dies in the middle of what it does. */
  crash(container: Container): void {
    const work = this.#inHand.get(container);
    this.#inHand.delete(container);
    this.#world.stage.end(container.life);
    this.#world.replace(container);
    work?.giveBack();
  }

  get isIdle(): boolean {
    this.#collect();
    const posts = [
      ...[this.#webhooks, this.#changes, this.#deliveries, this.#polls],
      ...[this.#files, this.#imports],
    ];
    const { changes, deliveries, polls, imports } = this.#world.ports;
    const isDelayed = [changes, deliveries, polls, imports].some(
      ({ messages }) => messages.length > 0,
    );
    const isNothingLeft =
      posts.every(({ size }) => size === 0) && this.#images === undefined && !isDelayed;
    return isNothingLeft && this.#inHand.size === 0 && this.#world.images.length === 0;
  }

  /** The inbox tells of a file, as it does at least once. */
  fileDropped(key: string): void {
    this.#files.add(key, this.#world.ports.clock() + 100);
  }

  /** When there is something to do next, our clock; undefined where nothing is to come. */
  get nextMs(): number | undefined {
    this.#collect();
    const { ports } = this.#world;
    const times = [
      this.#webhooks.nextMs,
      this.#changes.nextMs,
      this.#deliveries.nextMs,
      this.#polls.nextMs,
      this.#files.nextMs,
      ports.changes.nextAtMs(),
      ports.deliveries.nextAtMs(),
      ports.polls.nextAtMs(),
      this.#imports.nextMs,
      ports.imports.nextAtMs(),
      this.#images?.dueMs,
    ].filter((time) => time !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Takes what the simulators and the queues have to give. */
  #collect(): void {
    const { hubspot, xero, faults, random, ports } = this.#world;
    const now = ports.clock();
    const told: Webhook[] = [
      ...hubspot.takeWebhookBodies().map((body) => ({ connection: "crm" as const, body })),
      ...xero.takeWebhookBodies().map((body) => ({ connection: "books" as const, body })),
    ];
    for (const webhook of told) {
      if (faults.strikes("webhook-drop")) continue;
      const isLate = faults.strikes("webhook-delay");
      const isOutOfOrder = faults.strikes("webhook-reorder");
      const delayMs = isLate ? random.below(90_000) : isOutOfOrder ? random.below(5_000) : 100;
      this.#webhooks.add(webhook, now + delayMs);
      if (faults.strikes("webhook-duplicate")) this.#webhooks.add(webhook, now + delayMs + 1_000);
    }
    for (const body of ports.changes.take()) this.#changes.add(body, now);
    for (const body of ports.deliveries.take()) this.#deliveries.add(body, now);
    for (const body of ports.polls.take()) this.#polls.add(body, now);
    for (const body of ports.imports.take()) this.#imports.add(body, now);
  }

  #findWork(): Work | undefined {
    const { random } = this.#world;
    const finders = [
      () => this.#webhookWork(),
      () => this.#streamWork(),
      () => this.#changesWork(),
      () => this.#deliveryWork(),
      () => this.#pollWork(),
      () => this.#fileWork(),
      () => this.#importWork(),
    ];
    for (let left = finders.length; left > 0; left -= 1) {
      const [find] = finders.splice(random.below(finders.length), 1);
      const work = find?.();
      if (work !== undefined) return work;
    }
    return undefined;
  }

  #webhookWork(): Work | undefined {
    const [post] = this.#take(this.#webhooks, 1);
    if (post === undefined) return undefined;
    const { connection, body } = post.body;
    return {
      name: "receive-webhook",
      giveBack: () => this.#sendAgain(post),
      run: async ({ deps }) => {
        const { hubspot, xero } = this.#world;
        const url = `${PUBLIC_URL}/webhooks/${connection}`;
        const signed =
          connection === "crm" ? hubspot.signWebhook(url, body) : xero.signWebhook(url, body);
        const headers = Object.fromEntries(
          Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), value]),
        );
        const rawBody = Buffer.from(signed.body);
        const request = { method: "POST", url, headers, rawBody };
        const { status } = await receiveWebhook(await deps(), connection, request);
        if (status !== 200) this.#sendAgain(post);
      },
    };
  }

  /** Vendors try again for a while, then give up: the poll is what finds the change then. */
  #sendAgain(post: Post<Webhook>): void {
    if (post.tries >= WEBHOOK_TRIES_MAX) return;
    this.#webhooks.again(post, this.#world.ports.clock() + WEBHOOK_RETRY_MS);
  }

  #streamWork(): Work | undefined {
    const { images, random, ports } = this.#world;
    if (this.#isDeriving) return undefined;
    if (this.#images === undefined) {
      const batch = images.splice(0, 1 + random.below(10)).filter(isForDerivation);
      if (batch.length === 0) return undefined;
      const receipt = `stream-${batch[0]?.kind}-${ports.clock()}-${random.below(1_000_000)}`;
      this.#images = { body: batch, receipt, dueMs: ports.clock(), tries: 0 };
    }
    const post = this.#images;
    if (post.dueMs > ports.clock()) return undefined;
    this.#isDeriving = true;
    return {
      name: "derive-records",
      // A stream goes on only when its batch succeeded.
      giveBack: () => {
        this.#isDeriving = false;
        this.#images = { ...post, dueMs: ports.clock() + 1_000 };
      },
      run: async ({ deps }) => {
        await deriveRecords(await deps(), { receipt: post.receipt, images: post.body });
        this.#isDeriving = false;
        this.#images = undefined;
      },
    };
  }

  #changesWork(): Work | undefined {
    const posts = this.#take(this.#changes, 1 + this.#world.random.below(3));
    if (posts.length === 0) return undefined;
    return {
      name: "apply-changes",
      giveBack: () => this.#backToQueue(this.#changes, posts),
      run: async ({ deps }) => {
        const received = posts.flatMap(({ body: { runId, events }, receipt, tries }) =>
          events.map((event) => ({ ...event, runId, receipt, isRepeated: tries > 0 })),
        );
        await applyChanges(await deps(), received, this.signal);
      },
    };
  }

  #deliveryWork(): Work | undefined {
    const posts = this.#take(this.#deliveries, 1 + this.#world.random.below(3));
    if (posts.length === 0) return undefined;
    return {
      name: "deliver-writes",
      giveBack: () => this.#backToQueue(this.#deliveries, posts),
      run: async ({ deps }) => {
        const byConnection = Map.groupBy(posts, ({ body }) => body.connection);
        for (const [connection, received] of byConnection) {
          const hints = received.flatMap(({ body, receipt, tries }) =>
            body.hints.map((hint) => ({ ...hint, receipt, isRepeated: tries > 0 })),
          );
          await deliverWrites(await deps(), connection, hints, this.signal);
        }
      },
    };
  }

  #pollWork(): Work | undefined {
    const posts = this.#take(this.#polls, 1);
    const [post] = posts;
    if (post === undefined) return undefined;
    const remainingMs = (): number => limits.invocationReserveMs + 10_000;
    return {
      name: "poll-changes",
      giveBack: () => this.#backToQueue(this.#polls, posts),
      run: async ({ deps }) =>
        pollChanges(await deps(), post.body, {
          receipt: post.receipt,
          signal: this.signal,
          remainingMs,
        }),
    };
  }

  #fileWork(): Work | undefined {
    const posts = this.#take(this.#files, 1);
    const [post] = posts;
    if (post === undefined) return undefined;
    return {
      name: "import-file",
      giveBack: () => this.#backToQueue(this.#files, posts),
      run: async ({ deps }) => {
        const all = { ...(await deps()), ...fileDesk, ...this.#documents };
        await importFile(all, { key: post.body }, this.#planning());
      },
    };
  }

  /** Of who plans a file: in one of two, time is over once it is known what the file is. */
  #planning(): Invocation {
    const isShort = this.#world.random.chance(0.5);
    let looks = 0;
    const remainingMs = (): number => {
      looks += 1;
      return limits.invocationReserveMs + (isShort && looks > 1 ? -1 : 10_000);
    };
    return { signal: this.signal, remainingMs };
  }

  #importWork(): Work | undefined {
    const posts = this.#take(this.#imports, 1);
    const [post] = posts;
    if (post === undefined) return undefined;
    const { body } = post;
    const remainingMs = (): number => limits.importResultReserveMs + 10_000;
    return {
      name: body.kind,
      giveBack: () => this.#backToQueue(this.#imports, posts),
      run: async ({ deps }) => {
        const all = { ...(await deps()), ...fileDesk, ...this.#documents };
        if (body.kind === "import-document") await importDocument(all, body, this.signal);
        else if (body.kind === "import-file") await importFile(all, body, this.#planning());
        else await importPart(all, body, { signal: this.signal, remainingMs });
      },
    };
  }

  #take<Body>(posts: Posts<Body>, max: number): Post<Body>[] {
    const { ports, random, faults } = this.#world;
    return posts.take(ports.clock(), max, random, faults);
  }

  #backToQueue<Body>(posts: Posts<Body>, taken: readonly Post<Body>[]): void {
    const dueMs = this.#world.ports.clock() + VISIBILITY_MS;
    for (const post of taken) posts.again(post, dueMs);
  }

  #start(container: Container, work: Work): void {
    container.isBusy = true;
    this.#inHand.set(container, work);
    const end = (): void => {
      this.#inHand.delete(container);
      container.isBusy = false;
    };
    work.run(container).then(end, (cause: unknown) => {
      if (container.life.isOver) return;
      end();
      work.giveBack();
      const isExpected = cause instanceof SyncError && cause.failure.kind === "retryable";
      if (!isExpected) this.failures.push({ work: work.name, cause });
    });
  }
}

/** As the stream's filter in the template lets pass. */
function isForDerivation(image: ChangeImage): boolean {
  if (image.kind === "external-reference") return true;
  const { recordType, absorbed, mergedInto } = image.next;
  const isSource = streamSettings.sourceRecordTypes.some((one) => one === recordType);
  const isMerged = absorbed !== undefined || mergedInto !== undefined;
  return isSource || isMerged || image.newlyLinked.length > 0;
}
