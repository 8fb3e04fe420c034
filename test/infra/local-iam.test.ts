import { describe, expect, it } from "vitest";
import { decide, readPolicy } from "#infra/local/host/iam.ts";

const QUEUE = "arn:aws:sqs:eu-west-1:000000000000:changes";
const ROLE = "arn:aws:iam::000000000000:role/worker";

function policy(...statements: readonly unknown[]) {
  return readPolicy({ Version: "2012-10-17", Statement: statements }, "Policy");
}

function allow(fields: object) {
  return policy({ Effect: "Allow", ...fields });
}

describe("identity policies", () => {
  const send = { action: "sqs:SendMessage", resource: QUEUE };

  it("allow what they name, with wildcards and any letter case of the action", () => {
    expect(decide([allow({ Action: "sqs:SendMessage", Resource: QUEUE })], send)).toBe("allowed");
    expect(decide([allow({ Action: "SQS:send*", Resource: "*" })], send)).toBe("allowed");
    expect(
      decide([allow({ Action: ["s3:*", "sqs:*"], Resource: "arn:aws:sqs:*:*:chang?s" })], send),
    ).toBe("allowed");
    expect(decide([allow({ NotAction: "sqs:Delete*", Resource: "*" })], send)).toBe("allowed");
    expect(decide([allow({ Action: "*", NotResource: `${QUEUE}-dead` })], send)).toBe("allowed");
  });

  it("deny what nothing allows", () => {
    expect(decide([], send)).toBe("implicit-deny");
    expect(decide([allow({ Action: "sqs:ReceiveMessage", Resource: QUEUE })], send)).toBe(
      "implicit-deny",
    );
    expect(decide([allow({ Action: "sqs:SendMessage", Resource: `${QUEUE}-dead` })], send)).toBe(
      "implicit-deny",
    );
    expect(decide([allow({ NotAction: "sqs:*", Resource: "*" })], send)).toBe("implicit-deny");
    expect(decide([allow({ Action: "sqs:*", NotResource: QUEUE })], send)).toBe("implicit-deny");
    // A dot is a dot, not any character.
    expect(
      decide([allow({ Action: "sqs:SendMessage", Resource: QUEUE.replace("-", ".") })], send),
    ).toBe("implicit-deny");
  });

  it("let a Deny beat every Allow", () => {
    const denied = policy({ Effect: "Deny", Action: "sqs:*", Resource: "*" });

    expect(decide([allow({ Action: "*", Resource: "*" }), denied], send)).toBe("explicit-deny");
  });
});

describe("resource policies", () => {
  const secureOnly = {
    Effect: "Deny",
    Principal: { AWS: "*" },
    Action: "sqs:*",
    Resource: QUEUE,
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
  const fromBucket = {
    Effect: "Allow",
    Principal: { Service: "s3.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: QUEUE,
    Condition: {
      StringEquals: { "aws:SourceAccount": "000000000000" },
      ArnLike: { "aws:SourceArn": "arn:aws:s3:::inbox*" },
    },
  };
  const ask = (service: string, context: Record<string, string>) =>
    decide([policy(secureOnly, fromBucket)], {
      action: "sqs:SendMessage",
      resource: QUEUE,
      caller: { kind: "service", id: service },
      context,
    });

  it("let in the service they name, from the source they name", () => {
    const own = { "aws:SourceAccount": "000000000000", "aws:SourceArn": "arn:aws:s3:::inbox-1" };

    expect(ask("s3.amazonaws.com", own)).toBe("allowed");
    expect(ask("sns.amazonaws.com", own)).toBe("implicit-deny");
    expect(ask("s3.amazonaws.com", { ...own, "aws:SourceArn": "arn:aws:s3:::other" })).toBe(
      "implicit-deny",
    );
    expect(ask("s3.amazonaws.com", {})).toBe("implicit-deny");
  });

  it("let in a role by its ARN and its account", () => {
    const request = {
      action: "sqs:SendMessage",
      resource: QUEUE,
      caller: { kind: "role" as const, id: ROLE },
    };
    const to = (AWS: string) => allow({ Principal: { AWS }, Action: "sqs:*", Resource: "*" });

    expect(decide([to(ROLE)], request)).toBe("allowed");
    expect(decide([to("arn:aws:iam::000000000000:root")], request)).toBe("allowed");
    expect(decide([to("arn:aws:iam::111111111111:root")], request)).toBe("implicit-deny");
  });
});

describe("a condition on what a request lacks", () => {
  const replacing = {
    Effect: "Deny",
    Principal: "*",
    Action: "s3:PutObject",
    Resource: "*",
    Condition: { Null: { "s3:if-none-match": "true" } },
  };
  const ask = (context: Record<string, string>) =>
    decide([allow({ Action: "s3:*", Resource: "*" }), policy(replacing)], {
      action: "s3:PutObject",
      resource: "arn:aws:s3:::box/key",
      caller: { kind: "role", id: ROLE },
      context,
    });

  it("holds where the request lacks it", () => {
    expect(ask({})).toBe("explicit-deny");
    expect(ask({ "s3:if-none-match": "*" })).toBe("allowed");
  });
});

describe("reading a policy", () => {
  it.each([
    [
      { Condition: { StringEquals: { "aws:PrincipalTag/team": "x" } } },
      "does not know the condition StringEquals aws:PrincipalTag/team",
    ],
    [
      { Condition: { DateGreaterThan: { "aws:SourceArn": "x" } } },
      "does not know the condition DateGreaterThan aws:SourceArn",
    ],
    [
      { Condition: { Null: { "aws:PrincipalOrgID": "true" } } },
      "does not know the condition Null aws:PrincipalOrgID",
    ],
    [{ Principal: { Federated: "x" } }, "unknown principal kind Federated"],
    [{ NotPrincipal: "*" }, "NotPrincipal"],
    [{ NotAction: "s3:*" }, "needs Action or NotAction"],
  ])("refuses %j", (fields, message) => {
    expect(() => allow({ Action: "sqs:*", Resource: "*", ...fields })).toThrow(message);
  });
});
