/**
 * HubSpot's raw shapes, only the parts that are used. All numbers arrive as text, see `parseExact`.
 * Every part of an error may be missing (developers.hubspot.com, error handling, read 2026-11).
 */
import * as z from "zod";
import { SyncError } from "#shared/domain/sync-error.ts";

const id = z.string().min(1);
const property = z.union([z.string(), z.boolean().transform(String), z.null()]);

export const remoteObject = z.object({
  id,
  properties: z.record(z.string(), property).default({}),
  updatedAt: z.string().optional(),
  archived: z.boolean().optional(),
  archivedAt: z.string().optional(),
  /** Of an upsert: whether it made the record. */
  new: z.boolean().optional(),
  objectWriteTraceId: z.string().optional(),
});

const context = z.record(z.string(), z.unknown()).optional().catch(undefined);
const text = z.string().optional().catch(undefined);

/** The error envelope of a whole call, and of a row in a batch. */
export const remoteError = z.object({
  category: text,
  message: text,
  policyName: text,
  context,
  errors: z
    .array(z.object({ code: text, context }))
    .optional()
    .catch(undefined),
});

const paging = z.object({ next: z.object({ after: z.string().min(1) }).optional() });

export const objectPage = z.object({
  results: z.array(remoteObject),
  paging: paging.nullish(),
});

export const objectBatch = z.object({
  results: z.array(remoteObject).default([]),
  errors: z.array(remoteError).default([]),
});

/** A batch of which only the failed rows matter; HubSpot may answer with no body at all. */
export const errorBatch = z.object({ errors: z.array(remoteError).default([]) });

export const associationReadBatch = z.object({
  results: z
    .array(
      z.object({
        from: z.object({ id }),
        to: z.array(
          z.object({
            toObjectId: id,
            associationTypes: z.array(z.object({ typeId: z.string() })).default([]),
          }),
        ),
        paging: paging.nullish(),
      }),
    )
    .default([]),
  errors: z.array(remoteError).default([]),
});

export const associationWriteBatch = z.object({
  results: z.array(z.object({ fromObjectId: id, toObjectId: id })).default([]),
  errors: z.array(remoteError).default([]),
});

const flag = z.union([z.string(), z.boolean().transform(String)]);

export const pipelineList = z.object({
  results: z.array(
    z.object({
      id,
      stages: z.array(
        z.object({
          id,
          displayOrder: z.string().default("0"),
          archived: z.boolean().optional(),
          metadata: z.object({
            isClosed: flag.optional(),
            probability: z.string().optional(),
          }),
        }),
      ),
    }),
  ),
});

export const accountDetails = z.object({ companyCurrency: z.string() });

export const propertyList = z.object({
  results: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      hasUniqueValue: z.boolean().default(false),
      modificationMetadata: z.object({ readOnlyValue: z.boolean().default(false) }).optional(),
    }),
  ),
});

export const webhookEvent = z.object({
  subscriptionType: text,
  /** The name that older documentation gives to `subscriptionType`. */
  eventType: text,
  subscriptionId: text,
  portalId: text,
  objectTypeId: text,
  objectId: text,
  propertyName: text,
  occurredAt: text,
  primaryObjectId: text,
  newObjectId: text,
  mergedObjectIds: z.array(z.string()).optional().catch(undefined),
  associationType: text,
  fromObjectTypeId: text,
  fromObjectId: text,
  toObjectTypeId: text,
  toObjectId: text,
});

export type RemoteObject = z.infer<typeof remoteObject>;
export type RemoteError = z.infer<typeof remoteError>;
export type ObjectBatch = z.infer<typeof objectBatch>;
export type WebhookEvent = z.infer<typeof webhookEvent>;

/** Throws SyncError `retryable` (`remote-answer-unreadable`) where an answer has another shape. */
export function parseShape<Schema extends z.ZodType>(
  schema: Schema,
  answer: unknown,
): z.infer<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new SyncError({ kind: "retryable", code: "remote-answer-unreadable" }, parsed.error);
}

/** The texts under a name in an error's context, which holds one text or a list of them. */
export function contextTexts(error: RemoteError, name: string): string[] {
  const value = error.context?.[name];
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((part) => typeof part === "string");
}
