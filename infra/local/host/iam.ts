/**
 * Decides what a policy allows, for the policies that the template gives to roles, queues, buckets.
 *
 * Known: Allow and Deny, Action and NotAction, Resource and NotResource, `*` and `?`, and the few
 * conditions in {@link CONSTANT_KEYS} and {@link REQUEST_KEYS}. A condition outside of them throws when the policy is read:
 * guessing either way would hide the very mistake this check is there to show.
 */
import * as z from "zod";

const oneOrMany = z.union([z.string(), z.array(z.string())]);

const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(["Allow", "Deny"]),
  Action: oneOrMany.optional(),
  NotAction: oneOrMany.optional(),
  Resource: oneOrMany.optional(),
  NotResource: oneOrMany.optional(),
  Principal: z.union([z.string(), z.record(z.string(), oneOrMany)]).optional(),
  Condition: z
    .record(z.string(), z.record(z.string(), z.union([z.boolean(), oneOrMany])))
    .optional(),
});

const documentSchema = z.strictObject({
  Version: z.string().optional(),
  Id: z.string().optional(),
  Statement: z.union([statementSchema, z.array(statementSchema)]),
});

/** What is true of every call on this machine: loopback counts as the newest TLS. */
const CONSTANT_KEYS = { "aws:SecureTransport": "true", "s3:TlsVersion": "1.3" } as const;
type RequestKey = "aws:SourceAccount" | "aws:SourceArn" | "s3:if-none-match";
const REQUEST_KEYS: readonly string[] = ["aws:SourceAccount", "aws:SourceArn", "s3:if-none-match"];
/**
 * What a service says about itself when it calls, which a function's own call does not, and the
 * headers that a policy may ask for.
 */
export type RequestContext = Readonly<Partial<Record<RequestKey, string>>>;

export interface Caller {
  /** `arn:aws:iam::...:role/...` for a role, `sqs.amazonaws.com` and the like for a service. */
  readonly kind: "role" | "service";
  readonly id: string;
}

interface Statement {
  readonly effect: "Allow" | "Deny";
  matchesAction(action: string): boolean;
  matchesResource(resource: string): boolean;
  matchesPrincipal(caller: Caller): boolean;
  matchesContext(context: RequestContext): boolean;
}

export interface Policy {
  readonly statements: readonly Statement[];
}

export type Verdict = "allowed" | "explicit-deny" | "implicit-deny";

export interface AccessRequest {
  readonly action: string;
  readonly resource: string;
  readonly context?: RequestContext;
  /** Needed for policies on a resource, which name their principals. */
  readonly caller?: Caller;
}

function asList(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}

function wildcard(pattern: string, flags = ""): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, `s${flags}`);
}

function matcher(
  wanted: readonly string[],
  unwanted: readonly string[] | undefined,
  flags: string,
): (value: string) => boolean {
  const patterns = (unwanted ?? wanted).map((one) => wildcard(one, flags));
  const found = (value: string) => patterns.some((pattern) => pattern.test(value));
  return unwanted === undefined ? found : (value) => !found(value);
}

type ConditionTest = (actual: string, expected: readonly string[]) => boolean;

const isLike: ConditionTest = (actual, expected) =>
  expected.some((one) => wildcard(one).test(actual));

const CONDITION_OPERATORS: Readonly<Record<string, ConditionTest>> = {
  Bool: (actual, expected) => expected.includes(actual),
  StringEquals: (actual, expected) => expected.includes(actual),
  StringNotEquals: (actual, expected) => !expected.includes(actual),
  StringLike: isLike,
  ArnEquals: isLike,
  ArnLike: isLike,
  NumericLessThan: (actual, expected) => expected.some((one) => Number(actual) < Number(one)),
};

function readActual(key: string, context: RequestContext): string | undefined {
  const values: Readonly<Record<string, string>> = { ...CONSTANT_KEYS, ...context };
  return values[key];
}

