import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  externalRefItemKey,
  externalRefOfKey,
  matchKeyItemKey,
  parkedItemKey,
  runReceiptItemKey,
  seenDeliveryItemKey,
} from "#shared/aws/item-keys.ts";
import { recordTypes } from "#shared/domain/identifiers.ts";

const connection = fc.stringMatching(/^[a-z][a-z0-9-]{0,39}$/);
const recordType = fc.constantFrom(...recordTypes);
/** As long as the contracts let external ids be. */
const externalId = fc.string({ unit: "grapheme", minLength: 1, maxLength: 170 });
const externalRef = fc.record({ connection, recordType, externalId });

describe("item keys", () => {
  it("give an external reference back", () => {
    fc.assert(
      fc.property(externalRef, (ref) => {
        expect(externalRefOfKey(externalRefItemKey(ref).pk)).toEqual(ref);
      }),
    );
  });

  it.each(["customer-1", "ext#crm", "ext#crm#customer", "ext#crm#nothing#1", "parked#crm#order#1"])(
    "take %s for no external reference",
    (pk) => {
      expect(externalRefOfKey(pk)).toBeUndefined();
    },
  );

  it("keep within what DynamoDB takes, whatever the text", () => {
    const long = "€".repeat(512);
    const endless = "€".repeat(100_000);
    const ref = { connection: "c".repeat(40), recordType: "customer", externalId: long } as const;
    const keys = [
      externalRefItemKey(ref),
      parkedItemKey(ref),
      matchKeyItemKey({ recordType: "customer", kind: "name", key: endless }),
      seenDeliveryItemKey("crm", endless),
      runReceiptItemKey(long, endless),
    ];

    for (const { pk, sk } of keys) {
      expect(Buffer.byteLength(pk)).toBeLessThanOrEqual(2_048);
      expect(Buffer.byteLength(sk)).toBeLessThanOrEqual(1_024);
    }
  });

  it("tell long texts apart", () => {
    const keyFor = (key: string) =>
      matchKeyItemKey({ recordType: "customer", kind: "name", key }).pk;

    expect(keyFor(`${"x".repeat(1_000)}1`)).not.toBe(keyFor(`${"x".repeat(1_000)}2`));
  });
});
