/**
 * One run: people work, things go wrong, workers die; then all heals, and everything must agree. The
 * same seed and steps give the same run, to the last await.
 */
import { createHash } from "node:crypto";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { checkAgreement } from "./agreement.ts";
import { Evidence } from "./evidence.ts";
import { drawFaults, type FaultKind, type Faults } from "./faults.ts";
import { Office } from "./office.ts";
import { Random } from "./random.ts";
import { checkCall } from "./safety.ts";
import { settle } from "./stage.ts";
import { createUsers, type Users } from "./users.ts";
import { type Violation, Violations } from "./violations.ts";
import { createWorld, type World } from "./world.ts";

export interface SimulationOptions {
  readonly seed: number;
  readonly steps: number;
  readonly faults: readonly FaultKind[];
  /** Receives every line of the trace. */
  readonly onTrace?: ((line: string) => void) | undefined;
}

export interface SimulationResult {
  readonly seed: number;
  readonly steps: number;
  readonly violations: readonly Violation[];
  readonly checkCount: number;
  readonly actCount: number;
  readonly writeCount: number;
  readonly faultCounts: ReadonlyMap<FaultKind, number>;
  readonly traceHash: string;
}

const ROUNDS_MAX = 60_000;
/** Users rest for the last part of a run. */
const WORK_SHARE = 0.8;

export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const run = new Run(options);
  await run.prepare();
  await run.work();
  await run.heal();
  return run.result();
}

class Run {
  readonly #options: SimulationOptions;
  readonly #trace = createHash("sha256");
  readonly #violations = new Violations();
  readonly #evidence: Evidence;
  readonly #world: World;
  readonly #office: Office;
  readonly #users: Users;
  #faultCounts: Faults["counts"];
  #actCount = 0;
  #writeCount = 0;

  constructor(options: SimulationOptions) {
    this.#options = options;
    const { seed } = options;
    this.#evidence = new Evidence(this.#violations);
    const plan = drawFaults(new Random(seed ^ 0xfa17), options.faults);
    this.#world = createWorld({
      seed,
      plan,
      onGo: (life, point) => this.#note(`${life.name} ${point}`),
      beforeCall: (call) => checkCall(call, this.#world, this.#violations),
      onCall: (call) => this.#evidence.answered(call),
    });
    this.#world.ports.onChange((image) => {
      this.#evidence.changed(image);
      if (image.kind === "cross-reference") this.#note(lineOf(image.next));
    });
    this.#office = new Office(this.#world);
    const { hubspot, xero } = this.#world;
    this.#users = createUsers(hubspot, xero, new Random(seed ^ 0x05e5));
    this.#faultCounts = this.#world.faults.counts;
  }

  /** What a deployment does first: the properties that we rely on are made. */
  async prepare(): Promise<void> {
    for (const connector of this.#world.witnesses.values()) {
      await connector.prepare(this.#office.signal);
    }
  }

  async work(): Promise<void> {
    const { steps } = this.#options;
    const { random, faults, containers, ports } = this.#world;
    for (let step = 0; step < steps; step += 1) {
      if (step < steps * WORK_SHARE && random.chance(0.12)) this.#act();
      if (random.chance(0.01)) await ports.polls.send({ mode: "incremental", tries: 0 });
      if (random.chance(0.002)) await ports.polls.send({ mode: "full", tries: 0 });
      const busy = containers.filter((container) => container.isBusy);
      if (busy.length > 0 && faults.strikes("crash")) {
        const dying = random.pick(busy);
        this.#note(`${dying.life.name} dies`);
        this.#office.crash(dying);
      }
      this.#trouble();
      await this.#advance();
    }
  }

  /** Faults stop; polls and checks must find whatever was missed, and then nothing moves any more. */
  async heal(): Promise<void> {
    const { faults, network, ports, hubspot } = this.#world;
    faults.heal();
    network.heal();
    hubspot.troubles.setSearchLag(2_000);
    await this.#quiet();
    // What a look-back must not miss any more, and what a webhook never told.
    ports.clock.advance(10 * 60_000);
    await ports.polls.send({ mode: "incremental", tries: 0 });
    await this.#quiet();
    await ports.polls.send({ mode: "full", tries: 0 });
    await this.#quiet();
    await ports.polls.send({ mode: "full", tries: 0 });
    await this.#quiet();
    this.#writeCount = this.#evidence.writeCount;
    await ports.polls.send({ mode: "full", tries: 0 });
    await this.#quiet();
    const again = this.#evidence.writeCount - this.#writeCount;
    this.#violations.check("I7", again === 0, () => `${again} writes with nothing to do`);
    await checkAgreement(this.#world, this.#evidence, this.#violations);
  }

  result(): SimulationResult {
    for (const { work, cause } of this.#office.failures) {
      this.#violations.check("no-surprise", false, () => `${work}: ${textOf(cause)}`);
    }
    return {
      seed: this.#options.seed,
      steps: this.#options.steps,
      violations: this.#violations.found,
      checkCount: this.#violations.checkCount,
      actCount: this.#actCount,
      writeCount: this.#writeCount,
      faultCounts: this.#faultCounts,
      traceHash: this.#trace.digest("hex").slice(0, 16),
    };
  }

  #act(): void {
    const act = this.#users.act();
    if (act === undefined) return;
    this.#actCount += 1;
    this.#note(`user ${act.name} ${JSON.stringify(act.edits)}`);
    this.#evidence.entered(act.edits);
    this.#world.ports.clock.advance(1);
  }

  /** Troubles of the remotes that last a while. */
  #trouble(): void {
    const { faults, random, hubspot, xero } = this.#world;
    if (faults.strikes("stale-search-index")) hubspot.troubles.setSearchLag(30_000);
    if (faults.strikes("partial-batch")) {
      const companies = hubspot.records("companies").map(({ id }) => id);
      const contacts = xero.records("contacts").map(({ ContactID }) => ContactID);
      if (companies.length > 0) hubspot.troubles.failRows([random.pick(companies)], 1);
      if (contacts.length > 0) xero.troubles.failRows([random.pick(contacts)], 1);
    }
  }

  /** A little further: a point goes on, or new work begins, or time passes. */
  async #advance(): Promise<void> {
    const { stage, random, ports } = this.#world;
    ports.clock.advance(1 + random.below(20));
    if (random.chance(0.5) && this.#office.assign()) return settle();
    if (!stage.isIdle) return stage.step(random);
    if (this.#office.assign()) return settle();
    const next = this.#office.nextMs;
    if (next !== undefined) ports.clock.advance(Math.max(0, next - ports.clock()));
  }

  async #quiet(): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      if (this.#office.isIdle && this.#world.stage.isIdle) return;
      await this.#advance();
    }
    this.#violations.check("I7", false, () => `not quiet after ${ROUNDS_MAX} rounds`);
  }

  #note(line: string): void {
    this.#trace.update(`${this.#world.ports.clock()} ${line}\n`);
    this.#options.onTrace?.(`${this.#world.ports.clock()} ${line}`);
  }
}

/** One save, short: what it did, and where the sides are now. */
function lineOf({ canonicalId, revision, sides, trail = [] }: CrossReference): string {
  const did = trail.map((entry) => `${entry.kind} ${entry.connection}`).join(", ");
  const states = Object.entries(sides).map(
    ([connection, { state, externalId = "-" }]) => `${connection} ${state} ${externalId}`,
  );
  return `  saved ${canonicalId} ${revision}: ${did} | ${states.join(", ")}`;
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}
