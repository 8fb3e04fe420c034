/** Large files of which only the beginning is looked at before they are walked over. */
import { describe, expect, it } from "vitest";
import type { InboxFile } from "#shared/ports/files.ts";
import type { ImportDependencies } from "#shared/sync/import-dependencies.ts";
import { type ImportOutcome, importFile } from "#shared/sync/import-file.ts";
import { createFileInbox, type FileInbox, fieldsOf } from "#test/support/file-inbox.ts";

const { signal } = new AbortController();
const context = { signal, remainingMs: () => 900_000 };
const KEY = "customers.csv";
const MEBIBYTE = 1024 * 1024;
const ROWS = 80_000;
/** ASCII, and more than what is looked at. */
const head = Buffer.from(
  `id,name\n${Array.from({ length: ROWS }, (_, at) => `K${at},Plain name ${at}\n`).join("")}`,
);
const chinese = "北京市朝阳区的客户和上海市的公司";
/** `K1,` and the name as Chinese programs have it. */
const chineseRow = Buffer.concat([
  Buffer.from("CN1,"),
  Buffer.from("b1b1beA9CAD0B3AFD1F4C7F8B5C4BFCDBBA7BACDC9CFBAA3CAD0B5C4B9ABCBBE", "hex"),
  Buffer.from("\n"),
]);

interface Stage {
  readonly inbox: FileInbox;
  readonly deps: ImportDependencies;
  /** Bytes that were read to find out what the file is, and to make text of it. */
  openedBytes(): number;
  plan(): Promise<ImportOutcome>;
}

function dropped(content: Uint8Array): Stage {
  const inbox = createFileInbox();
  inbox.drop(KEY, content);
  let openedBytes = 0;
  const counted = (file: InboxFile): InboxFile => ({
    ...file,
    async *read(range) {
      for await (const chunk of file.read(range)) {
        // A walk says where it begins.
        if (range === undefined) openedBytes += chunk.length;
        yield chunk;
      }
    },
  });
  const open: ImportDependencies["files"]["open"] = async (...given) => {
    const file = await inbox.deps.files.open(...given);
    return file && counted(file);
  };
  const deps = {
    ...inbox.deps,
    checkpointBytes: 256 * 1024,
    files: { ...inbox.deps.files, open },
  };
  return {
    inbox,
    deps,
    openedBytes: () => openedBytes,
    plan: () => importFile(deps, { key: KEY }, context),
  };
}

describe("a large file", () => {
  it("of UTF-8 is opened by its beginning alone", async () => {
    const stage = dropped(Buffer.concat([head, head.subarray(8), Buffer.from("DE1,Größe GmbH\n")]));

    expect((await stage.plan()).kind).toBe("imported");
    await stage.inbox.settle();

    expect(2 * head.length).toBeGreaterThan(3 * MEBIBYTE);
    expect(stage.openedBytes()).toBeLessThan(3 * MEBIBYTE);
    expect(fieldsOf(stage.inbox.events(), "DE1")["name"]).toBe("Größe GmbH");
  });

  it("that turns out to be in another encoding is opened anew, and read in that", async () => {
    const stage = dropped(Buffer.concat([head, chineseRow]));

    expect((await stage.plan()).kind).toBe("imported");
    await stage.inbox.settle();

    expect(fieldsOf(stage.inbox.events(), "CN1")["name"]).toBe(chinese);
    expect(fieldsOf(stage.inbox.events(), "K79999")["name"]).toBe("Plain name 79999");
    expect((await stage.inbox.runs())[0]?.counts).toMatchObject({ rows: 80_001n });
  });

  it("is so, too, where the worker died when that had turned out", async () => {
    const stage = dropped(Buffer.concat([head, chineseRow]));
    const { staging } = stage.inbox.deps;
    const dying: ImportDependencies = {
      ...stage.deps,
      staging: {
        ...staging,
        writeText: async () => {
          throw new Error("the worker died");
        },
      },
    };
    await expect(importFile(dying, { key: KEY }, context)).rejects.toThrow("the worker died");

    expect((await stage.plan()).kind).toBe("imported");
    await stage.inbox.settle();

    expect(fieldsOf(stage.inbox.events(), "CN1")["name"]).toBe(chinese);
  });

  it.each([
    ["is no text", Buffer.from("X1,\0\n"), "encoding-unknown"],
    [
      "may be in two encodings",
      Buffer.from([0x58, 0x31, 0x2c, 0xc4, 0xe3, 0x0a]),
      "encoding-ambiguous",
    ],
  ])("is judged as a small one where its end shows that it %s", async (_what, end, code) => {
    const small = Buffer.concat([head.subarray(0, head.indexOf("K100,")), end]);

    for (const content of [small, Buffer.concat([head, end])]) {
      const outcome = await dropped(content).plan();

      if (outcome.kind !== "refused") throw new Error(outcome.kind);
      expect(outcome.problem.code).toBe(code);
    }
  });

  it("whose beginning no profile knows is refused for that", async () => {
    const stage = dropped(
      Buffer.concat([Buffer.from("Kunde,Art\n"), head.subarray(8), chineseRow]),
    );

    const outcome = await stage.plan();

    if (outcome.kind !== "refused") throw new Error(outcome.kind);
    expect(outcome.problem.code).toBe("header-unknown");
  });
});
