import { describe, expect, it } from "vitest";
import { isAccepted, linesOfQuote } from "#shared/connectors/hubspot/read-quotes.ts";

describe("a quote", () => {
  it.each([
    [{ hs_quote_status: "ACCEPTED", hs_status: "APPROVED" }, true],
    [{ hs_quote_status: null, hs_status: "ACCEPTED" }, true],
    [{ hs_quote_status: "EXPIRED", hs_sign_status: "ESIGN_COMPLETED" }, true],
    [{ hs_quote_status: "VOID", hs_sign_status: "ESIGN_COMPLETED" }, false],
    [{ hs_quote_status: "PUBLISHED", hs_status: "APPROVAL_NOT_NEEDED" }, false],
    [{ hs_quote_status: "PUBLISHED", hs_sign_status: "ESIGN_PENDING" }, false],
    [{ hs_quote_status: "EXPIRED" }, false],
    [{}, false],
  ])("of %j is accepted: %s", (properties, expected) => {
    expect(isAccepted(properties)).toBe(expected);
  });

  it("gives its line items, and none of them beside another quote", () => {
    expect(linesOfQuote([["1", "2"]])).toEqual(["1", "2"]);
    expect(linesOfQuote([[]])).toEqual([]);
    expect(() => linesOfQuote([["1"], []])).toThrow("quote-ambiguous (lines)");
  });
});
