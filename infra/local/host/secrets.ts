/**
 * Secrets Manager, as far as functions use it: describe, get and put the value of a known secret.
 */
import { createHash, randomInt, randomUUID } from "node:crypto";
import * as z from "zod";
import type { AwsCall } from "./gateway-actions.ts";
import { type Answer, errorAnswer } from "./gateway-errors.ts";
import type { HostState } from "./host-state.ts";
import type { SecretPlan } from "./plan.ts";

export interface SecretStore {
  /** The ARN for a name or ARN as callers give it; unknown ids come back as they are. */
  arnOf(id: string): string;
  answer(call: AwsCall): Answer;
}

const versionSchema = z.object({
  text: z.string(),
  versionId: z.string(),
  createdEpochMs: z.number(),
});
type Version = z.infer<typeof versionSchema>;
const storedSchema = z.object({
  current: versionSchema,
  previous: versionSchema.optional(),
});
type Stored = z.infer<typeof storedSchema>;

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const PUNCTUATION = "!#$%&()*+,-./:;<=>?@[]^_{|}~";

/** A random secret as the template asks for one, or undefined when it asks for none. */
function generate({ properties }: SecretPlan): string | undefined {
  if (properties.SecretString !== undefined) return properties.SecretString;
  const wanted = properties.GenerateSecretString;
  if (wanted === undefined) return undefined;
  const excluded = wanted.ExcludeCharacters ?? "";
  const alphabet = [...LETTERS, ...(wanted.ExcludePunctuation === true ? "" : PUNCTUATION)].filter(
    (one) => !excluded.includes(one),
  );
  const length = wanted.PasswordLength ?? 32;
  const password = Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
  if (wanted.SecretStringTemplate === undefined) return password;
  const template: unknown = JSON.parse(wanted.SecretStringTemplate);
  const fields = z.record(z.string(), z.unknown()).parse(template);
  return JSON.stringify({ ...fields, [wanted.GenerateStringKey ?? "password"]: password });
}

function nameOf(arn: string): string {
  return arn.slice(arn.indexOf(":secret:") + ":secret:".length, -"-000000".length);
}

function json(fields: unknown): Answer {
  const headers = { "content-type": "application/x-amz-json-1.1" };
  return { status: 200, headers, body: JSON.stringify(fields) };
}

/**
 * Values given at the start are the first version; a value that was put later is kept in the state
 * and wins, as a rotated token must survive a restart.
 */
export function createSecretStore(
  plans: readonly SecretPlan[],
  given: ReadonlyMap<string, string>,
  state: HostState,
  now: () => number,
): SecretStore {
  const service = "secretsmanager";
  const refuse = (code: string, message: string) => errorAnswer(service, 400, code, message);
  const known = new Map(plans.map((plan) => [plan.arn, plan]));

  function arnOf(id: string): string {
    return plans.find((plan) => plan.arn === id || nameOf(plan.arn) === id)?.arn ?? id;
  }

  function load(plan: SecretPlan): Stored | undefined {
    const text = state.get("secret", plan.arn);
    if (text !== undefined) return storedSchema.parse(JSON.parse(text));
    const first = given.get(plan.logicalId) ?? given.get(plan.name) ?? generate(plan);
    if (first === undefined) return undefined;
    const digest = createHash("sha256").update(plan.arn).digest("hex").slice(0, 32);
    const stored = { current: { text: first, versionId: digest, createdEpochMs: now() } };
    // A generated value must stay the same; a given one is given again at the next start.
    if (!given.has(plan.logicalId) && !given.has(plan.name)) save(plan, stored);
    return stored;
  }

  function save(plan: SecretPlan, stored: Stored): void {
    state.set("secret", plan.arn, JSON.stringify(stored));
  }

  function getValue(plan: SecretPlan, fields: AwsCall["fields"]): Answer {
    const stored = load(plan);
    const stage = fields["VersionStage"] ?? "AWSCURRENT";
    const versions = [stored?.current, stored?.previous];
    const version =
      fields["VersionId"] === undefined
        ? versions[stage === "AWSCURRENT" ? 0 : stage === "AWSPREVIOUS" ? 1 : 2]
        : versions.find((one) => one?.versionId === fields["VersionId"]);
    if (version === undefined) {
      return refuse(
        "ResourceNotFoundException",
        `Secrets Manager can't find the specified secret value for staging label: ${stage}`,
      );
    }
    return json({
      ARN: plan.arn,
      Name: nameOf(plan.arn),
      SecretString: version.text,
      VersionId: version.versionId,
      VersionStages: [version === stored?.current ? "AWSCURRENT" : "AWSPREVIOUS"],
      CreatedDate: version.createdEpochMs / 1000,
    });
  }

  function putValue(plan: SecretPlan, fields: AwsCall["fields"]): Answer {
    const { SecretString: text, ClientRequestToken: token } = fields;
    if (typeof text !== "string") {
      return refuse("InvalidParameterException", "Only SecretString is supported on this machine");
    }
    const stored = load(plan);
    const versionId = typeof token === "string" ? token : randomUUID();
    const same = [stored?.current, stored?.previous].find((one) => one?.versionId === versionId);
    if (same !== undefined && same.text !== text) {
      return refuse("ResourceExistsException", "This version exists with another value");
    }
    if (same === undefined) {
      const current: Version = { text, versionId, createdEpochMs: now() };
      save(plan, { current, ...(stored === undefined ? {} : { previous: stored.current }) });
    }
    const Name = nameOf(plan.arn);
    return json({ ARN: plan.arn, Name, VersionId: versionId, VersionStages: ["AWSCURRENT"] });
  }

  return {
    arnOf,
    answer({ action, fields }) {
      const plan = known.get(arnOf(String(fields["SecretId"] ?? "")));
      if (plan === undefined) {
        return refuse(
          "ResourceNotFoundException",
          "Secrets Manager can't find the specified secret.",
        );
      }
      if (action === "GetSecretValue") return getValue(plan, fields);
      if (action === "PutSecretValue") return putValue(plan, fields);
      return json({ ARN: plan.arn, Name: nameOf(plan.arn) });
    },
  };
}
