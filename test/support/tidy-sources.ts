/** The files of the repository as the tidy rules see them: tracked or new, never ignored ones. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

export interface SourceFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** Every TypeScript and markdown file that git tracks or would track. */
export function readSources(root: string): SourceFile[] {
  return listPaths(root)
    .filter((path) => /\.(ts|md)$/.test(path) && existsSync(`${root}/${path}`))
    .map((path) => ({ path, text: readFileSync(`${root}/${path}`, "utf8") }));
}

/** All paths, of any kind of file, without those that were deleted and not yet committed. */
export function listPaths(root: string): string[] {
  const answer = execFileSync("git", ["ls-files", "-z", "-co", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  const paths = answer.split("\0").filter((path) => path !== "" && existsSync(`${root}/${path}`));
  return [...new Set(paths)].sort();
}

export function isTypeScript({ path }: SourceFile): boolean {
  return path.endsWith(".ts");
}

export function isMarkdown({ path }: SourceFile): boolean {
  return path.endsWith(".md");
}
