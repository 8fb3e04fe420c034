import { describe, expect, it } from "vitest";
import {
  callLimit,
  callsOfKind,
  countRoutes,
  isWithinLimit,
  kindOfRoute,
} from "#test/bench/remote-calls.ts";

describe("routes", () => {
  it.each([
    ["POST /crm/v3/objects/{type}/batch/read", "read"],
    ["POST /crm/v3/objects/{type}/search", "read"],
    ["POST /crm/v4/associations/{type}/{toType}/batch/read", "read"],
    ["GET /crm/v3/objects/{type}", "read"],
    ["GET /api.xro/2.0/Contacts", "read"],
    ["POST /crm/v3/objects/{type}/batch/upsert", "write"],
    ["PATCH /crm/v3/objects/{type}/{id}", "write"],
    ["PUT /api.xro/2.0/Contacts", "write"],
    ["POST /api.xro/2.0/Contacts", "write"],
    ["GET /crm/v3/properties/{type}", "setup"],
    ["POST /crm/v3/properties/{type}/batch/create", "setup"],
    ["GET /crm/v3/pipelines/{type}", "setup"],
    ["GET /account-info/v3/details", "setup"],
    ["POST /connect/token", "setup"],
    ["GET /api.xro/2.0/Organisation", "setup"],
  ])("%s is for %s", (route, kind) => {
    expect(kindOfRoute(route)).toBe(kind);
  });

  it("leave out the benchmark's own calls, pages and controls; most called first", () => {
    const calls = {
      "GET /": 3,
      "GET /ui/{type}/{id}": 1,
      "GET /__sim/records/{type}": 2,
      "POST /crm/v3/objects/{type}/batch/create": 10,
      "POST /crm/v3/objects/{type}/batch/update": 12,
      "POST /crm/v3/objects/{type}/batch/read": 11,
    };
    const own = {
      "POST /crm/v3/objects/{type}/batch/create": 10,
      "POST /crm/v3/objects/{type}/batch/update": 10,
    };
    expect(countRoutes("hubspot", calls, own)).toEqual([
      {
        system: "hubspot",
        route: "POST /crm/v3/objects/{type}/batch/read",
        kind: "read",
        calls: 11,
      },
      {
        system: "hubspot",
        route: "POST /crm/v3/objects/{type}/batch/update",
        kind: "write",
        calls: 2,
      },
    ]);
  });

  it("cannot be fewer than the benchmark's own", () => {
    const route = "POST /crm/v3/objects/{type}/batch/create";
    expect(() => countRoutes("hubspot", { [route]: 1 }, { [route]: 2 })).toThrow(
      "fewer than the benchmark's own",
    );
  });

  it("add up by kind", () => {
    const calls = { "GET /api.xro/2.0/Contacts": 3, "GET /api.xro/2.0/Items": 4 };
    const routes = countRoutes("xero", calls, {});
    expect(callsOfKind(routes, "read")).toBe(7);
    expect(callsOfKind(routes, "write")).toBe(0);
  });
});

describe("the limit", () => {
  it("is full batches and one for the rest", () => {
    expect(callLimit(1_000, 100, 50)).toEqual({ reads: 10, writes: 20 });
    expect(callLimit(101, 100, 50)).toEqual({ reads: 2, writes: 3 });
  });

  it("is kept up to a tenth more, to the call", () => {
    expect(isWithinLimit(33, 30)).toBe(true);
    expect(isWithinLimit(34, 30)).toBe(false);
    expect(isWithinLimit(0, 0)).toBe(true);
    expect(isWithinLimit(1, 0)).toBe(false);
  });
});
