import {
  type FoundEntry,
  type HistoryHead,
  type HistoryLink,
  judgeLink,
  type LinkVerdict,
  linkBefore,
  newestLink,
} from "#shared/domain/history.ts";

export interface HistoryStep {
  readonly link: HistoryLink;
  readonly verdict: LinkVerdict;
  /** Where the walk goes on; absent at the beginning of the history. */
  readonly next?: HistoryLink | undefined;
}

export interface HistoryWalk {
  readonly head: HistoryHead;
  /** The record's entries where the link points to; undefined where that cannot be looked up. */
  find(link: HistoryLink): Promise<readonly FoundEntry[] | undefined>;
  /** What was saved before this, epoch ms, must be in the log by now. */
  readonly recordedBy: number;
  /** Where to begin; the newest link if absent. */
  readonly from?: HistoryLink | undefined;
}

/** Goes from link to link, newest first, past breaks for as long as there is a way on. */
export async function* walkHistory(walk: HistoryWalk): AsyncGenerator<HistoryStep> {
  const { head, recordedBy } = walk;
  let link = walk.from ?? newestLink(head);
  while (link !== undefined) {
    const found = await walk.find(link);
    if (found === undefined) return;
    const verdict = judgeLink(link, found, head, recordedBy);
    const next = linkBefore(link, verdict, head);
    yield { link, verdict, next };
    link = next;
  }
}
