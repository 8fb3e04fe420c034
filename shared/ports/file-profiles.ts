/** The file profiles that a person confirmed. */
import type { FileProfile } from "#shared/domain/file-profile.ts";

export interface ConfirmedProfile {
  readonly profile: FileProfile;
  /** Grows by one at each confirmation, from 1. */
  readonly revision: number;
  /** Our clock, ISO 8601. */
  readonly confirmedAt: string;
  readonly confirmedBy: string;
}

export interface FileProfileStore {
  /** All of them, by name. Strongly consistent. */
  list(): Promise<readonly ConfirmedProfile[]>;
  /** Strongly consistent. */
  get(name: string): Promise<ConfirmedProfile | undefined>;
  /**
   * Keeps it as `revision`, which follows on that of the profile that was looked at; `stale` where
   * another is kept by now.
   */
  save(next: ConfirmedProfile): Promise<"saved" | "stale">;
  /** `stale` where the kept revision is another one, or none is kept. */
  remove(name: string, revision: number): Promise<"removed" | "stale">;
}
