/** What the local host tells its owner; whoever starts it decides how to print it. */
export type HostLog =
  | { readonly kind: "function-log"; readonly functionName: string; readonly text: string }
  | { readonly kind: "notice"; readonly text: string }
  | { readonly kind: "error"; readonly text: string }
  | {
      readonly kind: "invocation";
      readonly functionName: string;
      readonly durationMs: number;
      readonly billedMs: number;
      readonly ok: boolean;
      readonly cpuMs?: number;
      readonly records?: number;
    };

export type LogSink = (line: HostLog) => void;

/** Message and first line of the stack: where it went wrong, without the pages below it. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = error.stack?.split("\n").find((line) => /^\s+at /.test(line));
  return place === undefined ? error.message : `${error.message} (${place.trim()})`;
}
