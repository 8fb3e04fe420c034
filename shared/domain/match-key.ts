import type { RecordType } from "./identifiers.ts";

/** An exact key by which a newcomer finds its record; one record holds a key. */
export interface MatchKey {
  readonly recordType: RecordType;
  readonly kind: string;
  readonly key: string;
}

/** One text per match key; the key may hold any character, so it stands last. */
export function matchKeyText(key: MatchKey): string {
  return `${key.recordType}#${key.kind}#${key.key}`;
}
