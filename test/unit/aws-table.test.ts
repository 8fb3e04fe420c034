import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { createCrossReferenceStore } from "#shared/aws/dynamodb-cross-references.ts";
import { createDedupStore } from "#shared/aws/dynamodb-dedup.ts";
import { createTable, type Table } from "#shared/aws/table.ts";
import { limits } from "#shared/config/limits.ts";
import { aCustomer } from "#test/support/cross-references.ts";

type Answer = (command: unknown) => Promise<unknown>;

const $metadata = {};

/** A table whose calls `answer` takes; its pauses are counted and not waited for. */
function tableOver(answer: Answer): { table: Table; pauses: () => number } {
  let pauseCount = 0;
  class AnsweredClient extends DynamoDBClient {
    override send: DynamoDBClient["send"] = (command: unknown): never => answer(command) as never;
  }
  const table = createTable({
    client: new AnsweredClient({ region: "eu-west-1" }),
    name: "mapping",
    pause: async () => {
      pauseCount += 1;
    },
  });
  return { table, pauses: () => pauseCount };
}

function cancelled(...codes: string[]): TransactionCanceledException {
  return new TransactionCanceledException({
    message: "cancelled",
    $metadata,
    CancellationReasons: codes.map((Code) => ({ Code })),
  });
}

function named(name: string): Error {
  return Object.assign(new Error("from AWS"), { name });
}

const claims = {
  externalRefs: [{ connection: "crm", recordType: "customer", externalId: "1" } as const],
  matchKeys: [],
};
const noClaims = { externalRefs: [], matchKeys: [] };

describe("saving", () => {
  it("tries a conflicting transaction again, as a new one", async () => {
    const tokens = new Set<string | undefined>();
    const { table, pauses } = tableOver(async (command) => {
      if (!(command instanceof TransactWriteItemsCommand)) throw new TypeError("unexpected call");
      tokens.add(command.input.ClientRequestToken);
      if (tokens.size < 4) throw cancelled("TransactionConflict", "None");
      return {};
    });

    expect(await createCrossReferenceStore(table, () => 0).save(aCustomer("1"), claims, [])).toBe(
      "saved",
    );

    expect([tokens.size, pauses()]).toEqual([4, 3]);
  });

  it.each([
    ["stale", ["ConditionalCheckFailed", "None"]],
    ["stale", ["ConditionalCheckFailed", "ConditionalCheckFailed"]],
    ["claimed", ["None", "ConditionalCheckFailed"]],
    ["claimed", ["TransactionConflict", "ConditionalCheckFailed"]],
  ])("is %s where the reasons are %j", async (outcome, reasons) => {
    const { table } = tableOver(() => Promise.reject(cancelled(...reasons)));

    expect(await createCrossReferenceStore(table, () => 0).save(aCustomer("1"), claims, [])).toBe(
      outcome,
    );
  });

  it.each([
    ["TransactionConflict", "retryable", "table-busy"],
    ["ThrottlingError", "retryable", "table-busy"],
    ["ValidationError", "bug", "table-request-invalid"],
  ])("gives up on %s as %s %s", async (reason, kind, code) => {
    const { table } = tableOver(() => Promise.reject(cancelled("None", reason)));

    await expect(
      createCrossReferenceStore(table, () => 0).save(aCustomer("1"), claims, []),
    ).rejects.toMatchObject({ failure: { kind, code } });
  });

  it("takes a refusal by its own first try, whose answer was lost, for success", async () => {
    let stored: Record<string, AttributeValue> | undefined;
    const { table } = tableOver(async (command) => {
      if (!(command instanceof PutItemCommand)) throw new TypeError("unexpected call");
      stored ??= command.input.Item;
      throw new ConditionalCheckFailedException({
        message: "refused",
        $metadata,
        ...(stored === undefined ? {} : { Item: stored }),
      });
    });
    const store = createCrossReferenceStore(table, () => 0);

    expect(await store.save(aCustomer("1"), noClaims, [])).toBe("saved");
    expect(await store.save(aCustomer("1"), noClaims, [])).toBe("stale");

    stored = undefined;
    const dedup = createDedupStore(table);
    expect(await dedup.firstSeen("crm", "1", 0)).toBe(true);
    expect(await dedup.firstSeen("crm", "1", 0)).toBe(false);
  });
});

describe("calls", () => {
  it.each([
    ["ValidationException", "bug", "table-request-invalid"],
    ["ThrottlingException", "retryable", "table-busy"],
    ["TransactionConflictException", "retryable", "table-busy"],
    ["TimeoutError", "retryable", "table-unavailable"],
    ["ResourceNotFoundException", "retryable", "table-unavailable"],
  ])("answered by %s are %s %s", async (name, kind, code) => {
    const { table } = tableOver(() => Promise.reject(named(name)));

    await expect(table.get({ pk: "1", sk: "1" })).rejects.toMatchObject({
      failure: { kind, code },
    });
  });

  it("are bounded in number", async () => {
    let underWay = 0;
    let most = 0;
    const { table } = tableOver(async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await Promise.resolve();
      underWay -= 1;
      return {};
    });

    await Promise.all(
      Array.from({ length: 100 }, (_, index) => table.get({ pk: String(index), sk: "1" })),
    );

    expect(most).toBe(limits.tableConcurrencyMax);
  });
});

describe("reading many", () => {
  const keys = Array.from({ length: 250 }, (_, index) => ({ pk: String(index), sk: "xref" }));

  function keysOf(command: unknown): Record<string, AttributeValue>[] {
    if (!(command instanceof BatchGetItemCommand)) throw new TypeError("unexpected call");
    return command.input.RequestItems?.["mapping"]?.Keys ?? [];
  }

  it("asks again for what an answer left out", async () => {
    const sizes: number[] = [];
    const { table, pauses } = tableOver(async (command) => {
      const asked = keysOf(command);
      sizes.push(asked.length);
      const left = asked.slice(40);
      return {
        Responses: { mapping: asked.slice(0, 40) },
        UnprocessedKeys: left.length === 0 ? {} : { mapping: { Keys: left } },
      };
    });

    const items = await table.getMany([...keys, ...keys]);

    expect(new Set(items.map((item) => item["pk"]?.S)).size).toBe(250);
    expect(items).toHaveLength(250);
    expect(sizes.toSorted((left, right) => right - left)).toEqual([
      100, 100, 60, 60, 50, 20, 20, 10,
    ]);
    expect(pauses()).toBe(5);
  });

  it("gives up when nothing comes any more", async () => {
    const { table } = tableOver(async (command) => ({
      Responses: { mapping: [] },
      UnprocessedKeys: { mapping: { Keys: keysOf(command) } },
    }));

    await expect(table.getMany(keys)).rejects.toMatchObject({
      failure: { kind: "retryable", code: "table-busy" },
    });
  });
});
