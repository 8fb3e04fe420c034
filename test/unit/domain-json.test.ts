import { describe, expect, it } from "vitest";
import { decodeJson, encodeJson, parseExact } from "#shared/domain/json.ts";
import { SyncError } from "#shared/domain/sync-error.ts";

const unreadable = new SyncError({ kind: "retryable", code: "remote-answer-unreadable" });

describe("parseExact", () => {
  it("keeps every digit a remote wrote", () => {
    const text = '{"a":12345678901234567.89,"b":1.10,"c":1e-7,"d":[-0.0,100],"e":"1.10"}';

    expect(parseExact(text)).toEqual({
      a: "12345678901234567.89",
      b: "1.10",
      c: "1e-7",
      d: ["-0.0", "100"],
      e: "1.10",
    });
  });

  it("leaves null, texts and truth values alone", () => {
    expect(parseExact('{"a":null,"b":"","c":true}')).toEqual({ a: null, b: "", c: true });
    expect(parseExact("7.0")).toBe("7.0");
  });

  it.each(["", "<html>502</html>", '{"a":1', '{"a":1}x', "undefined"])(
    "calls %j an answer that cannot be read",
    (text) => {
      expect(() => parseExact(text)).toThrow(unreadable);
    },
  );

  it.each(["__proto__", "constructor", "prototype"])("refuses the key %s at any depth", (key) => {
    const text = `{"rows":[{"fields":{"${key}":{"polluted":1}}}]}`;

    expect(() => parseExact(text)).toThrow(unreadable);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});

describe("encodeJson and decodeJson", () => {
  it("carry bigints of any size through text", () => {
    const value = {
      amount: { minor: 12_345_678_901_234_567_890n, currency: "EUR" },
      list: [-1n, 0n],
    };

    const text = encodeJson(value);

    expect(text).toContain('{"$bigint":"12345678901234567890"}');
    expect(decodeJson(text)).toEqual(value);
  });

  it("keep null apart from a field that is absent", () => {
    const value = decodeJson(encodeJson({ blank: null, absent: undefined, zero: 0, empty: "" }));

    expect(value).toEqual({ blank: null, zero: 0, empty: "" });
    expect(Object.keys(value as object)).not.toContain("absent");
  });

  it.each(["", "{", "nope", '{"$bigint":"twelve"}', '{"$bigint":"1.5"}'])("refuse %j", (text) => {
    expect(() => decodeJson(text)).toThrow(
      new SyncError({ kind: "invalid-input", code: "json-unreadable" }),
    );
  });

  it.each(["__proto__", "constructor", "prototype"])("refuse the key %s at any depth", (key) => {
    expect(() => decodeJson(`{"a":[{"${key}":{"polluted":1}}]}`)).toThrow(
      new SyncError({ kind: "invalid-input", code: "key-refused" }),
    );
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});
