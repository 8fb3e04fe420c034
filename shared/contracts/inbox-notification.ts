/** What S3 tells the queue of imports (event message structure 2.x, S3 user guide, read 2026-11). */
import * as z from "zod";

const created = z.looseObject({
  s3: z.looseObject({ object: z.looseObject({ key: z.string().min(1).max(3_072) }) }),
});

export const inboxNotification = z.union([
  z.looseObject({ Records: z.array(created).max(100) }),
  /** Sent once when the notification is set up. */
  z.looseObject({ Event: z.literal("s3:TestEvent") }),
]);

/** Keys come URL-encoded, with `+` for a blank. */
export function droppedKeys(notification: z.infer<typeof inboxNotification>): string[] {
  if (!("Records" in notification) || !Array.isArray(notification.Records)) return [];
  return notification.Records.map(({ s3 }) =>
    decodeURIComponent(s3.object.key.replaceAll("+", " ")),
  );
}
