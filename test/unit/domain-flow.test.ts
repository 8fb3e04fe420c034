import { describe, expect, it } from "vitest";
import { type FieldPolicy, policyInForce, ruleOf } from "#shared/domain/flow.ts";
import { derived, manual, newest, rule, systemOfRecord } from "#shared/domain/policies.ts";
import { customerFlow } from "#shared/flows/customer.ts";

const byState: FieldPolicy = {
  kind: "by-state",
  field: "status",
  whileBlank: newest,
  states: { draft: manual },
  otherwise: derived,
};

describe("policyInForce", () => {
  it.each([
    ["a named state", { status: "draft" }, manual],
    ["a state that is not named", { status: "issued" }, derived],
    ["a blank state", { status: null }, newest],
    ["an absent state", {}, newest],
    ["a state that is a name of every object", { status: "constructor" }, derived],
    ["a state that is no text", { status: 7 }, derived],
  ])("of %s", (_name, golden, policy) => {
    expect(policyInForce(byState, golden)).toEqual(policy);
  });

  it("of a simple policy is that policy, whatever the record", () => {
    const policy = systemOfRecord("crm");

    expect(policyInForce(policy, { status: "draft" })).toBe(policy);
  });
});

describe("ruleOf", () => {
  it("finds the rule of a field", () => {
    expect(ruleOf(customerFlow, "email")).toEqual(rule(newest, "crm", "books"));
  });

  it.each(["colour", "constructor", "__proto__", "toString"])("has none for %s", (field) => {
    expect(ruleOf(customerFlow, field)).toBeUndefined();
  });
});
