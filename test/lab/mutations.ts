/**
 * Planted faults of our own: each takes one rule out of the product, and the lab must notice. One that
 * it does not notice is a hole in the lab.
 */

export interface Mutation {
  readonly name: string;
  /** The promise that the rule keeps. */
  readonly breaks: string;
  /** Below the root of the project. */
  readonly file: string;
  /** Must stand in the file once. */
  readonly find: string;
  readonly replaceWith: string;
  /** Only every so many a run can notice: others have no occasion for the rule. */
  readonly every?: number;
}

export const mutations: readonly Mutation[] = [
  {
    name: "echo-rule",
    breaks: "What a remote shows of our own write is no news",
    file: "shared/domain/merge.ts",
    find: "    observed[field] = digestField(kept === undefined ? value : kept);\n",
    replaceWith:
      "    observed[field] = kept === undefined ? digestField(value) : digestField(value);\n",
  },
  {
    name: "intent-before-call",
    breaks: "A create is stored before it is called",
    file: "shared/sync/deliver-intents.ts",
    find: "    const outcome = await deps.xrefs.save(xref, claims, []);\n",
    replaceWith: '    const outcome: string = xref === undefined ? "stale" : "saved";\n',
  },
  {
    name: "archive-intent",
    breaks: "An archive is stored before it is called",
    file: "shared/sync/deliver-intents.ts",
    find: '  if (write.life !== "archived") return undefined;\n',
    replaceWith: "  if (write.externalId !== undefined) return undefined;\n",
  },
  {
    name: "look-up-before-retry",
    breaks: "An uncertain create is looked up before it is called again",
    file: "shared/sync/deliver-sorting.ts",
    find: "  if (mustLookUp) sorted.uncertain.push(resolved);\n",
    replaceWith: "  if (mustLookUp && !mustLookUp) sorted.uncertain.push(resolved);\n",
  },
  {
    name: "poll-overlap",
    breaks: "A poll reads again what came shortly before its watermark",
    file: "shared/sync/poll-changes.ts",
    find: "  return isSettled ? reachedAt : Math.max(0, reachedAt - lookbackMs);\n",
    replaceWith: "  return isSettled || lookbackMs > 0 ? reachedAt + 1 : reachedAt;\n",
    // Those that are healed by polls alone.
    every: 3,
  },
  {
    name: "optimistic-lock",
    breaks: "A save that lost a race is read and merged again",
    file: "test/support/memory-mapping-table.ts",
    find: '      if (isStale(next) || (other !== undefined && isStale(other))) return "stale";\n',
    replaceWith: '      if (other !== undefined && isStale(other)) return "stale";\n',
  },
  {
    name: "tombstone",
    breaks: "What somebody deleted is not made again",
    file: "shared/domain/owed.ts",
    find: '  if (sideRule === undefined || side.state === "tombstoned") return [];\n',
    replaceWith: "  if (sideRule === undefined) return [];\n",
  },
  {
    name: "failed-read-is-no-delete",
    breaks: "A call that failed is never taken for a deletion",
    file: "shared/sync/read-hinted.ts",
    find: "    for (const event of events) await settleFailure(deps, event, failure, tally, cause);\n    return [];\n",
    replaceWith:
      "    return failure && events.map((event) => ({ event, record: goneRecord(event, seen) }));\n",
  },
  {
    name: "older-version",
    breaks: "An older sighting changes nothing",
    file: "shared/domain/merge.ts",
    find: "  if (observation.version !== remoteVersion) return observation.version < remoteVersion;\n",
    replaceWith: "  if (observation.version !== remoteVersion) return false;\n",
  },
  {
    name: "look-before-overwriting",
    breaks: "A user's edit that we have not seen is not overwritten",
    file: "shared/sync/deliver-look-first.ts",
    find: "    if (isSafe) safe.push({ delivery, shown: record });\n",
    replaceWith: "    if (isSafe || !isSafe) safe.push({ delivery, shown: record });\n",
  },
  {
    name: "version-sent-along",
    breaks: "A remote that has a lock is told what was seen last",
    file: "shared/sync/deliver-sorting.ts",
    find: "    expectedVersion: side.remoteVersion,\n",
    replaceWith: "    expectedVersion: undefined,\n",
    // Those whose CRM has a lock.
    every: 5,
  },
  {
    name: "closed-period",
    breaks: "Nothing is dated where the books are closed",
    file: "shared/domain/ledger-lock.ts",
    find: "  if (!isClosed && !isFiled) return undefined;\n",
    replaceWith: "  if (isClosed || !isFiled) return undefined;\n",
  },
  {
    name: "wait-is-woken",
    breaks: "Who waits for a record goes on when it is there",
    file: "shared/sync/wake-waiters.ts",
    find: "    else hints.wake(waiter);\n",
    replaceWith: "    else if (waiter.canonicalId === waiter.connection) hints.wake(waiter);\n",
  },
  {
    name: "quota-asked-first",
    breaks: "No more calls are made than the remote's quota allows",
    file: "shared/connectors/paced-transport.ts",
    find: "      if (windows === undefined || request.signal.aborted) return transport.send(request);\n",
    replaceWith:
      "      if (windows === undefined || windows.length >= 0) return transport.send(request);\n",
  },
  {
    name: "merge-follows",
    breaks: "What was merged away counts for the record that took it in",
    file: "shared/sync/apply-changes.ts",
    find: "  await absorbAll(deps, newest, hints, tally);\n",
    replaceWith: "",
  },
  {
    name: "rejected-rows-are-told",
    breaks: "Every row of a file is accounted for",
    file: "shared/sync/import-range.ts",
    find: "    rejectedRows: BigInt(isRefusedWhole ? rows.length : bad),\n",
    replaceWith: "    rejectedRows: BigInt(isRefusedWhole ? rows.length : bad - bad),\n",
  },
];
