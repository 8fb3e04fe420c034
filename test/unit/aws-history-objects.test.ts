import { describe, expect, it } from "vitest";
import { chainOf, hashOf } from "#shared/aws/history-chain.ts";
import { entryOfLine, holdsTime, hourPrefix, objectsOf } from "#shared/aws/history-objects.ts";
import { limits } from "#shared/config/limits.ts";
import type { HistoryEntry } from "#shared/domain/history.ts";
import { aCustomerId } from "#test/support/cross-references.ts";
import { aTry } from "#test/support/history-world.ts";

/** 2026-01-05T10:00:00Z */
const TEN_MS = 1_767_607_200_000;

function anEntry(ending: string, savedAt: number, more: Partial<HistoryEntry> = {}): HistoryEntry {
  const entry: Omit<HistoryEntry, "chain"> = {
    canonicalId: aCustomerId(ending),
    recordType: "customer",
    revision: 1,
    savedAt,
    bodyHash: hashOf(ending),
    trail: [aTry(1)],
    ...more,
  };
  return { ...entry, chain: chainOf(entry) };
}

describe("objects of the history", () => {
  it("are named by hour, first and last time, and content", () => {
    const [object, ...others] = objectsOf([anEntry("2", TEN_MS + 5), anEntry("1", TEN_MS)]);

    expect(others).toEqual([]);
    expect(object?.key).toBe(
      `history/2026/01/05/10/1767607200000-1767607200005-${hashOf(object?.content ?? "")}.jsonl`,
    );
  });

  it("hold one entry a line, in the order of saving", () => {
    const [object] = objectsOf([
      anEntry("2", TEN_MS),
      anEntry("3", TEN_MS - 0),
      anEntry("1", TEN_MS),
    ]);

    const lines = (object?.content ?? "").split("\n");
    expect(lines.pop()).toBe("");
    expect(lines.map((line) => JSON.parse(line).canonicalId)).toEqual(
      ["1", "2", "3"].map(aCustomerId),
    );
  });

  it("are the same for the same entries, in whatever order and how often they come", () => {
    const [first, second] = [anEntry("1", TEN_MS), anEntry("2", TEN_MS + 1)];

    expect(objectsOf([second, first, second])).toEqual(objectsOf([first, second]));
  });

  it("are split where the hour ends", () => {
    const objects = objectsOf([anEntry("1", TEN_MS - 1), anEntry("2", TEN_MS)]);

    expect(objects.map(({ key }) => key.slice(0, 40))).toEqual([
      "history/2026/01/05/09/1767607199999-1767",
      "history/2026/01/05/10/1767607200000-1767",
    ]);
  });

  it("are split where they would be too large to read at once", () => {
    const long = "x".repeat(limits.historyObjectBytesMax / 4);
    const waiting = { kind: "waiting", at: "", connection: "books", waitsFor: [long] } as const;
    const entries = Array.from({ length: 9 }, (_, index) =>
      anEntry(String(index), TEN_MS + index, { trail: [waiting] }),
    );

    const objects = objectsOf(entries);

    expect(objects.map(({ content }) => content.split("\n").length - 1)).toEqual([3, 3, 3]);
    for (const { content } of objects) {
      expect(Buffer.byteLength(content)).toBeLessThanOrEqual(limits.historyObjectBytesMax);
    }
  });

  it("are none for nothing", () => {
    expect(objectsOf([])).toEqual([]);
  });

  it("may hold an entry of any time from the first to the last", () => {
    const key = "history/2026/01/05/10/1767607200000-1767607200005-abc-1_2.jsonl";

    expect([-1, 0, 3, 5, 6].map((offset) => holdsTime(key, TEN_MS + offset))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
    expect(holdsTime("history/2026/01/05/10/readme.txt", TEN_MS)).toBe(false);
    expect(hourPrefix(TEN_MS + 3_599_999)).toBe("history/2026/01/05/10/");
  });
});

describe("a line of the history", () => {
  const lost = { value: { minor: -12_345_678_901_234_567_890n, currency: "EUR" }, by: "crm" };
  const entry = anEntry("1", TEN_MS, {
    revision: 2,
    previousSavedAt: TEN_MS - 1,
    previousChain: hashOf("before"),
    trail: [
      {
        kind: "seen",
        at: "2026-01-05T10:00:00.000Z",
        connection: "crm",
        externalId: "ü\u2028\ud800",
        version: 1,
        life: "live",
        decisions: [{ field: "total", kind: "restored", policy: "derived", lost }],
      },
    ],
  });
  const line = objectsOf([entry])[0]?.content.trimEnd() ?? "";

  it("gives back the entry as it was, intact", () => {
    expect(entryOfLine(line)).toEqual({ entry, isIntact: true });
  });

  it("writes amounts as text", () => {
    expect(line).toContain('"minor":{"$bigint":"-12345678901234567890"}');
  });

  it.each([
    ["a value that lost", "-12345678901234567890", "-12345678901234567891"],
    ["who lost", '"by":"crm"', '"by":"books"'],
    ["the revision", '"revision":2', '"revision":3'],
    ["the time", `"savedAt":${TEN_MS},`, `"savedAt":${TEN_MS + 1},`],
    ["the time before", `"previousSavedAt":${TEN_MS - 1},`, ""],
    ["the link before", hashOf("before"), hashOf("other")],
    ["the body", hashOf("1"), hashOf("2")],
  ])("is not intact with another word on %s", (_, from, to) => {
    const edited = line.replace(from, to);

    expect(edited).not.toBe(line);
    expect(entryOfLine(edited)?.isIntact).toBe(false);
  });

  it.each([
    ["no JSON", "{"],
    ["no object", "7"],
    ["nothing", "null"],
    ["a key that is refused", '{"__proto__":{}}'],
    ["no chain", line.replace('"chain"', '"chained"')],
    ["an unknown record type", line.replace('"recordType":"customer"', '"recordType":"ship"')],
    [
      "a time out of the calendar",
      line.replace(`"savedAt":${TEN_MS}`, '"savedAt":8640000000000001'),
    ],
    ["a revision that is no count", line.replace('"revision":2', '"revision":-2')],
    ["a trail that is no list", line.replace('"trail":[', '"trail":{"a":[').concat("}")],
  ])("is no entry with %s", (_, text) => {
    expect(entryOfLine(text)).toBeUndefined();
  });
});
