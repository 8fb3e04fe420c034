import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packChanges, packDeliveries } from "#shared/aws/message-packing.ts";
import { limits } from "#shared/config/limits.ts";
import { changesMessage, deliveriesMessage } from "#shared/contracts/messages.ts";
import { decodeJson } from "#shared/domain/json.ts";
import type { ChangeEvent } from "#shared/ports/queues.ts";

const BYTES_MAX = 2_000;

function eventOf(externalId: string): ChangeEvent {
  return {
    connection: "crm",
    recordType: "order",
    externalId,
    capturedAt: "2026-01-05T09:00:00.000Z",
    tries: 0,
  };
}

const events = fc.array(
  fc
    .oneof(
      fc.string({ unit: "binary", minLength: 1, maxLength: 300 }),
      fc.constant("ü".repeat(512)),
      fc.constant("\u0001".repeat(512)),
    )
    .map(eventOf),
  { maxLength: 40 },
);

function eventsOf(body: string): readonly unknown[] {
  const message = changesMessage.parse(decodeJson(body));
  return message.kind === "changes" ? message.events : [];
}

describe("message packing", () => {
  it("loses nothing, doubles nothing and keeps within the bytes", () => {
    fc.assert(
      fc.property(events, fc.option(fc.constant("run-1"), { nil: undefined }), (sent, runId) => {
        const { bodies, oversized } = packChanges(sent, runId, BYTES_MAX);

        const isTooLarge = (event: ChangeEvent): boolean =>
          packChanges([event], runId, BYTES_MAX).oversized.length > 0;
        expect(bodies.flatMap(eventsOf)).toEqual(sent.filter((event) => !isTooLarge(event)));
        expect(oversized.flatMap(eventsOf)).toEqual(sent.filter(isTooLarge));
        for (const body of bodies) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(BYTES_MAX);
        for (const body of oversized) expect(Buffer.byteLength(body)).toBeGreaterThan(BYTES_MAX);
      }),
    );
  });

  it("fills a message before it begins the next", () => {
    const count = limits.changeEventsPerMessageMax * 2 + 1;
    const sent = Array.from({ length: count }, (_, index) => eventOf(String(index)));

    const { bodies } = packChanges(sent, undefined);

    expect(bodies.map((body) => eventsOf(body).length)).toEqual([200, 200, 1]);
  });

  it("writes the characters that SQS would replace as escapes", () => {
    const { bodies } = packChanges([eventOf("\ufffe\uffff\u0000\ud800")], undefined);

    expect(bodies[0]).toContain("\\ufffe\\uffff\\u0000\\ud800");
  });

  it("names the connection and the run of hints", () => {
    const hint = {
      canonicalId: `order-${"0".repeat(24)}`,
      recordType: "order",
      runId: "run-1",
      tries: 3,
    } as const;

    const { bodies } = packDeliveries("books", [hint]);

    expect(bodies.map((body) => deliveriesMessage.parse(decodeJson(body)))).toEqual([
      { version: 1, kind: "deliveries", connection: "books", hints: [hint] },
    ]);
  });
});
