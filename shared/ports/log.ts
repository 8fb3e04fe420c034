/** The log: ids, codes and counts, never a person's data, never a payload. */

type LogValue = string | number | boolean | undefined;

export interface Log {
  /** One line per record as it moves: where from, what, where to, with what result. */
  moved(entry: {
    readonly from: string;
    readonly recordType: string;
    readonly id: string;
    readonly to: string;
    readonly result: string;
    readonly code?: string | undefined;
    readonly runId?: string | undefined;
  }): void;
  /** A figure to watch over time; of few dimensions with few values each, for each is a series. */
  count(name: string, value: number, dimensions: Readonly<Record<string, string>>): void;
  info(message: string, fields?: Readonly<Record<string, LogValue>>): void;
  error(message: string, cause: unknown, fields?: Readonly<Record<string, LogValue>>): void;
}

/** Our one clock, epoch ms. */
export type Clock = () => number;
