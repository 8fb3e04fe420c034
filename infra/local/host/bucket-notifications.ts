/**
 * S3's event notifications: which of them a change of an object sets off, and the event they carry.
 */
import { randomUUID } from "node:crypto";
import type { AwsFields } from "./aws-client.ts";
import { ACCOUNT_ID } from "./names.ts";
import type { BucketNotification, BucketPlan } from "./plan.ts";

export interface ObjectChange {
  readonly bucket: string;
  readonly key: string;
  /** Such as `ObjectCreated:Put`. */
  readonly eventName: string;
  /** Bytes. */
  readonly size: number;
  readonly eTag: string;
}

function isWanted(notification: BucketNotification, { key, eventName }: ObjectChange): boolean {
  const event = notification.event.slice("s3:".length);
  const isEvent = event.endsWith(":*")
    ? eventName.startsWith(event.slice(0, -1))
    : eventName === event;
  return isEvent && key.startsWith(notification.prefix) && key.endsWith(notification.suffix);
}

/** The notifications of the bucket that this change sets off. */
export function notificationsFor(
  buckets: readonly BucketPlan[],
  change: ObjectChange,
): readonly BucketNotification[] {
  const bucket = buckets.find((one) => one.physicalName === change.bucket);
  return (bucket?.notifications ?? []).filter((one) => isWanted(one, change));
}

/** S3 sends keys as a form would: encoded, with `+` for a space. */
function encodeKey(key: string): string {
  return encodeURIComponent(key).replaceAll("%2F", "/").replaceAll("%20", "+");
}

/** The event as S3 sends it (event message structure 2.1). */
export function objectEvent(change: ObjectChange, region: string, nowEpochMs: number): AwsFields {
  const { bucket, key, size, eTag } = change;
  const created = change.eventName.startsWith("ObjectCreated") ? { size, eTag } : {};
  const record = {
    eventVersion: "2.1",
    eventSource: "aws:s3",
    awsRegion: region,
    eventTime: new Date(nowEpochMs).toISOString(),
    eventName: change.eventName,
    userIdentity: { principalId: `AWS:${ACCOUNT_ID}` },
    requestParameters: { sourceIPAddress: "127.0.0.1" },
    responseElements: { "x-amz-request-id": randomUUID(), "x-amz-id-2": "local" },
    s3: {
      s3SchemaVersion: "1.0",
      configurationId: "local",
      bucket: {
        name: bucket,
        ownerIdentity: { principalId: ACCOUNT_ID },
        arn: `arn:aws:s3:::${bucket}`,
      },
      object: {
        key: encodeKey(key),
        ...created,
        sequencer: nowEpochMs.toString(16).toUpperCase().padStart(16, "0"),
      },
    },
  };
  return { Records: [record] };
}
