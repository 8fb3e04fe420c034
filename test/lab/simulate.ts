/**
 * One run: people work, things go wrong, workers die; then all heals, and everything must agree. The
 * same seed and steps give the same run, to the last await.
 */
import { createHash } from "node:crypto";
import { cutTo } from "#infra/local/simulators/text-habits.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { checkAgreement, checkWaits } from "./agreement.ts";
import { Evidence, isWrite } from "./evidence.ts";
import { drawFaults, type FaultKind, type Faults } from "./faults.ts";
import { FileDesk } from "./file-desk.ts";
import { Office } from "./office.ts";
import { Random } from "./random.ts";
import { checkCall } from "./safety.ts";
import { settle } from "./stage.ts";
import { createUsers, type UserAct, type Users } from "./users.ts";
import { type Violation, Violations } from "./violations.ts";
import { createWorld, hasLockedCrm, type World } from "./world.ts";

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
/** With these what a user enters is not what a remote keeps of it. */
const textHabits: readonly FaultKind[] = ["truncating-remote", "normalising-remote"];
/** Users rest for the last part of a run. */
const WORK_SHARE = 0.8;

export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const run = new Run(options);
  try {
    await run.prepare();
    await run.work();
    await run.heal();
  } catch (cause) {
    // One seed among thousands must not take the others with it.
    run.stopped(cause);
  }
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
  readonly #fileDesk: FileDesk;
  readonly #healsByPoll: boolean;
  #faultCounts: Faults["counts"];
  #actCount = 0;
  #hasDrifted = false;

  constructor(options: SimulationOptions) {
    this.#options = options;
    const { seed } = options;
    this.#evidence = new Evidence(this.#violations, {
      ended: () => this.#users.ended,
      clock: () => this.#world.ports.clock(),
      isLocked: (connection) => connection === "crm" && this.#world.isLocked,
    });
    // Every third run has no full check at the end: the polls alone must have missed nothing.
    this.#healsByPoll = seed % 3 === 0;
    const possible = options.faults.filter(
      (kind) =>
        !(this.#healsByPoll && kind === "schema-drift") &&
        !(hasLockedCrm(seed) && textHabits.includes(kind)),
    );
    const plan = drawFaults(new Random(seed ^ 0xfa17), possible);
    this.#world = createWorld({
      seed,
      plan,
      onGo: (life, point) => this.#note(`${life.name} ${point}`),
      beforeCall: (call) => checkCall(call, this.#world, this.#violations),
      onCall: (call) => {
        this.#evidence.answered(call);
        if (isWrite(call)) this.#note(`  ${call.status} to ${call.body ?? ""}`);
      },
    });
    this.#world.ports.onChange((image) => {
      this.#evidence.changed(image);
      if (image.kind === "cross-reference") this.#note(lineOf(image.next));
    });
    this.#office = new Office(this.#world);
    const { hubspot, xero } = this.#world;
    const onlyPolled = this.#healsByPoll;
    this.#users = createUsers(hubspot, xero, new Random(seed ^ 0x05e5), { onlyPolled });
    this.#fileDesk = new FileDesk(this.#world.ports, new Random(seed ^ 0xf11e));
    this.#faultCounts = this.#world.faults.counts;
  }

  /** What a deployment does first: the properties that we rely on are made. */
  async prepare(): Promise<void> {
    for (const connector of (await this.#world.witnesses()).values()) {
      await connector.prepare(this.#office.signal);
    }
    this.#world.ports.clock.advance(60_000);
    this.#setHabits();
    await this.#firstDay();
  }

  /**
   * In every other run there are documents to disagree about from the start: on a day without faults
   * people sell, and the books approve some of it and take money.
   */
  async #firstDay(): Promise<void> {
    if (this.#options.seed % 2 === 0) return;
    for (const act of this.#users.sell()) this.#done(act);
    await this.#quiet();
    for (const act of this.#users.bill()) this.#done(act);
    await this.#quiet();
  }

  /** What the remotes make of texts, all through the run. */
  #setHabits(): void {
    const { faults, hubspot, xero } = this.#world;
    if (faults.strikesForGood("truncating-remote")) {
      hubspot.troubles.setTextHabit("companies", "tieout_tax_number", cutTo(8));
      hubspot.troubles.setTextHabit("companies", "tieout_email", cutTo(20));
    }
    if (faults.strikesForGood("normalising-remote")) {
      xero.troubles.setTextHabit("contacts", "TaxNumber", (text) => text.toUpperCase());
      xero.troubles.setTextHabit("items", "Name", (text) => text.replaceAll(" ", ""));
      hubspot.troubles.setTextHabit("companies", "phone", (text) => text.replaceAll(" ", "-"));
    }
  }

  async work(): Promise<void> {
    const { steps } = this.#options;
    const { random, faults, containers, ports } = this.#world;
    faults.begin();
    for (let step = 0; step < steps; step += 1) {
      if (step < steps * WORK_SHARE && random.chance(0.25)) this.#act();
      if (step < steps * WORK_SHARE && random.chance(0.015)) this.#dropFile();
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

  /** The lab itself could not go on: that breaks no promise of the product, and must not pass either. */
  stopped(cause: unknown): void {
    const about = String(cause instanceof Error ? cause.stack : cause);
    this.#violations.found.push({ invariant: "lab", about });
  }

  /** Faults stop; polls and checks must find whatever was missed, and then nothing moves any more. */
  async heal(): Promise<void> {
    const { faults, network, ports, hubspot, xero } = this.#world;
    faults.heal();
    network.heal();
    hubspot.troubles.setSearchLag(2_000);
    hubspot.troubles.renewToken(hubspot.token);
    xero.troubles.renewToken(xero.token);
    if (this.#hasDrifted) hubspot.troubles.restoreProperty("companies", "tieout_tax_number");
    for (const connector of (await this.#world.witnesses()).values()) {
      await connector.prepare(this.#office.signal);
    }
    ports.clock.advance(60_000);
    await this.#quiet();
    checkWaits(this.#world, this.#violations);
    // What a look-back must not miss, and what a webhook never told.
    ports.clock.advance(10 * 60_000);
    const modes = this.#healsByPoll
      ? (["incremental", "incremental", "incremental"] as const)
      : (["incremental", "full", "full"] as const);
    for (const mode of modes) await this.#poll(mode);
    const writeCount = this.#evidence.writeCount;
    await this.#poll(this.#healsByPoll ? "incremental" : "full");
    const again = this.#evidence.writeCount - writeCount;
    this.#violations.check("I7", again === 0, () => `${again} writes with nothing to do`);
    await this.#sameFileAgain();
    await checkAgreement(this.#world, this.#evidence, this.#violations);
  }

  /** I16: a file that was read already changes nothing. */
  async #sameFileAgain(): Promise<void> {
    const writeCount = this.#evidence.writeCount;
    const drop = this.#fileDesk.dropAgain();
    if (drop !== undefined) this.#office.fileDropped(drop.key);
    await this.#quiet();
    const again = this.#evidence.writeCount - writeCount;
    this.#violations.check("I16", again === 0, () => `${again} writes for ${drop?.key}, again`);
    await this.#fileDesk.check(this.#violations);
  }

  async #poll(mode: "incremental" | "full"): Promise<void> {
    await this.#world.ports.polls.send({ mode, tries: 0 });
    await this.#quiet();
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
      writeCount: this.#evidence.writeCount,
      faultCounts: this.#faultCounts,
      traceHash: this.#trace.digest("hex").slice(0, 16),
    };
  }

  #act(): void {
    if (this.#world.isLocked) this.#world.ports.clock.advance(1);
    const act = this.#world.random.chance(0.2)
      ? this.#world.withSlowClocks(() => this.#users.create())
      : this.#users.act();
    if (act !== undefined) this.#done(act);
  }

  #done(act: UserAct): void {
    this.#actCount += 1;
    this.#note(`user ${act.name} ${JSON.stringify(act.edits)}`);
    this.#evidence.entered(act.edits);
    if (act.name === "move-lock-date") this.#evidence.periodsMoved();
  }

  #dropFile(): void {
    const { key, edits } = this.#fileDesk.drop();
    this.#actCount += 1;
    this.#note(`file ${key} ${JSON.stringify(edits)}`);
    this.#evidence.entered(edits);
    this.#office.fileDropped(key);
  }

  /** Troubles of the remotes that last a while. */
  #trouble(): void {
    const { faults, random, hubspot, xero } = this.#world;
    if (faults.strikes("stale-search-index")) hubspot.troubles.setSearchLag(30_000);
    if (random.chance(0.9)) return;
    if (faults.strikes("token-expiry")) hubspot.troubles.expireToken();
    else if (random.chance(0.2)) hubspot.troubles.renewToken(hubspot.token);
    if (faults.strikes("token-expiry")) xero.troubles.expireTokens();
    else if (random.chance(0.2)) xero.troubles.renewToken(xero.token);
    if (faults.strikes("schema-drift") && !this.#hasDrifted) {
      this.#hasDrifted = true;
      hubspot.troubles.deleteProperty("companies", "tieout_tax_number");
    }
    if (faults.strikes("partial-batch")) {
      const companies = hubspot.records("companies").map(({ id }) => id);
      const contacts = xero.records("contacts").map(({ ContactID }) => ContactID);
      if (companies.length > 0) hubspot.troubles.failRows([random.pick(companies)], 1);
      if (contacts.length > 0) xero.troubles.failRows([random.pick(contacts)], 1);
    }
  }

  /** A little further: a point goes on, or new work begins, or time passes. */
  async #advance(): Promise<void> {
    const { stage, random, ports, isLocked } = this.#world;
    // Now and then several things happen in one millisecond; a lock by time could not tell them apart.
    if (isLocked || random.chance(0.8)) ports.clock.advance(1 + random.below(20));
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
  const did = trail
    .map(
      (entry) =>
        `${entry.kind} ${entry.connection}${entry.kind === "failed" ? ` ${entry.code}` : ""}`,
    )
    .join(", ");
  const states = Object.entries(sides).map(
    ([connection, { state, externalId = "-" }]) => `${connection} ${state} ${externalId}`,
  );
  return `  saved ${canonicalId} ${revision}: ${did} | ${states.join(", ")}`;
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}
