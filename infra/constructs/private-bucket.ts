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
  /** Age at which an object goes. */
  readonly expiryDays: number;
  /** Objects that go earlier: the beginning of their keys, and their age in days. */
  readonly shortLived?: { readonly prefix: string; readonly days: number };
  /** Keeps replaced and deleted objects for as long again. */
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
  const expiry = Duration.days(props.expiryDays);
  const lifecycleRules: LifecycleRule[] = [
    { expiration: expiry },
    { abortIncompleteMultipartUploadAfter: Duration.days(1) },
    ...(props.shortLived === undefined
      ? []
      : [{ prefix: props.shortLived.prefix, expiration: Duration.days(props.shortLived.days) }]),
    ...(props.versioned ? [{ noncurrentVersionExpiration: expiry }] : []),
  ];
  return new Bucket(scope, id, {
    ...privateProps(props.retainsData),
    versioned: props.versioned,
    lifecycleRules,
    ...(props.accessLogs === undefined ? {} : accessLogProps(id, props.accessLogs)),
  });
}

/** What every bucket has in common. */
export function privateProps(retainsData: boolean): BucketProps {
  return {
    // Keys of S3 itself: see the mapping table for why there is no customer managed key.
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    removalPolicy: retainsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  };
}

export function accessLogProps(id: string, accessLogs: Bucket): BucketProps {
  return {
    // The library's own class does not fit its interface under exactOptionalPropertyTypes.
    serverAccessLogsBucket: accessLogs as IBucket,
    serverAccessLogsPrefix: `${id.toLowerCase()}/`,
  };
}
