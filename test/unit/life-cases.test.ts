import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { RecordType } from "#shared/domain/identifiers.ts";
import { type LifeCase, type LifeChapter, lifeChapters } from "#test/support/life-cases.ts";
import {
  createLifeStage,
  disagreements,
  footprint,
  type SystemName,
  seenIn,
  toldPeople,
} from "#test/support/life-stage.ts";
import type { MemoryWorld } from "#test/support/memory-world.ts";

const root = new URL("../../", import.meta.url);
const page = readFileSync(new URL("docs/life-of-a-record.md", root), "utf8");

for (const chapter of lifeChapters) {
  describe(`the life of ${chapter.title.toLowerCase()}`, () => {
    it.each(chapter.cases)("$happens, with documents: $documents", async (lifeCase) => {
      await play(chapter, lifeCase);
    });

    it("is told in docs/life-of-a-record.md as it is tried here", () => {
      const table = tableOf(chapter);
      const shown = tableUnder(chapter.title);

      expect(shown, `Under “## ${chapter.title}” put this table:\n${table}\n`).toBe(table);
    });
  });
}

it("every event of a life is in the tables", () => {
  for (const { events, cases } of lifeChapters) {
    const played = new Set(cases.map(({ happens }) => happens));
    expect([...played].sort()).toEqual(Object.keys(events).sort());
  }
});

async function play(chapter: LifeChapter, lifeCase: LifeCase): Promise<void> {
  const { happens, documents, crm, books, told } = lifeCase;
  const stage = await createLifeStage(documents);
  const { world } = stage;
  const event = chapter.events[happens];
  if (event === undefined) throw new Error(`nobody knows how to play: ${happens}`);

  await event(stage);

  const expected = { crm, books, told };
  expect(await outcome(world, chapter)).toEqual(expected);

  await world.poll("full");
  await world.settle();
  expect(await outcome(world, chapter)).toEqual(expected);
  expect(await disagreements(world)).toEqual([]);

  const before = await footprint(world);
  await world.poll("full");
  await world.settle();
  expect(await footprint(world)).toEqual(before);
}

async function outcome(
  world: MemoryWorld,
  { shown }: LifeChapter,
): Promise<Pick<LifeCase, "crm" | "books" | "told">> {
  return {
    crm: seen(world, "crm", shown.crm),
    books: seen(world, "books", shown.books),
    told: await toldPeople(world),
  };
}

/** A system without any invoice yet is not said to have none beside what it has. */
function seen(world: MemoryWorld, system: SystemName, types: readonly RecordType[]): string {
  const all = types.map((recordType) => seenIn(world[system], recordType));
  const some = all.filter((words) => words !== "nothing");
  return some.length === 0 ? "nothing" : some.join(" · ");
}

function tableOf({ cases }: LifeChapter): string {
  return [
    "| what happens | documents | CRM afterwards | books afterwards | a person sees | why |",
    "|---|---|---|---|---|---|",
    ...cases.map(({ happens, documents, crm, books, told, why }) => {
      const codes = told.map(linkOf).join(", ");
      return `| ${happens} | ${documents} | ${crm} | ${books} | ${codes || "–"} | ${why} |`;
    }),
  ].join("\n");
}

function linkOf(told: string): string {
  const [code = "", place = ""] = told.split(" ");
  return `[${code}](errors.md#${code}) ${place}`;
}

function tableUnder(title: string): string {
  const chapter = page.split(`\n## ${title}\n`)[1]?.split("\n## ")[0] ?? "";
  return chapter
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .join("\n");
}