function readConditions(
  condition: NonNullable<z.infer<typeof statementSchema>["Condition"]>,
  place: string,
): (context: RequestContext) => boolean {
  const tests: ((context: RequestContext) => boolean)[] = [];
  for (const [operator, keys] of Object.entries(condition)) {
    const test = CONDITION_OPERATORS[operator];
    for (const [key, value] of Object.entries(keys)) {
      const isKnownKey = key in CONSTANT_KEYS || REQUEST_KEYS.includes(key);
      if (!isKnownKey || (test === undefined && operator !== "Null")) {
        throw new Error(`${place}: the local host does not know the condition ${operator} ${key}`);
      }
      const expected = typeof value === "object" ? value : [String(value)];
      if (test === undefined) {
        const isAbsent = (context: RequestContext) => readActual(key, context) === undefined;
        tests.push((context) => expected.includes(String(isAbsent(context))));
        continue;
      }
      tests.push((context) => {
        const actual = readActual(key, context);
        return actual !== undefined && test(actual, expected);
      });
    }
  }
  return (context) => tests.every((test) => test(context));
}

function readPrincipal(
  principal: z.infer<typeof statementSchema>["Principal"],
  place: string,
): (caller: Caller) => boolean {
  if (principal === undefined) return () => true;
  if (typeof principal === "string") {
    if (principal !== "*") throw new Error(`${place}: unknown principal ${principal}`);
    return () => true;
  }
  const unknown = Object.keys(principal).filter((kind) => kind !== "AWS" && kind !== "Service");
  if (unknown.length > 0) throw new Error(`${place}: unknown principal kind ${unknown.join(", ")}`);
  const roles = asList(principal["AWS"]);
  const services = asList(principal["Service"]);
  return (caller) => {
    if (roles.includes("*")) return true;
    if (caller.kind === "service") return services.includes(caller.id);
    const account = /^arn:[^:]+:iam::(\d+):/.exec(caller.id)?.[1];
    return roles.some(
      (role) => role === caller.id || role === account || role.endsWith(`::${account}:root`),
    );
  };
}

/** Reads a policy document whose intrinsics are resolved. Throws on anything it cannot decide later. */
export function readPolicy(document: unknown, place: string): Policy {
  const parsed = documentSchema.safeParse(document);
  if (!parsed.success) throw new Error(`${place}: ${z.prettifyError(parsed.error)}`);
  const { Statement } = parsed.data;
  const statements = (Array.isArray(Statement) ? Statement : [Statement]).map((one, index) => {
    const where = `${place}.Statement[${index}]`;
    if ((one.Action === undefined) === (one.NotAction === undefined)) {
      throw new Error(`${where}: needs Action or NotAction`);
    }
    const resource = one.Resource ?? (one.NotResource === undefined ? "*" : undefined);
    return {
      effect: one.Effect,
      matchesAction: matcher(
        asList(one.Action),
        one.NotAction === undefined ? undefined : asList(one.NotAction),
        "i",
      ),
      matchesResource: matcher(
        asList(resource),
        one.NotResource === undefined ? undefined : asList(one.NotResource),
        "",
      ),
      matchesPrincipal: readPrincipal(one.Principal, where),
      matchesContext:
        one.Condition === undefined ? () => true : readConditions(one.Condition, where),
    };
  });
  return { statements };
}

/** The verdict of the policies together: a Deny that matches beats every Allow. */
export function decide(policies: readonly Policy[], request: AccessRequest): Verdict {
  let verdict: Verdict = "implicit-deny";
  for (const { statements } of policies) {
    for (const statement of statements) {
      if (request.caller !== undefined && !statement.matchesPrincipal(request.caller)) continue;
      if (!statement.matchesAction(request.action)) continue;
      if (!statement.matchesResource(request.resource)) continue;
      if (!statement.matchesContext(request.context ?? {})) continue;
      if (statement.effect === "Deny") return "explicit-deny";
      verdict = "allowed";
    }
  }
  return verdict;
}
