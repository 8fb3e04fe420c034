import { describe, expect, it } from "vitest";
import { callerOf } from "#shared/runtime/caller.ts";

type Context = Parameters<typeof callerOf>[0]["requestContext"];

/** As API Gateway puts it, but for what does not matter here. */
function caller(authorizer: unknown): string {
  return callerOf({ requestContext: { authorizer } as unknown as Context });
}

describe("who calls", () => {
  it.each([
    [
      "of IAM",
      { iam: { userArn: "arn:aws:iam::1:user/jane", userId: "A" } },
      "arn:aws:iam::1:user/jane",
    ],
    [
      "of a token",
      { jwt: { claims: { sub: "jane", email: "j@x.example" }, scopes: null } },
      "jane",
    ],
    ["without a subject", { jwt: { claims: {} } }, "operator"],
    ["of no authorizer", undefined, "operator"],
    ["of one that is not known", { lambda: { sub: "jane" } }, "operator"],
  ])("is the identity %s", (_name, authorizer, expected) => {
    expect(caller(authorizer)).toBe(expected);
  });

  it("is cut where it is longer than any name", () => {
    expect(caller({ jwt: { claims: { sub: "x".repeat(1_000) } } })).toHaveLength(200);
  });
});
