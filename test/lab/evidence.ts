/**
 * What a run gathers while it goes: every value that was ever golden or lost, what was shown to us of
 * what users entered, and the calls that changed a remote. The promises that must hold at every step
 * are checked here, as things happen.
 */
import { limits } from "#shared/config/limits.ts";
import { type CrossReference, sideOf } from "#shared/domain/cross-reference.ts";
import { derivedBy } from "#shared/domain/flow.ts";
import { type Fields, isLines } from "#shared/domain/records.ts";
import type { ChangeImage } from "#shared/sync/change-image.ts";
import type { ReachedCall } from "./network.ts";
import type { UserEdit } from "./user-edit.ts";
import type { Violations } from "./violations.ts";

export interface WitnessedEdit extends UserEdit {
  /** Whether an answer that we got held the value. */
  isShown: boolean;
  /** Another edit of the same field of the same record came after it. */
  isSuperseded: boolean;
}

export class Evidence {
  readonly #violations: Violations;
  /** Texts that were once golden, and texts that a decision discarded. */
  readonly golden = new Set<string>();
  readonly lost = new Set<string>();
  readonly edits: WitnessedEdit[] = [];
  /** Calls that change something, since the last reset. */
  writeCount = 0;
  readonly #revisions = new Map<string, number>();

  readonly #ended: () => ReadonlySet<string>;
  readonly #isLocked: (connection: string) => boolean;
  readonly #clock: () => number;
  /** When somebody last closed or opened a period, or the run began. */
  #periodsMovedAtMs = 0;

  constructor(
    violations: Violations,
    about: {
      /** Ids of the records that users ended so far. */
      readonly ended: () => ReadonlySet<string>;
      readonly clock: () => number;
      /** Whether a remote refuses to be overwritten unseen. */
      readonly isLocked: (connection: string) => boolean;
    },
  ) {
    this.#violations = violations;
    this.#ended = about.ended;
    this.#isLocked = about.isLocked;
    this.#clock = about.clock;
  }

  periodsMoved(): void {
    this.#periodsMovedAtMs = this.#clock();
  }

  entered(edits: readonly UserEdit[]): void {
    for (const edit of edits) {
      for (const earlier of this.edits) {
        const isSame =
          earlier.connection === edit.connection &&
          earlier.externalId === edit.externalId &&
          earlier.field === edit.field;
        if (isSame) earlier.isSuperseded = true;
      }
      // A file was shown when it was dropped. Where a remote has a lock, no edit may be lost unseen.
      const isShown = edit.connection === "files" || this.#isLocked(edit.connection);
      this.edits.push({ ...edit, isShown, isSuperseded: false });
    }
  }

  /** A change of the mapping table, as its stream tells it. */
  changed(image: ChangeImage): void {
    if (image.kind !== "cross-reference") return;
    const { next, previous } = image;
    const { canonicalId, revision } = next;
    const about = (): string => `${canonicalId} at ${revision}`;
    const last = this.#revisions.get(canonicalId) ?? 0;
    this.#violations.check("I11", revision === last + 1, about);
    this.#revisions.set(canonicalId, revision);
    this.#violations.check("I15", (next.trail ?? []).length > 0, about);
    this.#checkVersions(previous, next);
    this.#remember(next);
  }

  #checkVersions(previous: CrossReference | undefined, next: CrossReference): void {
    if (previous === undefined) return;
    for (const connection of Object.keys(previous.sides)) {
      const [before, after] = [sideOf(previous, connection), sideOf(next, connection)];
      const isNewEnd = before.state !== "tombstoned" && after.state === "tombstoned";
      const isUsers = after.ended?.by === derivedBy || this.#ended().has(after.externalId ?? "");
      this.#violations.check(
        "false-end",
        !isNewEnd || isUsers,
        () => `${next.canonicalId} on ${connection}, which nobody ended`,
      );
      const isRemade = before.state === "tombstoned" && after.state === "creating";
      this.#violations.check("I8", !isRemade, () => `${next.canonicalId} anew on ${connection}`);
      if (before.externalId === undefined || before.externalId !== after.externalId) continue;
      const grew = (after.remoteVersion ?? 0) >= (before.remoteVersion ?? 0);
      this.#violations.check("I11", grew, () => `${next.canonicalId} on ${connection}`);
    }
  }

  #remember({ fields, trail = [] }: CrossReference): void {
    for (const text of textsOf(fields)) this.golden.add(text);
    for (const entry of trail) {
      if (entry.kind !== "seen" && entry.kind !== "decided") continue;
      for (const { lost, field } of entry.decisions) {
        if (lost === undefined) continue;
        for (const text of textsOf({ [field]: lost.value })) this.lost.add(text);
      }
    }
  }

  /** I10: the books are not asked for what a period that was closed for a while makes them refuse. */
  #checkClosed({ method, path }: ReachedCall, answer: string): void {
    const isClosed = /cannot be before the (period|end of year) lock date/.test(answer);
    const isNew = this.#clock() - this.#periodsMovedAtMs < PERIODS_KNOWN_MS;
    this.#violations.check("I10", !isClosed || isNew, () => `${method} ${path} in a closed period`);
  }

  answered(call: ReachedCall): void {
    const { answer } = call;
    // Only the remotes' own limits are counted here: storms never reach them.
    const about = (): string => `${call.connection} ${call.method} ${call.path}`;
    this.#violations.check("I14", call.status !== 429, about);
    // A row that the remote refused changed nothing: a full check tries it again, as it should.
    const isRefused =
      answer?.includes('"StatusAttributeString":"ERROR"') === true || call.status === 207;
    if (isWrite(call) && call.status < 300 && !isRefused) this.writeCount += 1;
    if (answer === undefined) return;
    this.#checkClosed(call, answer);
    for (const edit of this.edits) {
      if (edit.isShown || edit.value === null) continue;
      // The whole value: a remote may have kept something else, and one value may begin as another.
      if (answer.includes(JSON.stringify(edit.value))) edit.isShown = true;
    }
  }
}

/** How old what we know of the closed periods may be: as long as it is kept, and a call's way. */
const PERIODS_KNOWN_MS = limits.ledgerFactsKeptMs + 60_000;

/** Reads of HubSpot's are posts, too: searches and batch reads. So is what fetches a token. */
export function isWrite({ method, path }: Pick<ReachedCall, "method" | "path">): boolean {
  const isRead = method === "GET" || path.endsWith("/search") || path.endsWith("/batch/read");
  return !isRead && !path.endsWith("/connect/token");
}

function* textsOf(fields: Fields): Generator<string> {
  for (const value of Object.values(fields)) {
    if (typeof value === "string") yield value;
    if (isLines(value))
      for (const line of value) if (line.description !== null) yield line.description;
  }
}
