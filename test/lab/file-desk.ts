/**
 * People who drop files of customers: some with bad rows, some under a header nobody knows, some older
 * ones once more. What each must come to is written down as it is dropped, and looked at when all is quiet.
 */
import { createTableScanner } from "#shared/connectors/file/scan-table.ts";
import { resultKeyOf } from "#shared/domain/file-key.ts";
import { rowStatuses } from "#shared/domain/file-result.ts";
import type { FileProfile } from "#shared/domain/file-profile.ts";
import { tieoutCustomers } from "#shared/flows/files/tieout-customers.ts";
import type { ImportDependencies } from "#shared/sync/import-dependencies.ts";
import type { RangeReader } from "#shared/ports/files.ts";
import type { Run } from "#shared/ports/runs.ts";
import { plainOpener } from "#test/support/plain-files.ts";
import type { MemoryPorts } from "#test/support/stack-of-ports.ts";
import type { Random } from "./random.ts";
import type { UserEdit } from "./user-edit.ts";
import type { Violations } from "./violations.ts";

interface Drop {
  readonly key: string;
  readonly content: string;
  readonly droppedAtMs: number;
  readonly edits: readonly UserEdit[];
  /** Undefined of a file that must be refused as a whole. */
  readonly rows: { readonly good: number; readonly bad: number } | undefined;
}

const KEYS = ["F1", "F2", "F3", "F4", "F5"];
const HEADER = "id,name,phone";

/** Cells between commas: what real files hold is tried by the reader's own tests. */
const plainRows: RangeReader = {
  readRange: (text) =>
    Buffer.from(text)
      .toString("utf8")
      .split("\n")
      .map((line) => line.split(",")),
};

/** As an import is composed here: files of a few rows are read in several ranges. */
export const fileDesk = {
  opener: plainOpener,
  scanner: createTableScanner(),
  rangeReader: plainRows,
  profiles: async (): Promise<readonly FileProfile[]> => [tieoutCustomers],
  planBounds: { rangeBytes: 60 },
} satisfies Partial<ImportDependencies>;

export class FileDesk {
  readonly #ports: MemoryPorts;
  readonly #random: Random;
  readonly #drops: Drop[] = [];
  #count = 0;

  constructor(ports: MemoryPorts, random: Random) {
    this.#ports = ports;
    this.#random = random;
  }

  /** Puts a file into the inbox. */
  drop(): Drop {
    const isUnknown = this.#random.chance(0.1);
    const drop = isUnknown ? this.#strange() : this.#customers();
    this.#put(drop);
    return drop;
  }

  /** The last file once more, as it was; undefined where there is none. */
  dropAgain(): Drop | undefined {
    const last = this.#drops.findLast(({ rows }) => rows !== undefined);
    if (last === undefined) return undefined;
    const again = { ...last, ...this.#named("customers"), edits: [] };
    this.#put(again);
    return again;
  }

  /** I16: every row of every file is accounted for, in its run and in its result file. */
  async check(violations: Violations): Promise<void> {
    const { runs } = await this.#ports.runs.list(1_000);
    const imports = runs.filter(({ kind }) => kind === "import");
    violations.check(
      "I16",
      imports.length === this.#drops.length,
      () => `${imports.length} runs of ${this.#drops.length} files`,
    );
    for (const drop of this.#drops) {
      const run = imports.find(({ subject }) => subject === drop.key);
      const told = this.#ports.files.published.get(resultKeyOf(drop.key))?.content;
      const about = (): string => `${drop.key}: ${show(run)}; ${told ?? "no result file"}`;
      violations.check("I16", run?.capturedAt !== undefined && told !== undefined, about);
      if (run !== undefined) violations.check("I16", isAccounted(drop, run), about);
    }
  }

  /** Each a file of its own name, so that each drop has a run and a result to be looked at. */
  #put(drop: Drop): void {
    this.#drops.push(drop);
    this.#ports.files.drop(drop.key, drop.content, drop.droppedAtMs);
  }

  #customers(): Drop {
    const keys = KEYS.filter(() => this.#random.chance(0.4));
    const edits: UserEdit[] = [];
    const rows = keys.map((key) => {
      const [name, phone] = [this.#text("file name"), this.#text("file phone")];
      const edit = { connection: "files", recordType: "customer", externalId: key } as const;
      edits.push(
        { ...edit, field: "name", value: name },
        { ...edit, field: "phone", value: phone },
      );
      return [key, name, phone].join(",");
    });
    const bad = Array.from({ length: this.#random.below(3) }, () => `,${this.#text("no id")},1`);
    return {
      ...this.#named("customers"),
      content: [HEADER, ...rows, ...bad].join("\n"),
      edits,
      rows: { good: rows.length, bad: bad.length },
    };
  }

  #strange(): Drop {
    return { ...this.#named("strange"), content: "what,ever\n1,2", edits: [], rows: undefined };
  }

  #named(name: string): Pick<Drop, "key" | "droppedAtMs"> {
    this.#count += 1;
    return { key: `${this.#count}/${name}.csv`, droppedAtMs: this.#nextMs() };
  }

  #nextMs(): number {
    return Math.max(this.#ports.clock(), (this.#drops.at(-1)?.droppedAtMs ?? 0) + 1);
  }

  #text(prefix: string): string {
    this.#count += 1;
    return `${prefix} ${this.#count}`;
  }
}

function isAccounted({ rows }: Drop, { counts, problem }: Run): boolean {
  if (rows === undefined) return problem?.code !== undefined;
  const [all, rejected, records] = [counts["rows"], counts["rejectedRows"], counts["records"]];
  const told = rowStatuses.reduce((sum, status) => sum + (counts[`rows.${status}`] ?? 0n), 0n);
  const ended = (counts["applied"] ?? 0n) + (counts["unchanged"] ?? 0n) + (counts["parked"] ?? 0n);
  const good = BigInt(rows.good);
  return (
    problem === undefined &&
    (all ?? 0n) === BigInt(rows.good + rows.bad) &&
    told === (all ?? 0n) &&
    (rejected ?? 0n) === BigInt(rows.bad) &&
    (records ?? 0n) === good &&
    // A worker that died while it handed them on hands them on twice, and the second time is counted.
    ended >= good
  );
}

function show(run: Run | undefined): string {
  return JSON.stringify(run, (_, part: unknown) => (typeof part === "bigint" ? `${part}` : part));
}
