/** Rules that hold documents and code to each other. */
import { posix } from "node:path";
import { failureKinds } from "#shared/domain/sync-error.ts";
import type { SourceFile } from "./tidy-sources.ts";

const CODE = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

const CODE_USE = /\b(?:(?:code|excluded): |answerProblem\(\d+, )"([^"]*)"/g;

/**
 * Codes without a heading in `docs/errors.md`, and headings of codes that nothing has. A heading is a
 * code's where it is one kebab-case word and no kind of failure.
 */
export function errorCodeFindings(
  files: readonly SourceFile[],
  errorsPage: SourceFile | undefined,
): string[] {
  if (errorsPage === undefined) return ["docs/errors.md: is missing"];
  const documented = new Set(
    headingsOf(errorsPage.text).map(({ title }) => title.replaceAll("`", "").trim()),
  );
  const findings = new Set<string>();
  for (const { path, text } of files) {
    for (const [, code = ""] of text.matchAll(CODE_USE)) {
      // A vendor's own code, in capitals, is data and not shown to anybody.
      if (/^[A-Z_]+$/.test(code)) continue;
      if (!CODE.test(code)) findings.add(`${path}: the code ${code} is not kebab-case`);
      else if (!documented.has(code)) findings.add(`${path}: ${code} is not in docs/errors.md`);
    }
  }
  for (const title of documented) {
    const isKind = (failureKinds as readonly string[]).includes(title);
    const isUsed = files.some(({ text }) => text.includes(`"${title}"`));
    if (CODE.test(title) && !isKind && !isUsed) {
      findings.add(`docs/errors.md: nothing has the code ${title}`);
    }
  }
  return [...findings];
}

/** A markdown page has one heading of the first level, and it stands first. */
export function headingFindings({ path, text }: SourceFile): string[] {
  const headings = headingsOf(text);
  const count = headings.filter(({ level }) => level === 1).length;
  if (count !== 1) return [`${path}: ${count} headings of the first level`];
  return headings[0]?.level === 1 ? [] : [`${path}: does not begin with its title`];
}

/** Links to files or headings of this repository that lead nowhere. */
export function linkFindings(
  { path, text }: SourceFile,
  paths: readonly string[],
  pages: readonly SourceFile[],
): string[] {
  const prose = withoutCode(text);
  return [...prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)].flatMap(([, link = ""]) => {
    if (/^[a-z]+:/i.test(link)) return [];
    const [file = "", anchor] = link.split("#");
    const target =
      file === "" ? path : posix.join(posix.dirname(path), decodeURI(file)).replace(/\/$/, "");
    const isThere = paths.includes(target) || paths.some((one) => one.startsWith(`${target}/`));
    if (!isThere) return [`${path}: ${link} leads nowhere`];
    const page = pages.find((one) => one.path === target);
    if (anchor === undefined || page === undefined) return [];
    return anchorsOf(page.text).has(anchor) ? [] : [`${path}: ${link} has no such heading`];
  });
}

/** Environment variables that nobody sets or nobody reads. `names` are the keys of `env`. */
export function environmentFindings(
  names: readonly string[],
  files: readonly SourceFile[],
): string[] {
  const isUsedIn = (folder: RegExp, name: string): boolean =>
    files.some(
      ({ path, text }) => folder.test(path) && new RegExp(`\\benv\\.${name}\\b`).test(text),
    );
  return names.flatMap((name) => [
    ...(isUsedIn(/^infra\/(?!local\/)/, name) ? [] : [`env.${name}: not set in infra/`]),
    ...(isUsedIn(/^shared\/runtime\//, name) ? [] : [`env.${name}: not read in shared/runtime/`]),
  ]);
}

interface Heading {
  readonly level: number;
  readonly title: string;
}

function headingsOf(text: string): Heading[] {
  return withoutFences(text)
    .split("\n")
    .flatMap((line) => {
      const [, marks, title] = /^(#{1,6}) +(.+?) *#*$/.exec(line) ?? [];
      return marks === undefined || title === undefined ? [] : [{ level: marks.length, title }];
    });
}

/** As GitHub makes them: lower case, blanks to hyphens, other signs dropped. */
function anchorsOf(text: string): ReadonlySet<string> {
  return new Set(
    headingsOf(text).map(({ title }) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

function withoutFences(text: string): string {
  return text.replace(/^(```+|~~~+)[\s\S]*?^\1.*$/gm, "");
}

function withoutCode(text: string): string {
  return withoutFences(text).replace(/`[^`\n]*`/g, "");
}
