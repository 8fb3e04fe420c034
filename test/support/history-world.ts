/** The mapping table and the history's log in memory, with the stream between them. */
import { decodeHistoryImage } from "#shared/aws/history-images.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import type { CanonicalId } from "#shared/domain/identifiers.ts";
import type { TrailEntry } from "#shared/domain/trail.ts";
import { noClaims } from "#shared/ports/mapping-table.ts";
import type { HistoryViewDependencies } from "#shared/sync/dependencies.ts";
import { recordHistory, type SavedImage } from "#shared/sync/record-history.ts";
import { aCustomer, aCustomerId } from "./cross-references.ts";
import { createMemoryHistory, type MemoryHistory } from "./memory-history.ts";
import { createMemoryPorts, type MemoryPorts } from "./stack-of-ports.ts";

export interface HistoryWorld {
  readonly ports: MemoryPorts;
  readonly history: MemoryHistory;
  readonly deps: HistoryViewDependencies;
  /** What the stream told and nobody has taken yet. */
  readonly images: SavedImage[];
  /** Saves the customer once more, a second after the last save of anything. */
  save(ending: string, change?: Partial<CrossReference>): Promise<void>;
  record(images: readonly SavedImage[]): Promise<void>;
  /** Saves a customer so many times, and records it. Answers its id. */
  withHistory(ending: string, revisions: number): Promise<CanonicalId>;
  /** Replaces a text wherever it stands in the log. */
  edit(from: string, to: string): void;
}

export const STARTED_MS = Date.UTC(2026, 0, 5, 9, 59, 50);

export function createHistoryWorld(): HistoryWorld {
  const ports = createMemoryPorts({ nowMs: STARTED_MS });
  const history = createMemoryHistory();
  const images: SavedImage[] = [];
  ports.onImage((record) => {
    const image = decodeHistoryImage(record);
    if (image.kind !== "other") images.push(image);
  });
  const save: HistoryWorld["save"] = async (ending, change = {}) => {
    ports.clock.advance(1_000);
    const id = aCustomerId(ending);
    const known = (await ports.xrefs.load([id])).get(id) ?? aCustomer(ending);
    const trail = [aTry(known.revision + 1)];
    const outcome = await ports.xrefs.save({ ...known, trail, ...change }, noClaims, []);
    if (outcome !== "saved") throw new Error(`not saved: ${outcome}`);
  };
  const record: HistoryWorld["record"] = (some) => recordHistory({ history, log: ports.log }, some);
  return {
    ports,
    history,
    deps: { history, heads: ports.heads, clock: ports.clock },
    images,
    save,
    record,
    async withHistory(ending, revisions) {
      for (let revision = 0; revision < revisions; revision += 1) await save(ending);
      await record(images.splice(0));
      return aCustomerId(ending);
    },
    edit(from, to) {
      for (const [key, content] of history.objects) {
        history.objects.set(key, content.replaceAll(from, to));
      }
    },
  };
}

/** A trail entry that tells the revision. */
export function aTry(tries: number): TrailEntry {
  return { kind: "intended", at: "2026-01-05T09:00:00.000Z", connection: "books", tries };
}
