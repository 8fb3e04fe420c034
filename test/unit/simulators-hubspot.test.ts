/** The simulated HubSpot's arithmetic, signatures and normalised values. */
import { describe, expect, it } from "vitest";
import {
  compareExact,
  formatExact,
  parseExact,
} from "#infra/local/simulators/hubspot/exact-decimal.ts";
import { PropertyCatalog } from "#infra/local/simulators/hubspot/properties.ts";
import { checkValue } from "#infra/local/simulators/hubspot/property-values.ts";
import { signWebhook, WebhookQueue } from "#infra/local/simulators/hubspot/webhooks.ts";

const SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy";
const BODY = '[{"eventId":1,"subscriptionType":"company.propertyChange","objectId":123}]';

describe("signWebhook", () => {
  it.each([
    ["https://hooks.example.com/crm/hubspot", "BX4jL1NOHhYuJO8uLhRPhjCyFTtmdsMIti7R73yXaWM="],
    [
      "https://hooks.example.com/crm/hubspot?src=hs%3Aapp%2Fv3&x=%28a%29",
      "HpR1MDp1WG9UPYFU6o/XLWnFu62fZxy1mStCTBNXu7g=",
    ],
  ])("signs %s as HubSpot does", (url, signature) => {
    const headers = signWebhook({
      secret: SECRET,
      url,
      body: BODY,
      timestampMs: 1_764_000_000_000,
    });

    expect(headers["X-HubSpot-Signature-v3"]).toBe(signature);
    expect(headers["X-HubSpot-Request-Timestamp"]).toBe("1764000000000");
  });
});

describe("WebhookQueue", () => {
  const record = {
    id: "101",
    type: "companies" as const,
    createdAtMs: 0,
    versions: [{ atMs: 0, properties: { name: "N" }, state: "live" as const }],
    history: {},
  };
  const source = { changeSource: "INTEGRATION", sourceId: "1" } as const;

  it("says once that events wait, and gives each of them once", () => {
    let waits = 0;
    const queue = new WebhookQueue({
      portalId: 1,
      appId: 2,
      now: () => 3,
      waiting: () => {
        waits += 1;
      },
    });

    queue.changed(record, ["name"], source);
    queue.deleted(record, source);

    expect(waits).toBe(1);
    expect(queue.take().map((body) => JSON.parse(body))).toMatchObject([
      [{ subscriptionType: "company.propertyChange" }, { subscriptionType: "company.deletion" }],
    ]);
    expect(queue.take()).toEqual([]);
    queue.restored(record, source);
    expect(waits).toBe(2);
  });

  it("gives the events of one write one event id", () => {
    const account = { portalId: 1, appId: 2, now: () => 3 };
    const queue = new WebhookQueue({ ...account, waiting: () => undefined });

    queue.changed(record, ["name", "city"], source);

    const [first, second] = JSON.parse(queue.take()[0] ?? "[]") as { eventId: number }[];
    expect(first?.eventId).toBe(second?.eventId);
  });
});

describe("exact decimals", () => {
  it.each([
    ["1.005", 2, "1.01"],
    ["1.004999999999999999999", 2, "1.00"],
    ["-1.005", 2, "-1.01"],
    ["-0.001", 2, "0.00"],
    ["7", 2, "7.00"],
    ["0.05", 2, "0.05"],
    ["12.5", 0, "13"],
  ])("rounds %s half up to %i digits", (text, digits, expected) => {
    const value = parseExact(text);

    expect(value && formatExact(value, digits)).toBe(expected);
  });

  it("compares whatever the number of digits", () => {
    const [left, right] = [parseExact("0.1"), parseExact("0.10000000000000000001")];

    expect(left && right && compareExact(left, right)).toBe(-1);
  });

  it.each(["", "1e3", "1,000", ".5", "five", "1.", "NaN"])("does not read %j", (text) => {
    expect(parseExact(text)).toBeUndefined();
  });
});

describe("checkValue", () => {
  const catalog = new PropertyCatalog(["USD"], {
    companies: {
      groups: [],
      archived: [],
      properties: [
        { name: "since", label: "Since", type: "date", fieldType: "date", groupName: "g" },
        {
          name: "regions",
          label: "Regions",
          type: "enumeration",
          fieldType: "checkbox",
          groupName: "g",
          options: ["north", "south", "west"].map((value) => ({ value, label: value })),
        },
      ],
    },
  });
  const check = (name: string, given: string | boolean, current?: string) => {
    const definition = catalog.find("companies", name);
    if (definition === undefined) throw new Error(`No property ${name}`);
    const checked = checkValue("companies", definition, given, current);
    return checked.kind === "valid" ? checked.value : checked.result.error;
  };

  it.each([
    ["since", "2026-02-28", "2026-02-28"],
    ["since", "1764028800000", "2025-11-25"],
    ["since", "1764028800001", "INVALID_DATE"],
    ["since", "2026-02-30", "INVALID_DATE"],
    ["name", "   ", null],
    ["name", "", null],
    ["domain", "HTTP://user@www.Acme.example:8080/a?b#c", "acme.example"],
    ["domain", "acme.example", "acme.example"],
    ["is_public", true, "true"],
    ["is_public", "FALSE", "false"],
    ["annualrevenue", "1.10", "1.10"],
    ["annualrevenue", "1.10 ", "LEADING_TRAILING_WHITESPACE"],
    ["regions", "north;south", "north;south"],
    ["regions", "east", "INVALID_OPTION"],
  ])("makes of %s %j: %j", (name, given, expected) => {
    expect(check(name, given)).toBe(expected);
  });

  it("adds to a list of checkboxes with a leading semicolon", () => {
    expect(check("regions", ";west;north", "north;south")).toBe("north;south;west");
  });
});
