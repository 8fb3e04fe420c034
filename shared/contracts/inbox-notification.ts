/**
 * Queue `imports`, as the keys of the files that are to be imported. S3 tells of what was dropped (event
 * message structure 2.x, S3 user guide, read 2026-11), an import of what it has yet to plan.
 */
import * as z from "zod";

const key = z.string().min(1).max(3_072);
const created = z.looseObject({ s3: z.looseObject({ object: z.looseObject({ key }) }) });

/** How an import goes on; `contracts/messages.ts` has what else it asks of itself. */
export const importFileMessage = z.strictObject({
  version: z.literal(1),
  kind: z.literal("import-file"),
  key,
});

export const filesToImport = z.union([
  z
    .looseObject({ Records: z.array(created).max(100) })
    .transform(({ Records }) => Records.map(({ s3 }) => decodeKey(s3.object.key))),
  /** Sent once when the notification is set up. */
  z.looseObject({ Event: z.literal("s3:TestEvent") }).transform(() => []),
  importFileMessage.transform((message) => [message.key]),
]);

/** S3 has them URL-encoded, with `+` for a blank. */
function decodeKey(encoded: string): string {
  return decodeURIComponent(encoded.replaceAll("+", " "));
}
