/**
 * The way through the lists that hold one record type, as a cursor: the pages that are still to be
 * read, the next one first, and when the walk began.
 *
 *   Payments 1 ─▶ Prepayments 1 ─▶ Overpayments 1 ─▶ Payments 2 ─▶ Overpayments 2 ─▶ …
 *
 * First pages come first. The watermark becomes the newest change that was seen, so a list whose
 * newest changes were read long before another's would lose those in between. Where too much time
 * went by between two first pages, the walk begins anew.
 */
import { SyncError } from "#shared/domain/sync-error.ts";
import { xeroDefinition } from "./definition.ts";
import type { Resource } from "./resources.ts";

/** Half the lookback: the other half is for clocks and for the call itself. */
const FIRST_PAGES_MS_MAX = xeroDefinition.changes.lookbackMs / 2;

type Lists = readonly [Resource, ...Resource[]];

interface Page {
  readonly list: Resource;
  readonly number: number;
}

export interface Walk {
  readonly page: Page;
  /** Where to go on, `undefined` at the end of the way. */
  readonly cursorAfter: (isLastOfList: boolean) => string | undefined;
}

/** Throws SyncError `invalid-input` (`cursor-unreadable`) on what is not a cursor of these lists. */
export function walkFrom(lists: Lists, cursor: string | undefined, nowMs: number): Walk {
  const read = cursor === undefined ? undefined : readCursor(lists, cursor);
  const isLate =
    read !== undefined &&
    lists.length > 1 &&
    read.pages.some(({ number }) => number === 1) &&
    nowMs - read.beganAtMs > FIRST_PAGES_MS_MAX;
  const { pages, beganAtMs } =
    read === undefined || isLate
      ? { pages: lists.map((list) => ({ list, number: 1 })), beganAtMs: nowMs }
      : read;
  const [page = { list: lists[0], number: 1 }, ...others] = pages;
  return {
    page,
    cursorAfter: (isLastOfList) => {
      const following = isLastOfList ? [] : [{ list: page.list, number: page.number + 1 }];
      return writeCursor(lists, [...others, ...following], beganAtMs);
    },
  };
}

/** `2` for the second page of the only list; `1790816400123:Prepayments/1,Payments/2` for several. */
function writeCursor(lists: Lists, pages: readonly Page[], beganAtMs: number): string | undefined {
  if (pages.length === 0) return undefined;
  if (lists.length === 1) return pages.map(({ number }) => String(number)).join(",");
  return `${beganAtMs}:${pages.map(({ list, number }) => `${list.plural}/${number}`).join(",")}`;
}

function readCursor(lists: Lists, cursor: string): { pages: Page[]; beganAtMs: number } {
  if (lists.length === 1) {
    return { pages: [{ list: lists[0], number: numberOf(cursor) }], beganAtMs: 0 };
  }
  const [began = "", places = ""] = cursor.split(":");
  const pages = places.split(",").map((place) => {
    const [plural, number = ""] = place.split("/");
    const list = lists.find((known) => known.plural === plural);
    if (list === undefined) throw unreadableCursor();
    return { list, number: numberOf(number) };
  });
  if (!/^\d{1,15}$/.test(began)) throw unreadableCursor();
  return { pages, beganAtMs: Number(began) };
}

function numberOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw unreadableCursor();
}

function unreadableCursor(): SyncError {
  return new SyncError({ kind: "invalid-input", code: "cursor-unreadable" });
}
