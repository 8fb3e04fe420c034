import { describe, expect, it } from "vitest";
import { fileNameOf, isSafeFileKey, resultKeyOf } from "#shared/domain/file-key.ts";

describe("isSafeFileKey", () => {
  it.each([
    ["customers.csv", true],
    ["2026/Łódź/März 1.csv", true],
    ["a..b/c.csv", true],
    ["../secrets.csv", false],
    ["a/../../b.csv", false],
    ["./a.csv", false],
    ["/a.csv", false],
    ["a//b.csv", false],
    ["folder/", false],
    ["a\\b.csv", false],
    ["a\nb.csv", false],
    ["a\u007fb.csv", false],
    ["", false],
    ["k".repeat(901), false],
  ])("%j: %s", (key, expected) => {
    expect(isSafeFileKey(key)).toBe(expected);
  });
});

describe("resultKeyOf", () => {
  it.each([
    ["customers.csv", "customers.result.csv"],
    ["2026/march/Orders.CSV", "2026/march/Orders.result.csv"],
    ["notes.txt", "notes.txt.result.csv"],
  ])("answers %s with %s", (key, expected) => {
    expect(resultKeyOf(key)).toBe(expected);
  });
});

describe("fileNameOf", () => {
  it("is the last part of the key", () => {
    expect(fileNameOf("2026/march/orders.csv")).toBe("orders.csv");
    expect(fileNameOf("orders.csv")).toBe("orders.csv");
  });
});
