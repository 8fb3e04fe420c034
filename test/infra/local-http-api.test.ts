import { describe, expect, it } from "vitest";
import { createRouter, isLocalCaller } from "#infra/local/host/http-api.ts";

function routeOf(method: string, path: string) {
  const keys = [
    "ANY /{proxy+}",
    "GET /runs/{id}",
    "GET /runs/latest",
    "ANY /runs/{id}",
    "POST /a/{b}/{rest+}",
  ];
  const routes = keys.map((routeKey) => ({
    routeKey,
    apiArn: "api",
    functionArn: "f",
    needsOperator: false,
    timeoutMs: 1,
  }));
  const match = createRouter(routes)(method, path);
  return [match?.route.routeKey, match?.parameters];
}

describe("router", () => {
  it("takes the most specific route", () => {
    expect(routeOf("GET", "/runs/latest")).toEqual(["GET /runs/latest", {}]);
    expect(routeOf("GET", "/runs/7")).toEqual(["GET /runs/{id}", { id: "7" }]);
    expect(routeOf("PUT", "/runs/7")).toEqual(["ANY /runs/{id}", { id: "7" }]);
    expect(routeOf("POST", "/a/x/y/z")).toEqual(["POST /a/{b}/{rest+}", { b: "x", rest: "y/z" }]);
    expect(routeOf("GET", "/runs/7/more")).toEqual(["ANY /{proxy+}", { proxy: "runs/7/more" }]);
    expect(routeOf("GET", "/")).toEqual([undefined, undefined]);
  });
});

describe("local caller", () => {
  it.each([
    [{ host: "127.0.0.1:3000" }, true],
    [{ host: "localhost:3000" }, true],
    [{ host: "localhost:3000", origin: "http://localhost:3000" }, true],
    [{ host: "localhost:3000", origin: "http://localhost:4000" }, false],
    [{ host: "127.0.0.1:3000", origin: "null" }, false],
    [{ host: "127.0.0.1:3000", "sec-fetch-site": "cross-site" }, false],
    [{ host: "127.0.0.1.evil.example" }, false],
    [{ host: "evil.example" }, false],
    [{}, false],
  ])("%j is %s", (headers, expected) => {
    expect(isLocalCaller({ headers })).toBe(expected);
  });
});
