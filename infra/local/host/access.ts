/**
 * Who may do what, joined from every role, queue policy and bucket policy of the template.
 */
import {
  type Caller,
  decide,
  type Policy,
  type RequestContext,
  readPolicy,
  type Verdict,
} from "./iam.ts";
import type { Resolver } from "./intrinsics.ts";
import type { Inventory } from "./inventory.ts";
import { ACCOUNT_ID } from "./names.ts";
import { bucketPolicyKind, queuePolicyKind, roleKind, rolePolicyKind } from "./resource-kinds.ts";

/** AWS-managed policies about logs and traces, which never leave this machine. They grant nothing here. */
const MANAGED_POLICIES_PASSED_OVER = [
  "AWSLambdaBasicExecutionRole",
  "AWSXRayDaemonWriteAccess",
  "CloudWatchLambdaApplicationSignalsExecutionRolePolicy",
];

export interface Access {
  /** The verdict of the role's own policies joined with the policy on the resource. */
  check(caller: Caller, action: string, resource: string, context?: RequestContext): Verdict;
  /** True when the role's trust policy lets this service take the role. */
  isTrusted(roleArn: string, service: string, context: RequestContext): boolean;
  hasRole(roleArn: string): boolean;
}

function append<T>(map: Map<string, T[]>, key: string, values: readonly T[]): void {
  map.set(key, [...(map.get(key) ?? []), ...values]);
}

function readRoles(inventory: Inventory, resolver: Resolver) {
  const policies = new Map<string, Policy[]>();
  const trust = new Map<string, Policy>();
  const arnByName = new Map<string, string>();
  for (const [logicalId, role] of inventory.read(roleKind)) {
    const { ref, attributes } = resolver.names(logicalId);
    const arn = attributes["Arn"] ?? ref;
    arnByName.set(ref, arn);
    trust.set(
      arn,
      readPolicy(role.AssumeRolePolicyDocument, `${logicalId}.AssumeRolePolicyDocument`),
    );
    for (const managed of role.ManagedPolicyArns) {
      if (!MANAGED_POLICIES_PASSED_OVER.some((name) => managed.endsWith(`/${name}`))) {
        throw new Error(`${logicalId}.ManagedPolicyArns: unknown managed policy ${managed}`);
      }
    }
    const inline = role.Policies.map((one) =>
      readPolicy(one.PolicyDocument, `${logicalId}.Policies.${one.PolicyName}`),
    );
    append(policies, arn, inline);
  }
  for (const [logicalId, attached] of inventory.read(rolePolicyKind)) {
    const policy = readPolicy(attached.PolicyDocument, `${logicalId}.PolicyDocument`);
    for (const name of attached.Roles) {
      const arn = arnByName.get(name);
      if (arn === undefined) throw new Error(`${logicalId}.Roles: no role ${name}`);
      append(policies, arn, [policy]);
    }
  }
  return { policies, trust };
}

function readResourcePolicies(inventory: Inventory, region: string): Map<string, Policy[]> {
  const byArn = new Map<string, Policy[]>();
  for (const [logicalId, one] of inventory.read(queuePolicyKind)) {
    const policy = readPolicy(one.PolicyDocument, `${logicalId}.PolicyDocument`);
    for (const url of one.Queues) {
      const name = url.slice(url.lastIndexOf("/") + 1);
      append(byArn, `arn:aws:sqs:${region}:${ACCOUNT_ID}:${name}`, [policy]);
    }
  }
  for (const [logicalId, one] of inventory.read(bucketPolicyKind)) {
    const policy = readPolicy(one.PolicyDocument, `${logicalId}.PolicyDocument`);
    append(byArn, `arn:aws:s3:::${one.Bucket}`, [policy]);
  }
  return byArn;
}

function policyHolder(resource: string): string {
  return resource.startsWith("arn:aws:s3:::") ? (resource.split("/")[0] ?? resource) : resource;
}

/** Reads all policies. Throws on a condition, principal or managed policy it cannot decide on. */
export function readAccess(inventory: Inventory, resolver: Resolver, region: string): Access {
  const { policies, trust } = readRoles(inventory, resolver);
  const onResources = readResourcePolicies(inventory, region);
  return {
    check(caller, action, resource, context = {}) {
      const own = decide(policies.get(caller.id) ?? [], { action, resource, context });
      const theirs = decide(onResources.get(policyHolder(resource)) ?? [], {
        action,
        resource,
        context,
        caller,
      });
      if (own === "explicit-deny" || theirs === "explicit-deny") return "explicit-deny";
      return own === "allowed" || theirs === "allowed" ? "allowed" : "implicit-deny";
    },
    isTrusted(roleArn, service, context) {
      const policy = trust.get(roleArn);
      if (policy === undefined) return false;
      const caller: Caller = { kind: "service", id: service };
      const request = { action: "sts:AssumeRole", resource: roleArn, context, caller };
      return decide([policy], request) === "allowed";
    },
    hasRole: (roleArn) => trust.has(roleArn),
  };
}
