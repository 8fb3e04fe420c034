import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openChangesMessage } from "#shared/aws/deflated-messages.ts";
import { packChanges, packDeliveries } from "#shared/aws/message-packing.ts";
import { limits } from "#shared/config/limits.ts";
import { type ChangesBody, changesMessage, deliveriesMessage } from "#shared/contracts/messages.ts";
import { decodeJson, encodeJson } from "#shared/domain/json.ts";
import type { ChangeEvent } from "#shared/ports/queues.ts";
import { incompressibleText } from "#test/support/incompressible.ts";

const BYTES_MAX = 2_000;
/** More than the frame of a message takes. */
const FRAME_BYTES_MAX = 100;

function eventOf(externalId: string, name?: string): ChangeEvent {
  return {
    connection: "files",
    recordType: "customer",
    externalId,
    capturedAt: "2026-01-05T09:00:00.000Z",
    tries: 0,
    ...(name === undefined
      ? {}
      : {
          record: {
            recordType: "customer",
            externalId,
            version: 1,
            life: "live",
            fields: { name, openBalance: { minor: 12_345_678_901_234_567_890n, currency: "EUR" } },
          },
        }),
  };
}

/** As a message bears it: signs beyond U+FFFF as two escapes, the last two below it as one. */
const wireBytesOf = (event: ChangeEvent): number =>
  Buffer.byteLength(
    encodeJson(event).replace(/[\u{10000}-\u{10ffff}\ufffe\uffff]/gu, (sign) =>
      "\\uffff".repeat(sign.length),
    ),
  );

const withoutRecord = ({ record: _record, ...event }: ChangeEvent): ChangeEvent => event;

const names = fc.oneof(
  fc.constant(undefined),
  fc.string({ unit: "binary", maxLength: 2_000 }),
  fc.integer({ min: 0, max: 20_000 }).map((characters) => "ü".repeat(characters)),
  fc.integer({ min: 0, max: 5_000 }).map(incompressibleText),
  fc.constant("\u0001".repeat(512)),
);
/** `tries` tells one from another. */
const events = fc
  .array(fc.tuple(fc.string({ unit: "binary", minLength: 1, maxLength: 50 }), names), {
    maxLength: 40,
  })
  .map((all) => all.map(([id, name], index) => ({ ...eventOf(id, name), tries: index })));

function messageOf(body: string): ChangesBody {
  return openChangesMessage(changesMessage.parse(decodeJson(body)));
}

const kindOf = (body: string | undefined): string =>
  changesMessage.parse(decodeJson(body ?? "")).kind;

describe("message packing", () => {
  it("loses and doubles no event, keeps within the bytes and leaves out only large records", () => {
    fc.assert(
      fc.property(events, fc.option(fc.constant("run-1"), { nil: undefined }), (sent, runId) => {
        const bodies = packChanges(sent, runId, BYTES_MAX);

        for (const body of bodies) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(BYTES_MAX);
        const messages = bodies.map(messageOf);
        expect(messages.filter((message) => message.runId !== runId)).toEqual([]);
        const received = messages
          .flatMap((message) => message.events)
          .toSorted((left, right) => left.tries - right.tries);
        expect(received.map(withoutRecord)).toEqual(sent.map(withoutRecord));
        for (const [index, event] of sent.entries()) {
          const isLeftOut = received[index]?.record === undefined;
          if (!isLeftOut || wireBytesOf(event) < BYTES_MAX - FRAME_BYTES_MAX) {
            expect(received[index]).toEqual(event);
          }
        }
      }),
    );
  });

  it("fills a message before it begins the next", () => {
    const count = limits.changeEventsPerMessageMax * 2 + 1;
    const sent = Array.from({ length: count }, (_, index) => eventOf(String(index)));

    const bodies = packChanges(sent, undefined);

    expect(bodies.map((body) => messageOf(body).events.length)).toEqual([200, 200, 1]);
  });

  it("writes the characters that SQS would replace as escapes", () => {
    const [body] = packChanges([eventOf("\ufffe\uffff\u0000\ud800")], undefined);

    expect(body).toContain("\\ufffe\\uffff\\u0000\\ud800");
  });

  it("writes signs beyond U+FFFF as escapes, which say the same", () => {
    const [body = ""] = packChanges([eventOf("𠮷野")], undefined);

    expect(body).toContain("\\ud842\\udfb7野");
    expect(JSON.stringify(messageOf(body))).toContain("𠮷野");
  });

  it("names the connection and the run of hints", () => {
    const hint = {
      canonicalId: `order-${"0".repeat(24)}`,
      recordType: "order",
      runId: "run-1",
      tries: 3,
    } as const;

    const bodies = packDeliveries("books", [hint]);

    expect(bodies.map((body) => deliveriesMessage.parse(decodeJson(body)))).toEqual([
      { version: 1, kind: "deliveries", connection: "books", hints: [hint] },
    ]);
  });
});

