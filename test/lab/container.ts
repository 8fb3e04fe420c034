/**
 * A container as Lambda has them: one process that keeps its connectors between invocations, runs one
 * invocation at a time, and can die at any point.
 */

import { SyncError } from "#shared/domain/sync-error.ts";
import type { Flows } from "#shared/flows/flows.ts";
import type { CallBudget } from "#shared/ports/call-budget.ts";
import type { Connector } from "#shared/ports/connector.ts";
import type { FileStore } from "#shared/ports/files.ts";
import type { ImportQueue, ImportStaging } from "#shared/ports/imports.ts";
import type { SyncDependencies } from "#shared/sync/dependencies.ts";
import type { MemoryPorts } from "#test/support/stack-of-ports.ts";
import type { Faults } from "./faults.ts";
import type { Life, Stage } from "./stage.ts";

type ContainerDependencies = SyncDependencies & {
  readonly files: FileStore;
  readonly staging: ImportStaging;
  readonly imports: ImportQueue;
};

export interface Container {
  readonly life: Life;
  /** As a function composes them when it starts. */
  readonly deps: () => Promise<ContainerDependencies>;
  isBusy: boolean;
}

export function createContainer(options: {
  readonly name: string;
  readonly ports: MemoryPorts;
  readonly flows: Flows;
  readonly stage: Stage;
  readonly faults: Faults;
  readonly budget: CallBudget;
  readonly connectorsFor: (
    life: Life,
    budget: CallBudget,
  ) => Promise<ReadonlyMap<string, Connector>>;
}): Container {
  const { ports, stage, faults, flows } = options;
  const life: Life = { name: options.name, isOver: false };
  const on = { life, stage, faults };
  const connectors = options.connectorsFor(life, withPoints("budget", options.budget, on));
  const deps = async (): Promise<ContainerDependencies> => ({
    files: withPoints("files", ports.files, on),
    staging: withPoints("staging", ports.staging, on),
    imports: withPoints("imports", ports.imports, on),
    xrefs: withPoints("xrefs", ports.xrefs, on),
    relations: withPoints("relations", ports.relations, on),
    waits: withPoints("waits", ports.waits, on),
    watermarks: withPoints("watermarks", ports.watermarks, on),
    dedup: withPoints("dedup", ports.dedup, on),
    ledgers: withPoints("ledgers", ports.ledgers, on),
    parked: withPoints("parked", ports.parked, on),
    runs: withPoints("runs", ports.runs, on),
    changes: withPoints("changes", ports.changes, on),
    deliveries: withPoints("deliveries", ports.deliveries, on),
    polls: withPoints("polls", ports.polls, on),
    connectors: await connectors,
    flows,
    clock: ports.clock,
    log: ports.log,
  });
  return { life, deps, isBusy: false };
}

/** What is iterated is no single await: its items come from one state of the table or the file. */
const iterated: ReadonlySet<string | symbol> = new Set(["listDueBefore", "openText", "readParts"]);

/** Every method is a point; the table may be busy at any of them. */
function withPoints<Port extends object>(
  name: string,
  port: Port,
  on: { readonly life: Life; readonly stage: Stage; readonly faults: Faults },
): Port {
  return new Proxy(port, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== "function" || iterated.has(key)) return member;
      return async (...given: unknown[]) => {
        await on.stage.point(on.life, `${name}.${String(key)}`);
        if (on.faults.strikes("table-throttle")) {
          throw new SyncError({ kind: "retryable", code: "table-busy" });
        }
        return Reflect.apply(member, target, given) as unknown;
      };
    },
  });
}
