import { describe, expect, it } from "vitest";
import { crossReferenceItem } from "#shared/aws/cross-reference-items.ts";
import { decodeStreamRecord, type StreamRecord } from "#shared/aws/stream-images.ts";
import { aSettledCustomer } from "#test/support/cross-references.ts";

const NOW_MS = Date.UTC(2026, 0, 5, 9);
const xref = aSettledCustomer();
const sealed = { savedAt: NOW_MS, chain: expect.stringMatching(/^[\w-]{32}$/) };
const image = (revision: number, newlyLinked: string[] = []) =>
  crossReferenceItem({ ...xref, revision: revision - 1 }, newlyLinked, "token", NOW_MS);
const refImage = {
  pk: { S: "ext#crm#customer#a#1" },
  sk: { S: "ref" },
  canonicalId: { S: xref.canonicalId },
};

function recordOf(NewImage: object | undefined, OldImage?: object): StreamRecord {
  return { dynamodb: { NewImage, OldImage } as StreamRecord["dynamodb"] };
}

describe("stream images", () => {
  it("show a cross-reference before and after", () => {
    const change = decodeStreamRecord(recordOf(image(3, ["crm", "books"]), image(2, ["crm"])));

    expect(change).toEqual({
      kind: "cross-reference",
      previous: { ...xref, revision: 2, ...sealed },
      next: { ...xref, revision: 3, ...sealed },
      newlyLinked: ["books", "crm"],
    });
  });

  it("show an external reference when it is new", () => {
    expect(decodeStreamRecord(recordOf(refImage))).toEqual({
      kind: "external-reference",
      ref: { connection: "crm", recordType: "customer", externalId: "a#1" },
      canonicalId: xref.canonicalId,
    });
    expect(decodeStreamRecord(recordOf(refImage, refImage))).toEqual({ kind: "other" });
  });

  it.each([
    ["a removed item", recordOf(undefined, image(1))],
    ["a wait for an external reference", recordOf({ ...refImage, sk: { S: "wait#crm#order-1" } })],
    [
      "a watermark",
      recordOf({ pk: { S: "watermark#crm" }, sk: { S: "order" }, reachedAt: { N: "1" } }),
    ],
    ["a record without images", {}],
  ])("leave %s alone", (_, record) => {
    expect(decodeStreamRecord(record)).toEqual({ kind: "other" });
  });

  it("refuse a damaged cross-reference", () => {
    const damaged = { ...image(1), revision: { N: "1.5" } };

    expect(() => decodeStreamRecord(recordOf(damaged))).toThrow(
      expect.objectContaining({
        failure: { kind: "bug", code: "stored-record-unreadable", field: "revision" },
      }),
    );
  });
});
