import type { BlastRadiusLimits } from "#shared/domain/blast-radius.ts";

/** Beyond this a run waits for a person; see docs/operations.md. */
export const blastRadius: BlastRadiusLimits = {
  changedRecordsMin: 100,
  changedShareMax: 0.3,
  blankedValuesMax: 50,
};
