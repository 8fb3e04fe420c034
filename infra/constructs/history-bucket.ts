import { Duration } from "aws-cdk-lib";
import { AnyPrincipal, Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Bucket, ObjectLockRetention, StorageClass } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { historyColdStorage } from "../config.ts";
import { accessLogProps, privateProps } from "./private-bucket.ts";

export interface HistoryBucketProps {
  readonly retainsData: boolean;
  readonly lockDays: number;
  readonly accessLogs: Bucket;
}

/**
 * A private bucket that is only ever added to: nobody may delete an object or put another in its
 * place, and each version is locked on top. Nothing expires.
 *
 * The lock is of the kind (governance) that an administrator with `s3:BypassGovernanceRetention` can
 * lift, after changing the bucket's policy: a court or a data subject may have to be obeyed.
 */
export function createHistoryBucket(
  scope: Construct,
  id: string,
  props: HistoryBucketProps,
): Bucket {
  const bucket = new Bucket(scope, id, {
    ...privateProps(props.retainsData),
    ...accessLogProps(id, props.accessLogs),
    versioned: true,
    objectLockEnabled: true,
    objectLockDefaultRetention: ObjectLockRetention.governance(Duration.days(props.lockDays)),
    lifecycleRules: [
      { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      {
        // Still read at once, by whoever looks at an old history.
        transitions: [
          {
            storageClass: StorageClass.GLACIER_INSTANT_RETRIEVAL,
            transitionAfter: Duration.days(historyColdStorage.afterDays),
          },
        ],
        objectSizeGreaterThan: historyColdStorage.bytesMin,
      },
    ],
  });
  refuse(bucket, "NothingIsDeleted", {
    actions: ["s3:DeleteObject", "s3:DeleteObjectVersion"],
  });
  // docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html, read 2026-11.
  refuse(bucket, "NothingIsReplaced", {
    actions: ["s3:PutObject"],
    conditions: { Null: { "s3:if-none-match": "true" } },
  });
  return bucket;
}

function refuse(
  bucket: Bucket,
  sid: string,
  statement: { readonly actions: string[]; readonly conditions?: Record<string, unknown> },
): void {
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid,
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      resources: [bucket.arnForObjects("*")],
      ...statement,
    }),
  );
}
