/** The history's log in memory: the same objects as on S3, held to it by the contract suite. */
import { entryOfLine, holdsTime, hourPrefix, objectsOf } from "#shared/aws/history-objects.ts";
import type { FoundEntry } from "#shared/domain/history.ts";
import type { HistoryReader, HistoryWriter } from "#shared/ports/history.ts";

export interface MemoryHistory extends HistoryReader, HistoryWriter {
  /** By key, in the order of keys as S3 lists them only once sorted. */
  readonly objects: Map<string, string>;
}

export function createMemoryHistory(): MemoryHistory {
  const objects = new Map<string, string>();
  return {
    objects,
    async append(entries) {
      for (const { key, content } of objectsOf(entries)) {
        if (!objects.has(key)) objects.set(key, content);
      }
    },
    ofRecord(id) {
      const opened = new Set<string>();
      return {
        async find(savedAt) {
          const keys = [...objects.keys()].filter(
            (key) => key.startsWith(hourPrefix(savedAt)) && holdsTime(key, savedAt),
          );
          for (const key of keys) opened.add(key);
          return keys
            .flatMap((key) => linesOf(objects.get(key)).map(entryOfLine))
            .filter((found) => found !== undefined)
            .filter(({ entry }) => entry.canonicalId === id);
        },
        openedCount: () => opened.size,
      };
    },
    async *since(savedAt) {
      for (const key of [...objects.keys()].sort()) {
        if (key < hourPrefix(savedAt)) continue;
        for (const line of linesOf(objects.get(key))) {
          const found: FoundEntry | undefined = entryOfLine(line);
          if (found === undefined) yield { object: key };
          else if (found.entry.savedAt >= savedAt) yield found;
        }
      }
    },
  };
}

function linesOf(content = ""): string[] {
  return content.split("\n").filter((line) => line !== "");
}
