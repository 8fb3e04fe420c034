import { describe, expect, it } from "vitest";
import {
  environmentFindings,
  errorCodeFindings,
  headingFindings,
  linkFindings,
} from "#test/support/tidy-docs.ts";
import { importFindings } from "#test/support/tidy-imports.ts";
import { plantedImports } from "#test/support/tidy-planted.ts";
import {
  connectorFindings,
  functionLengthFindings,
  handlerFindings,
  nameFindings,
  purityFindings,
  wordFindings,
} from "#test/support/tidy-shapes.ts";

function lines(count: number, line = "  work();"): string {
  return Array.from({ length: count }, () => line).join("\n");
}

describe("the import rule", () => {
  it.each(plantedImports)("in $path: $specifier is allowed: $isAllowed", (planted) => {
    const text = `import { x } from "${planted.specifier}";\n`;

    expect(importFindings({ path: planted.path, text })).toHaveLength(planted.isAllowed ? 0 : 1);
  });

  it.each([
    'import "#shared/aws/table.ts";',
    'import type { x } from "#shared/aws/table.ts";',
    'export { x } from "#shared/aws/table.ts";',
    'export * from "../aws/table.ts";',
    'import * as table from "#shared/aws/table.ts";',
    'import {\n  one,\n  two,\n} from "#shared/aws/table.ts";',
    'const table = await import("#shared/aws/table.ts");',
    'type Table = import("#shared/aws/table.ts").Table;',
    "const table = require('../aws/table.ts');",
  ])("sees %j", (text) => {
    expect(importFindings({ path: "shared/domain/money.ts", text })).toHaveLength(1);
  });

  it.each([
    'const kinds = ["import", "poll"];',
    'const text = "may not import from " + place;',
    "/** Take `x` from there, import it never. */",
    'const rows = content.kind === "import" ? 1 : 2;\nconst a = "b";',
  ])("does not take %j for an import", (text) => {
    expect(importFindings({ path: "shared/domain/money.ts", text })).toEqual([]);
  });

  it.each([
    ['import type { XeroSettings } from "#shared/contracts/connections.ts";', 0],
    ['import { type XeroSettings } from "#shared/contracts/connections.ts";', 0],
    ['import { xeroSettings } from "#shared/contracts/connections.ts";', 1],
    ['import { type A, xeroSettings } from "#shared/contracts/connections.ts";', 1],
  ])("lets a connector have types of its settings, not values: %s", (text, count) => {
    expect(importFindings({ path: "shared/connectors/xero/index.ts", text })).toHaveLength(count);
  });
});

describe("the rules on shapes", () => {
  it("see a handler that is long, missing, misplaced or misnamed", () => {
    const handler = { path: "functions/apply-changes/handler.ts", text: lines(40) };

    expect(handlerFindings([handler])).toEqual([]);
    expect(handlerFindings([{ ...handler, text: lines(41) }])).toHaveLength(1);
    expect(handlerFindings([{ path: "functions/apply-changes/index.ts", text: "" }])).toEqual([
      "functions/apply-changes: has no handler.ts",
    ]);
    expect(handlerFindings([{ path: "functions/shared.ts", text: "" }])).toHaveLength(1);
    expect(handlerFindings([{ path: "functions/Changes/handler.ts", text: "" }])).toHaveLength(1);
  });

  it("see a file that a connector lacks", () => {
    const names = "README.md client definition errors index mapping schema webhook".split(" ");
    const whole = names.map((name) => `shared/connectors/a/${name.replace(/^[a-z]+$/, "$&.ts")}`);

    expect(connectorFindings([...whole, "shared/connectors/transport.ts"])).toEqual([]);
    expect(connectorFindings(["shared/connectors/file/csv-rows.ts"])).toEqual([]);
    expect(connectorFindings(whole.slice(1))).toEqual([
      "shared/connectors/a/README.md: is missing",
    ]);
  });

  it.each([
    ["a function", "export async function a(): Promise<void> {", "}"],
    ["a long signature", "function a(\n  b: string,\n): void {", "}"],
    ["an arrow function", "export const a = (b: string) => {", "};"],
    ["a method", "  async #save(runs: RunStore): Promise<void> {", "  }"],
    ["a callback", "  rows.map((row) => {", "  });"],
  ])("see %s of more than 60 lines", (_name, start, end) => {
    const own = start.split("\n").length + 1;
    const text = (inside: number) => `${start}\n${lines(inside, "    work();")}\n${end}\n`;

    expect(functionLengthFindings({ path: "a.ts", text: text(60 - own) })).toEqual([]);
    expect(functionLengthFindings({ path: "a.ts", text: text(61 - own) })).toHaveLength(1);
  });

  it("do not take a table or a block for a function", () => {
    const table = `export const a = {\n${lines(90, "  b: 1,")}\n};\n`;

    expect(functionLengthFindings({ path: "a.ts", text: table })).toEqual([]);
  });

  it.each(["shared/utils/a.ts", "shared/domain/money-helpers.ts", "docs/data.md", "a/info.ts"])(
    "see a name that says nothing: %s",
    (path) => {
      expect(nameFindings(path)).toHaveLength(1);
    },
  );

  it.each(["shared/domain/metadata.ts", "shared/aws/item-keys.ts", "docs/processing.md"])(
    "let a name be that says something: %s",
    (path) => {
      expect(nameFindings(path)).toEqual([]);
    },
  );

  it.each([
    "One session at a time.",
    "// TODO later",
    "// FIXME",
    "delivers exactly once",
    "an exactly-once queue",
    "const customerDTO: CustomerDTO",
    "a unified model",
    "const remoteId = 1;",
    "lastSyncedAt",
    "soft-deleted rows",
    "sets the dirty flag",
  ])("see the words of %j", (text) => {
    expect(wordFindings({ path: "docs/a.md", text: `fine\n${text}\n` })).toEqual([
      expect.stringContaining("docs/a.md:2: "),
    ]);
  });

  it("let other words be", () => {
    const text = "AWS_SESSION_TOKEN, a method, made once, the last sync of two";

    expect(wordFindings({ path: "docs/a.md", text })).toEqual([]);
  });

  it.each(["parseFloat(text)", "amount.toFixed(2)", "Date.now()", "new Date()", "Math.random()"])(
    "see %s in the core",
    (text) => {
      expect(purityFindings({ path: "shared/domain/a.ts", text })).toHaveLength(1);
    },
  );

  it("let the clock be in the composition, and an instant be made of a number", () => {
    expect(purityFindings({ path: "shared/runtime/a.ts", text: "Date.now()" })).toEqual([]);
    expect(purityFindings({ path: "shared/domain/a.ts", text: "new Date(epochMs)" })).toEqual([]);
  });
});

