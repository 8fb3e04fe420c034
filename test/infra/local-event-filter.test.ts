import { describe, expect, it } from "vitest";
import { compileFilter } from "#infra/local/host/event-filter.ts";

function matches(pattern: unknown, event: unknown): boolean {
  return compileFilter([JSON.stringify(pattern)])(event);
}

describe("event filter", () => {
  const event = {
    eventName: "INSERT",
    dynamodb: { NewImage: { pk: { S: "xref#1" }, tags: { SS: ["a", "b"] }, gone: { NULL: true } } },
  };

  it.each([
    [{ eventName: ["INSERT", "MODIFY"] }, true],
    [{ eventName: ["REMOVE"] }, false],
    [{ dynamodb: { NewImage: { pk: { S: [{ prefix: "xref#" }] } } } }, true],
    [{ dynamodb: { NewImage: { pk: { S: [{ prefix: "run#" }] } } } }, false],
    [{ dynamodb: { NewImage: { pk: { S: [{ suffix: "#1" }] } } } }, true],
    [{ dynamodb: { NewImage: { tags: { SS: ["b"] } } } }, true],
    [{ dynamodb: { NewImage: { tags: { SS: [{ exists: true }] } } } }, true],
    [{ dynamodb: { OldImage: { pk: { S: [{ exists: false }] } } } }, true],
    [{ dynamodb: { OldImage: { pk: { S: [{ exists: true }] } } } }, false],
    [{ dynamodb: { NewImage: { gone: { NULL: [true] } } } }, true],
    [{ eventName: [{ "anything-but": ["REMOVE"] }] }, true],
    [{ eventName: [{ "anything-but": "INSERT" }] }, false],
    [{ eventName: [{ "anything-but": { prefix: "IN" } }] }, false],
    [{ missing: [{ "anything-but": "x" }] }, false],
    [{ eventName: ["INSERT"], dynamodb: { NewImage: { pk: { S: ["other"] } } } }, false],
    [{}, true],
  ])("%j gives %s", (pattern, expected) => {
    expect(matches(pattern, event)).toBe(expected);
  });

  it("lets through what one of several patterns matches", () => {
    const filter = compileFilter(['{"a":["1"]}', '{"b":["2"]}']);

    expect([filter({ b: "2" }), filter({ a: "2" })]).toEqual([true, false]);
  });

  it.each([
    [{ a: [{ numeric: [">", 1] }] }, "does not know the filter rule numeric"],
    [{ $or: [{ a: ["1"] }] }, "unknown filter operator $or"],
    [{ a: "1" }, "Filters[0].a: a filter rule must be a list"],
    [{ a: [{ "anything-but": { suffix: "x" } }] }, "unknown anything-but rule"],
    [{ a: [{ prefix: "x", suffix: "y" }] }, "unknown filter rule"],
  ])("refuses %j", (pattern, message) => {
    expect(() => compileFilter([JSON.stringify(pattern)])).toThrow(message);
  });
});
