import { expect, it } from "vitest";
import { readBatchFailures } from "#infra/local/host/batch-failures.ts";

const ALL = ["1", "2", "3"];

it.each([
  [undefined, []],
  [null, []],
  [{}, []],
  [{ batchItemFailures: null }, []],
  [{ batchItemFailures: [] }, []],
  [{ batchItemFailures: [{ itemIdentifier: "2" }] }, ["2"]],
  [{ batchItemFailures: [{ itemIdentifier: "" }] }, ALL],
  [{ batchItemFailures: [{ itemIdentifier: null }] }, ALL],
  [{ batchItemFailures: [{ itemIdentifier: "2" }, { itemIdentifier: "9" }] }, ALL],
  [{ batchItemFailures: [{ id: "2" }] }, ALL],
  [{ batchItemFailures: "2" }, ALL],
  ["nonsense", ALL],
])("reads %j as Lambda does", (response, failed) => {
  expect([...readBatchFailures(response, ALL)]).toEqual(failed);
});