describe("the rules on documents", () => {
  const page = { path: "docs/errors.md", text: "# Errors\n\n## rejected\n\n### `period-closed`\n" };
  const thrower = { path: "shared/a.ts", text: 'fail({ code: "period-closed" });' };

  it("see a code without a section, and a section without a code", () => {
    const other = { path: "shared/a.ts", text: 'fail({ code: "name-taken" });' };

    expect(errorCodeFindings([thrower], page)).toEqual([]);
    expect(errorCodeFindings([other], page)).toEqual([
      "shared/a.ts: name-taken is not in docs/errors.md",
      "docs/errors.md: nothing has the code period-closed",
    ]);
    expect(errorCodeFindings([thrower], undefined)).toEqual(["docs/errors.md: is missing"]);
    expect(errorCodeFindings([{ ...thrower, text: 'code: "Bad_Code"' }], page)).toContain(
      "shared/a.ts: the code Bad_Code is not kebab-case",
    );
  });

  it.each([
    ["# One\n\n## Two\n\n```sh\n# not a heading\n```\n", 0],
    ["no title\n", 1],
    ["# One\n\n# Two\n", 1],
    ["## Two\n\n# One\n", 1],
  ])("see the titles of %j", (text, count) => {
    expect(headingFindings({ path: "a.md", text })).toHaveLength(count);
  });

  it.each([
    ["[a](b.md)", 0],
    ["[a](../shared/a.ts)", 0],
    ["[a](../shared/)", 0],
    ["[a](errors.md#period-closed)", 0],
    ["[a](#period-closed)", 0],
    ["[a](https://example.com/nowhere)", 0],
    ["`[a](nowhere.md)`", 0],
    ["[a](nowhere.md)", 1],
    ["[a](errors.md#nowhere)", 1],
    ["[a](../../outside.md)", 1],
  ])("see where %s leads", (text, count) => {
    const known = ["docs/errors.md", "docs/b.md", "shared/a.ts"];
    const from = { path: "docs/errors.md", text: `${page.text}\n${text}\n` };

    expect(linkFindings(from, known, [from])).toHaveLength(count);
  });

  it("see a variable that is not set, and one that is not read", () => {
    const set = { path: "infra/stacks/a.ts", text: "[env.table]: name, [env.stage]: stage" };
    const read = { path: "shared/runtime/a.ts", text: "required(env.table), env.tableau" };
    const local = { path: "infra/local/a.ts", text: "env.inbox" };

    expect(environmentFindings(["table", "stage", "inbox"], [set, read, local])).toEqual([
      "env.stage: not read in shared/runtime/",
      "env.inbox: not set in infra/",
      "env.inbox: not read in shared/runtime/",
    ]);
  });
});
