/**
 * The ways a change reaches us. `check`: a full check, in which what is owed is hinted again even
 * where nothing changed. `look-again`: we asked ourselves, because a write met something new.
 */
export const changeDoors = ["webhook", "poll", "check", "file", "look-again"] as const;
export type ChangeDoor = (typeof changeDoors)[number];
