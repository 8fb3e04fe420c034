/** What the queues carry, version 1. Bodies are encoded with `encodeJson`, so bigints survive. */
import * as z from "zod";
import { limits } from "#shared/config/limits.ts";
import { changeDoors } from "#shared/domain/change-door.ts";
import {
  canonicalId,
  connectionId,
  externalId,
  instant,
  observedRecord,
  recordType,
} from "./field-values.ts";
import { exportChoices, exportLeftOut } from "./export-choices.ts";
import { snapshotTally } from "./snapshot-manifest.ts";

const tries = z.int().min(0).max(1_000).default(0);
const runId = z.string().min(1).max(100);

/** "This record changed", with the record where the door had it. */
const changeEvent = z.strictObject({
  connection: connectionId,
  /** Whose word it is, where a file speaks for a system. */
  speaksFor: connectionId.optional(),
  recordType,
  externalId,
  /** Our clock. */
  capturedAt: instant,
  /** The remote's clock, epoch ms: a hint no newer than what is known is not read. */
  occurredAt: z.number().int().nonnegative().optional(),
  record: observedRecord.optional(),
  via: z.enum(changeDoors).optional(),
  tries,
});

export const changesBody = z.strictObject({
  version: z.literal(1),
  kind: z.literal("changes"),
  runId: runId.optional(),
  events: z.array(changeEvent).min(1),
});
export type ChangesBody = z.infer<typeof changesBody>;

/** Queue `changes`. `deflated`: a `changes` message too large for the queue, compressed. */
export const changesMessage = z.discriminatedUnion("kind", [
  changesBody,
  z.strictObject({
    version: z.literal(1),
    kind: z.literal("deflated"),
    /** Base64 of the deflated (RFC 1951) UTF-8 of the message's JSON. */
    content: z.base64(),
  }),
]);
export type ChangesMessage = z.infer<typeof changesMessage>;

/** "This connection may be owed a write of this record." */
const deliveryHint = z.strictObject({
  canonicalId,
  recordType,
  runId: runId.optional(),
  tries,
});

/** Queue `deliveries-<connection>`. */
export const deliveriesMessage = z.strictObject({
  version: z.literal(1),
  kind: z.literal("deliveries"),
  connection: connectionId,
  hints: z.array(deliveryHint).min(1),
});
export type DeliveriesMessage = z.infer<typeof deliveriesMessage>;

/** Queue `polls`: read changes since the watermark, or everything. */
export const pollMessage = z.strictObject({
  version: z.literal(1),
  kind: z.literal("poll"),
  mode: z.enum(["incremental", "full"]),
  /** Both absent: all record types of all connections, one message each. */
  connection: connectionId.optional(),
  recordType: recordType.optional(),
  runId: runId.optional(),
  /** Where an invocation that ran out of time left off. */
  resume: z
    .strictObject({
      cursor: z.string().max(2_000),
      since: z.number().int().nonnegative().optional(),
      /** Greatest version met so far. */
      reachedAt: z.number().int().nonnegative(),
    })
    .optional(),
  tries,
});
export type PollMessage = z.infer<typeof pollMessage>;

/** Part of a path and of a query, so that no sign in it can mean anything there. */
export const snapshotId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,79}$/);

/** What one tie-out does otherwise than the rules in force; `docs/tie-out.md` has their meaning. */
const tieOutChoices = z.strictObject({
  inFlightSeconds: z.int().min(0).max(86_400).optional(),
  toleranceMinor: z.bigint().nonnegative().optional(),
  /** Months, both inclusive. */
  from: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
    .optional(),
  to: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
    .optional(),
});

const snapshotSource = z.strictObject({ connection: connectionId, recordType });

/** Queue `snapshots`: read every side into a snapshot, then compare. */
export const snapshotMessage = z.strictObject({
  version: z.literal(1),
  kind: z.literal("snapshot"),
  /** Absent: a new run, named by the time. The snapshot bears the run's id. */
  runId: snapshotId.optional(),
  choices: tieOutChoices.optional(),
  /** Where an invocation that ran out of time left off; absent at the start. */
  progress: z
    .strictObject({
      startedAtMs: z.number().int().nonnegative(),
      /** The first is the one that is being read. */
      sources: z.array(snapshotSource).max(100),
      cursor: z.string().max(2_000).optional(),
      /** Parts and rows written so far, of each side and record type. */
      written: z.array(snapshotTally).max(100),
    })
    .optional(),
  tries,
});

/** Queue `tie-outs`: compare the sides of a snapshot. */
export const tieOutMessage = z.strictObject({
  version: z.literal(1),
  kind: z.literal("tie-out"),
  runId: snapshotId,
  /** Absent: the run's own. */
  snapshotId: snapshotId.optional(),
  choices: tieOutChoices.optional(),
  tries,
});

/** Queue `exports`: gather rows into parts, then write the file. */
export const exportMessage = z.strictObject({
  version: z.literal(1),
  kind: z.literal("export"),
  choices: exportChoices,
  /** Absent of one that a schedule asks for: it is named after the message. */
  runId: snapshotId.optional(),
  /** Where an invocation left off; absent at the start. */
  progress: z
    .strictObject({
      cursor: z.string().max(4_000).optional(),
      isGathered: z.boolean(),
      parts: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(limits.exportPartsMax),
      leftOutCount: z.int().nonnegative(),
      leftOut: z.array(exportLeftOut).max(limits.exportLeftOutListedMax),
    })
    .optional(),
  tries,
});

/** Queue `import-documents`: read a file of XML. */
export const importDocumentMessage = z.strictObject({
  version: z.literal(1),
  kind: z.literal("import-document"),
  runId,
  key: z.string().min(1).max(3_072),
  document: z.enum(["e-invoice", "bank-statement"]),
  bytes: z.int().nonnegative(),
});

/** Queue `import-parts`: read a part of a table, or write what became of its rows. */
export const importMessage = z.discriminatedUnion("kind", [
  z.strictObject({ version: z.literal(1), kind: z.literal("import-check"), runId }),
  z.strictObject({
    version: z.literal(1),
    kind: z.literal("import-range"),
    runId,
    index: z.int().min(0).max(10_000),
  }),
  z.strictObject({
    version: z.literal(1),
    kind: z.literal("import-result"),
    runId,
    looks: z.int().min(0).max(1_000),
    next: z.int().min(0).max(10_000),
  }),
]);
