/** Ports of a worker that dies: from one call on, before or after it takes effect, nothing answers. */
import type { MemoryPorts } from "./stack-of-ports.ts";

const portNames = ["xrefs", "waits", "parked", "runs", "changes", "deliveries"] as const;
type PortName = (typeof portNames)[number];

export interface Death {
  /** Calls that are answered. */
  readonly afterCalls: number;
  /** Whether the call it dies in takes effect. */
  readonly isDone: boolean;
}

export interface DyingPorts {
  readonly ports: Pick<MemoryPorts, PortName>;
  /** Whether it came so far. */
  hasDied(): boolean;
}

type AnyCall = (...given: unknown[]) => Promise<unknown>;

export function createDyingPorts(ports: MemoryPorts, death: Death): DyingPorts {
  let calls = 0;
  const dying = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name) {
        const call: unknown = Reflect.get(target, name);
        if (typeof call !== "function") return call;
        return async (...given: unknown[]) => {
          calls += 1;
          if (calls === death.afterCalls + 1 && death.isDone) {
            await (call as AnyCall).apply(target, given);
          }
          if (calls > death.afterCalls) throw new Error("the worker died");
          return (call as AnyCall).apply(target, given);
        };
      },
    });
  return {
    ports: {
      xrefs: dying(ports.xrefs),
      waits: dying(ports.waits),
      parked: dying(ports.parked),
      runs: dying(ports.runs),
      changes: dying(ports.changes),
      deliveries: dying(ports.deliveries),
    },
    hasDied: () => calls > death.afterCalls,
  };
}
