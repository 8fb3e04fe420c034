/**
 * Which profile a file is read by. The header decides: a profile fits where all its required columns
 * are there and no column is one it does not know. Columns that a result file added are left out.
 */
import { limits } from "#shared/config/limits.ts";
import type { BoundProfile, FileProblem, FileProfile } from "./file-profile.ts";
import { isRefusedName, isResultColumn, normalizeHeader, plainHeader } from "./header-names.ts";

export type ProfileChoice =
  | { readonly kind: "found"; readonly bound: BoundProfile }
  | { readonly kind: "refused"; readonly problem: FileProblem };

const LISTED_NAMES_MAX = 20;
const LISTED_NAME_CHARACTERS_MAX = 60;

/** The profile that fits `header`; the file's name decides only between several that fit. */
export function findProfile(
  profiles: readonly FileProfile[],
  header: readonly string[],
  fileName: string,
): ProfileChoice {
  const problem = findHeaderFault(header);
  if (problem !== undefined) return { kind: "refused", problem };

  const fits = profiles.map((profile) => compareHeader(profile, header));
  const fitting = fits.filter((fit) => distanceOf(fit) === 0).map((fit) => fit.profile);
  const named = fitting.filter((profile) => isNamedFor(profile, fileName));
  const [first, second] = named.length > 0 ? named : fitting;
  if (first === undefined) return { kind: "refused", problem: describeNearest(fits, fileName) };
  if (second !== undefined) {
    return { kind: "refused", problem: describeTie(named.length > 0 ? named : fitting) };
  }
  return { kind: "found", bound: bindColumns(first, header) };
}

interface HeaderFit {
  readonly profile: FileProfile;
  readonly unknown: readonly string[];
  readonly missing: readonly string[];
}

export type HeaderChoice =
  | {
      readonly kind: "found";
      readonly bound: BoundProfile;
      /** As a spreadsheet counts, from 1. */
      readonly headerRow: number;
    }
  | { readonly kind: "refused"; readonly problem: FileProblem };

/**
 * The first of the file's first rows (`limits.headerRowsMax`) that fits a profile is its header. Where
 * none does, the problem is that of row 1; where one fits several, it is that.
 */
export function findHeaderRow(
  profiles: readonly FileProfile[],
  rows: readonly (readonly string[])[],
  fileName: string,
): HeaderChoice {
  let first: FileProblem | undefined;
  for (const [index, row] of rows.slice(0, limits.headerRowsMax).entries()) {
    const choice = findProfile(profiles, row, fileName);
    if (choice.kind === "found") return { ...choice, headerRow: index + 1 };
    if (choice.problem.code === "header-ambiguous") return choice;
    first ??= choice.problem;
  }
  return { kind: "refused", problem: first ?? noHeader };
}

const noHeader = {
  code: "file-empty",
  fix: "Put the names of the columns in the first row.",
} as const satisfies FileProblem;

/** What no profile could mend: names that are blank, refused, or stand twice. */
export function findHeaderFault(header: readonly string[]): FileProblem | undefined {
  const names = header.map(normalizeHeader);
  if (names.every((name) => name === "")) {
    return noHeader;
  }
  const blankAt = names.indexOf("");
  if (blankAt >= 0) {
    return {
      code: "header-blank",
      fix: "Name the column or take it out; look for a comma at the end of the first row.",
      detail: `column ${blankAt + 1} has no name`,
    };
  }
  const refused = header.filter(isRefusedName).map(plainHeader);
  if (refused.length > 0) {
    return {
      code: "header-refused",
      fix: "Give the column another name.",
      detail: `refused columns: ${listNames(refused)}`,
    };
  }
  const repeated = header
    .filter((name, index) => names.indexOf(names[index] ?? "") !== index && !isResultColumn(name))
    .map(plainHeader);
  if (repeated.length > 0) {
    return {
      code: "header-duplicate",
      fix: "Give each column a name of its own; case, spaces, hyphens and underscores do not count.",
      detail: `repeated columns: ${listNames(repeated)}`,
    };
  }
  return undefined;
}

function compareHeader(profile: FileProfile, header: readonly string[]): HeaderFit {
  const known = new Set(Object.keys(profile.columns).map(normalizeHeader));
  const given = new Set(header.map(normalizeHeader));
  return {
    profile,
    unknown: header
      .filter((name) => !known.has(normalizeHeader(name)) && !isResultColumn(name))
      .map((name) => name.trim()),
    missing: profile.requiredColumns.filter((name) => !given.has(normalizeHeader(name))),
  };
}

function distanceOf(fit: HeaderFit): number {
  return fit.unknown.length + fit.missing.length;
}

function isNamedFor(profile: FileProfile, fileName: string): boolean {
  const name = fileName.toLowerCase();
  return profile.fileNames.some((prefix) => name.startsWith(prefix.toLowerCase()));
}

function describeNearest(fits: readonly HeaderFit[], fileName: string): FileProblem {
  const nearest = fits.reduce<HeaderFit | undefined>((best, fit) => {
    if (best === undefined || distanceOf(fit) < distanceOf(best)) return fit;
    const isTie = distanceOf(fit) === distanceOf(best);
    const isNamed = isNamedFor(fit.profile, fileName) && !isNamedFor(best.profile, fileName);
    return isTie && isNamed ? fit : best;
  }, undefined);
  const parts = [
    ["nearest profile", nearest === undefined ? [] : [nearest.profile.profile]],
    ["unknown columns", nearest?.unknown ?? []],
    ["missing columns", nearest?.missing ?? []],
  ] as const;
  return {
    code: "header-unknown",
    fix: "Use the columns of a profile in docs/files.md, or add a profile for this file.",
    detail: parts
      .filter(([, names]) => names.length > 0)
      .map(([label, names]) => `${label}: ${listNames(names)}`)
      .join("; "),
  };
}

function describeTie(profiles: readonly FileProfile[]): FileProblem {
  return {
    code: "header-ambiguous",
    fix: "Begin the file's name as its profile says, such as customers-2026.csv.",
    detail: `profiles that fit: ${listNames(profiles.map((profile) => profile.profile))}`,
  };
}

function listNames(names: readonly string[]): string {
  const listed = names
    .slice(0, LISTED_NAMES_MAX)
    .map((name) => [...name].slice(0, LISTED_NAME_CHARACTERS_MAX).join(""));
  const left = names.length - listed.length;
  return listed.join(", ") + (left > 0 ? ` and ${left} more` : "");
}

function bindColumns(profile: FileProfile, header: readonly string[]): BoundProfile {
  const rules = new Map(
    Object.entries(profile.columns).map(([name, rule]) => [normalizeHeader(name), rule]),
  );
  const required = new Set(profile.requiredColumns.map(normalizeHeader));
  const key = normalizeHeader(profile.keyColumn);
  const columns = header.map((text) => {
    const name = normalizeHeader(text);
    const rule = isResultColumn(text) ? undefined : rules.get(name);
    return {
      header: text.trim(),
      isKey: name === key,
      isRequired: required.has(name) || name === key,
      targets: rule === undefined || typeof rule === "string" ? [] : rule,
    };
  });
  return { profile, columns };
}