describe("an event that is too large for a message", () => {
  it("has one of its own, deflated", () => {
    const large = eventOf("large", "\ufffeü".repeat(30_000));

    const bodies = packChanges([large, eventOf("small")], "run-1", 100_000);

    expect(bodies.map(kindOf)).toEqual(["changes", "deflated"]);
    expect(messageOf(bodies[1] ?? "")).toEqual({
      version: 1,
      kind: "changes",
      runId: "run-1",
      events: [large],
    });
  });

  it("goes without its record where it is too large deflated too", () => {
    const large = eventOf("large", incompressibleText(2 * limits.queueMessageBytesMax));

    const [body, ...others] = packChanges([large], "run-1");

    expect(others).toEqual([]);
    expect(messageOf(body ?? "")).toEqual({
      version: 1,
      kind: "changes",
      runId: "run-1",
      events: [withoutRecord(large)],
    });
  });

  it("goes without its record where no receiver would inflate it", () => {
    const frame = packChanges([eventOf("large", "")], undefined)[0] ?? "";
    const most = limits.inflatedMessageBytesMax - Buffer.byteLength(frame);
    const kinds = [most, most + 1].map((characters) =>
      packChanges([eventOf("large", "x".repeat(characters))], undefined).map(kindOf),
    );

    expect(kinds).toEqual([["deflated"], ["changes"]]);
  });
});

describe("a deflated message", () => {
  const deflated = (content: string) => ({ version: 1, kind: "deflated", content }) as const;
  const deflatedText = (text: string) => deflated(deflateRawSync(text).toString("base64"));
  const message = encodeJson({ version: 1, kind: "changes", events: [eventOf("1")] });

  it("is opened up to the greatest size, and no further", () => {
    const { inflatedMessageBytesMax } = limits;
    const opened = openChangesMessage(deflatedText(message.padEnd(inflatedMessageBytesMax)));

    expect(opened.events).toEqual([eventOf("1")]);
    expect(() =>
      openChangesMessage(deflatedText(message.padEnd(inflatedMessageBytesMax + 1))),
    ).toThrow("invalid-input: message-unreadable");
  });

  it.each([
    ["is no base64 of anything deflated", deflated("AAAA")],
    ["is empty", deflated("")],
    ["ends too early", deflated(deflateRawSync(message).subarray(0, -8).toString("base64"))],
    ["holds another kind of message", deflatedText('{"version":1,"kind":"poll"}')],
    ["holds a deflated message", deflatedText(encodeJson(deflatedText(message)))],
    ["holds no event", deflatedText('{"version":1,"kind":"changes","events":[]}')],
    ["holds no JSON", deflatedText(message.slice(1))],
  ])("is refused where it %s", (_, body) => {
    expect(() => openChangesMessage(body)).toThrow(/^invalid-input: (message|json)-unreadable$/);
  });
});
