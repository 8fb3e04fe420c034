/** Rules on how folders, handlers, functions and names look. */
import type { SourceFile } from "./tidy-sources.ts";

const HANDLER_LINES_MAX = 40;
const FUNCTION_LINES_MAX = 60;

const CONNECTOR_FILES = [
  "README.md",
  "client.ts",
  "definition.ts",
  "errors.ts",
  "index.ts",
  "schema.ts",
  "webhook.ts",
];

/** Each function folder is a verb and a noun with one short `handler.ts`. */
export function handlerFindings(files: readonly SourceFile[]): string[] {
  const findings: string[] = [];
  const folders = new Set<string>();
  for (const { path, text } of files) {
    const [root, folder, name] = path.split("/");
    if (root !== "functions" || folder === undefined || !path.endsWith(".ts")) continue;
    if (name === undefined) findings.push(`${path}: belongs in the folder of a function`);
    else folders.add(folder);
    if (name === "handler.ts" && lineCount(text) > HANDLER_LINES_MAX) {
      findings.push(`${path}: ${lineCount(text)} lines, more than ${HANDLER_LINES_MAX}`);
    }
  }
  for (const folder of folders) {
    if (!/^[a-z]+(-[a-z]+)+$/.test(folder)) findings.push(`functions/${folder}: is not verb-noun`);
    if (!files.some(({ path }) => path === `functions/${folder}/handler.ts`)) {
      findings.push(`functions/${folder}: has no handler.ts`);
    }
  }
  return findings;
}

/**
 * The folder of each system has the same file names; `file` is no system. A mapping may be cut into
 * one file for each record type.
 */
export function connectorFindings(paths: readonly string[]): string[] {
  const systems = new Set<string>();
  for (const path of paths) {
    const system = /^shared\/connectors\/([^/]+)\//.exec(path)?.[1];
    if (system !== undefined && system !== "file") systems.add(system);
  }
  return [...systems].flatMap((system) => {
    const folder = `shared/connectors/${system}`;
    const missing = CONNECTOR_FILES.filter((name) => !paths.includes(`${folder}/${name}`));
    const isMapping = new RegExp(`^${folder}/mapping(-[a-z-]+)?\\.ts$`);
    if (!paths.some((path) => isMapping.test(path))) missing.push("mapping.ts");
    return missing.map((name) => `${folder}/${name}: is missing`);
  });
}

const FUNCTION_START =
  /^(?:export )?(?:async )?function\b|^(?:async |static |get |set )?[#\w]+\(.*\{$|=> \{$/;
const STATEMENT = /^(?:if|for|while|switch|catch|return|else)\b/;

/**
 * Functions of more than 60 lines. Relies on the formatter: a function ends at the first line that
 * stands as far in as its first one and begins with a closing brace.
 */
export function functionLengthFindings({ path, text }: SourceFile): string[] {
  const lines = text.split("\n");
  return lines.flatMap((line, start) => {
    const code = line.trimStart();
    const indent = line.slice(0, line.length - code.length);
    if (!FUNCTION_START.test(code) || STATEMENT.test(code)) return [];
    const length = lines
      .slice(start)
      .findIndex((later, offset) => offset > 0 && later.startsWith(`${indent}}`));
    if (length < FUNCTION_LINES_MAX) return [];
    return [`${path}:${start + 1}: a function of ${length + 1} lines`];
  });
}

const BANNED_NAME =
  /(?:^|[-.])(?:utils?|helpers?|common|misc|managers?|data|info|process)(?:[-.]|$)/;

/** Names that say nothing; DynamoDB and Xero call things of theirs items, so `item` is left out. */
export function nameFindings(path: string): string[] {
  return path
    .split("/")
    .filter((part) => BANNED_NAME.test(part))
    .map((part) => `${path}: ${part} says nothing`);
}

/** Words that the glossary has a better one for, and words of unfinished work. */
const BANNED_WORDS: readonly (readonly [RegExp, string])[] = [
  [/\bsessions?\b/i, "session: say run, or what it is"],
  [/\b(?:TODO|FIXME|XXX)\b/, "unfinished work: finish it or open an issue"],
  [/\bexactly[ -]once\b/i, "exactly once: say what a repeat does"],
  [/DTOs?\b/, "canonical record"],
  [/\b(?:unified|common) model\b/i, "canonical record"],
  [/\bremoteId\b|\bforeign key\b/i, "external reference"],
  [/\blast_?sync\w*/i, "watermark"],
  [/\bsoft[ -]delet\w*/i, "tombstone"],
  [/\bdirty flag\b|\bloop guard\b/i, "echo suppression"],
  [/\bfailed queue\b/i, "dead-letter queue"],
  [/\breconciliation job\b/i, "tie-out"],
];

export function wordFindings({ path, text }: SourceFile): string[] {
  return text
    .split("\n")
    .flatMap((line, index) =>
      BANNED_WORDS.filter(([word]) => word.test(line)).map(
        ([, better]) => `${path}:${index + 1}: ${better}`,
      ),
    );
}

const FLOATS = /\bparseFloat\b|\.toFixed\(|\.toPrecision\(/;
const CLOCK_AND_CHANCE = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.now\(/;

/** Binary floats anywhere near amounts; the clock and chance in what must be told of them. */
export function purityFindings({ path, text }: SourceFile): string[] {
  const isCore = /^shared\/(?:config|domain|contracts|flows|ports|sync|connectors)\//.test(path);
  if (!path.startsWith("shared/")) return [];
  return text.split("\n").flatMap((line, index) => {
    const at = `${path}:${index + 1}`;
    const findings: string[] = [];
    if (FLOATS.test(line)) findings.push(`${at}: a binary float`);
    if (isCore && CLOCK_AND_CHANCE.test(line)) findings.push(`${at}: a clock or chance of its own`);
    return findings;
  });
}

function lineCount(text: string): number {
  return text.trimEnd().split("\n").length;
}
