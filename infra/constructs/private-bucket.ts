import { Duration, RemovalPolicy } from "aws-cdk-lib";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type IBucket,
  type LifecycleRule,
  ObjectOwnership,
} from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";

export interface PrivateBucketProps {
  readonly retainsData: boolean;
  readonly expiry: readonly { readonly prefix?: string; readonly days: number }[];
  /** Keeps replaced and deleted objects for as long as the shortest expiry. */
  readonly versioned: boolean;
  /** Receives the server access logs; left out for the bucket that is itself the receiver. */
  readonly accessLogs?: Bucket;
}

/** A bucket that nobody outside the account can read, that only speaks TLS and forgets in time. */
export function createPrivateBucket(
  scope: Construct,
  id: string,
  props: PrivateBucketProps,
): Bucket {
  const lifecycleRules: LifecycleRule[] = props.expiry.map(({ prefix, days }) => ({
    ...(prefix === undefined ? {} : { prefix }),
    expiration: Duration.days(days),
  }));
  lifecycleRules.push({ abortIncompleteMultipartUploadAfter: Duration.days(1) });
  if (props.versioned) {
    const days = Math.min(...props.expiry.map((rule) => rule.days));
    lifecycleRules.push({ noncurrentVersionExpiration: Duration.days(days) });
  }
  const bucketProps: BucketProps = {
    // Keys of S3 itself: see the mapping table for why there is no customer managed key.
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    versioned: props.versioned,
    lifecycleRules,
    removalPolicy: props.retainsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  };
  if (props.accessLogs === undefined) return new Bucket(scope, id, bucketProps);
  return new Bucket(scope, id, {
    ...bucketProps,
    // The library's own class does not fit its interface under exactOptionalPropertyTypes.
    serverAccessLogsBucket: props.accessLogs as IBucket,
    serverAccessLogsPrefix: `${id.toLowerCase()}/`,
  });
}
