import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { mutations } from "#test/lab/mutations.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");
const page = read("docs/invariants.md");
/** Without its line breaks. */
const prose = page.replaceAll(/\s+/g, " ");
const quoted = [...page.matchAll(/`([^`\n]+)`/g)].map(([, text = ""]) => text);

/** The promises that the lab checks, by their names in its code. */
function namesInLab(): Set<string> {
  const sources = readdirSync(new URL("test/lab/", root))
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => read(`test/lab/${name}`));
  const checks = sources.flatMap((source) => [...source.matchAll(/\bcheck\(\s*"([^"]+)"/g)]);
  return new Set(checks.map(([, name = ""]) => name));
}

describe("docs/invariants.md", () => {
  it("names files that exist", () => {
    const paths = quoted.filter((text) => /^(shared|test|infra|functions)\/\S*$/.test(text));

    expect(paths.length).toBeGreaterThan(60);
    expect(paths.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
  });

  it("names every planted mutation, and none that is not there", () => {
    const planted = mutations.map(({ name }) => name);
    const after = [...prose.matchAll(/mutations? ((?:`[^`]+`(?:, | and )?)+)/g)];
    const named = after.flatMap(([, list = ""]) =>
      [...list.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name),
    );

    expect([...new Set(named)].sort()).toEqual(planted.sort());
  });

  it("has a heading for each promise from I1 to I20, and for each that the lab checks", () => {
    const headings = new Set([...page.matchAll(/^### (\S+)/gm)].map(([, name = ""]) => name));
    const numbered = Array.from({ length: 20 }, (_, index) => `I${index + 1}`);
    const checked = namesInLab();

    expect(checked.size).toBeGreaterThan(10);
    expect([...numbered, ...checked].filter((name) => !headings.has(name))).toEqual([]);
  });

  it("says of no promise that the lab notices its loss where the lab does not look", () => {
    const checked = namesInLab();
    const claimed = [...prose.matchAll(/lab's ((?:`[^`]+`(?:, | and )?)+)/g)]
      .flatMap(([, list = ""]) => [...list.matchAll(/`([^`]+)`/g)])
      .map(([, name = ""]) => name);

    expect(claimed.length).toBeGreaterThan(10);
    expect(claimed.filter((name) => !checked.has(name))).toEqual([]);
  });
});
