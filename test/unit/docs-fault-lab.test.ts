import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { faultKinds } from "#test/lab/faults.ts";

const root = new URL("../../", import.meta.url);
const page = readFileSync(new URL("docs/fault-lab.md", root), "utf8");
const quoted = [...page.matchAll(/`([^`\n]+)`/g)].map(([, text = ""]) => text);

describe("docs/fault-lab.md", () => {
  it("describes every kind of fault, and no other", () => {
    const described = page
      .split("\n")
      .filter((line) => line.startsWith("| `"))
      .flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)])
      .map(([, kind]) => kind);

    expect(described).toEqual([...faultKinds]);
  });

  it("names files that exist", () => {
    const paths = quoted.filter((text) => /^test\/\S*$/.test(text));

    expect(paths.length).toBeGreaterThan(10);
    expect(paths.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
  });

  it("names the options that the command has", () => {
    const command = readFileSync(new URL("test/lab/main.ts", root), "utf8");
    const options = new Set([...page.matchAll(/ --([a-z]+)/g)].map(([, name = ""]) => name));

    expect(options).toEqual(new Set(["seeds", "seed", "steps", "faults", "trace", "mutations"]));
    for (const option of options) expect(command).toMatch(new RegExp(`^ {4}${option}: `, "m"));
  });
});
