import { describe, expect, it } from "vitest";
import { createResolver } from "#infra/local/host/intrinsics.ts";

/** A placeholder of Fn::Sub. */
function slot(name: string): string {
  return ["$", "{", name, "}"].join("");
}

const template = {
  Resources: {
    Queue: { Type: "AWS::SQS::Queue" },
    Loop: { Type: "AWS::SQS::Queue" },
  },
  Parameters: { Size: { Default: "3" }, Given: {} },
  Mappings: { Regions: { "eu-west-1": { Zone: "a" } } },
  Conditions: {
    IsEurope: { "Fn::Equals": [{ Ref: "AWS::Region" }, "eu-west-1"] },
    IsElsewhere: { "Fn::Not": [{ Condition: "IsEurope" }] },
    IsBoth: { "Fn::And": [{ Condition: "IsEurope" }, { Condition: "IsElsewhere" }] },
    IsEither: { "Fn::Or": [{ Condition: "IsEurope" }, { Condition: "IsElsewhere" }] },
  },
};

function makeResolver() {
  const resolver = createResolver({
    template,
    pseudo: { "AWS::Region": "eu-west-1", "AWS::AccountId": "000000000000" },
    nameResource: (id): { ref: string; attributes: Record<string, string> } =>
      id === "Loop"
        ? { ref: String(resolver.resolve({ Ref: "Loop" }, "Loop")), attributes: {} }
        : { ref: `ref-${id}`, attributes: { Arn: `arn-${id}` } },
  });
  return resolver;
}

describe("resolver", () => {
  it.each([
    [{ Ref: "Queue" }, "ref-Queue"],
    [{ Ref: "AWS::Region" }, "eu-west-1"],
    [{ Ref: "Size" }, "3"],
    [{ "Fn::GetAtt": ["Queue", "Arn"] }, "arn-Queue"],
    [{ "Fn::GetAtt": "Queue.Arn" }, "arn-Queue"],
    [{ "Fn::Join": ["-", ["a", { Ref: "Queue" }, 1]] }, "a-ref-Queue-1"],
    [
      {
        "Fn::Sub": `x-${slot("AWS::Region")}-${slot("Queue")}-${slot("Queue.Arn")}-${slot("!Kept")}`,
      },
      `x-eu-west-1-ref-Queue-arn-Queue-${slot("Kept")}`,
    ],
    [{ "Fn::Sub": [`${slot("Own")}!`, { Own: { Ref: "Size" } }] }, "3!"],
    [{ "Fn::Select": [1, { "Fn::Split": [",", "a,b,c"] }] }, "b"],
    [{ "Fn::FindInMap": ["Regions", { Ref: "AWS::Region" }, "Zone"] }, "a"],
    [{ "Fn::Base64": "abc" }, "YWJj"],
    [{ "Fn::If": ["IsEurope", "yes", "no"] }, "yes"],
    [{ "Fn::If": ["IsBoth", "yes", "no"] }, "no"],
    [{ "Fn::If": ["IsEither", "yes", "no"] }, "yes"],
    [
      [1, { Ref: "AWS::NoValue" }, 2],
      [1, 2],
    ],
    [{ a: { "Fn::If": ["IsElsewhere", 1, { Ref: "AWS::NoValue" }] }, b: 2 }, { b: 2 }],
  ])("resolves %j", (value, expected) => {
    expect(makeResolver().resolve(value, "here")).toEqual(expected);
  });

  it.each([
    [{ "Fn::ImportValue": "x" }, "here: unknown intrinsic Fn::ImportValue"],
    [{ Ref: "Nobody" }, "nothing named Nobody"],
    [{ "Fn::GetAtt": ["Queue", "Colour"] }, "knows no attribute Colour of AWS::SQS::Queue"],
    [{ Ref: "Given" }, "parameter Given has no default"],
    [{ "Fn::FindInMap": ["Regions", "mars", "Zone"] }, "no Regions.mars.Zone"],
    [{ "Fn::If": ["IsNowhere", 1, 2] }, "Condition IsNowhere does not exist"],
    [{ Ref: "Loop" }, "Loop: its name refers to itself"],
    [{ a: [{ "Fn::Join": ["", "text"] }] }, "here.a[0].Fn::Join: expected a list"],
  ])("refuses %j and says where", (value, message) => {
    expect(() => makeResolver().resolve(value, "here")).toThrow(message);
  });
});
