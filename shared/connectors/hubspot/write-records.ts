/** Writes customers and products: one HubSpot object each. */
import type { Fields } from "#shared/domain/records.ts";
import { type Failure, SyncError } from "#shared/domain/sync-error.ts";
import type { RemoteWrite, WriteResult } from "#shared/ports/connector.ts";
import type { WriteAction } from "./client.ts";
import { readCustom, writeCustom } from "./custom-places.ts";
import {
  ID_PROPERTY,
  objectTypeOf,
  type Properties,
  type PropertyPatch,
  versionOf,
} from "./mapping.ts";
import { readCustomer, writeCustomer } from "./mapping-customer.ts";
import { CODE_PROPERTY, codeOf, readProduct, writeProduct } from "./mapping-product.ts";
import type { HubspotContext } from "./read-orders.ts";
import { type Row, type RowOutcome, writeRows } from "./rows.ts";
import type { RemoteObject } from "./schema.ts";

interface Plan {
  readonly write: RemoteWrite;
  readonly action: WriteAction;
  readonly row: Row;
}

const codeMissing: Failure = {
  kind: "rejected",
  code: "product-code-missing",
  field: "code",
  fix: "Give the product a code (SKU): without one HubSpot could be sent it twice.",
};

export function writeCustomers(
  context: HubspotContext,
  writes: readonly RemoteWrite[],
  signal: AbortSignal,
): Promise<WriteResult[]> {
  return writePlanned(context, "customer", writes, planCustomer, readCustomer, signal);
}

export function writeProducts(
  context: HubspotContext,
  writes: readonly RemoteWrite[],
  signal: AbortSignal,
): Promise<WriteResult[]> {
  return writePlanned(context, "product", writes, planProduct, readProduct, signal);
}

/** What an answer shows of the owed fields; nothing where it cannot be read, as the next read tells. */
export function observeWritten(owed: Fields, read: () => Fields): Fields {
  try {
    return Object.fromEntries(
      Object.entries(read()).filter(([field]) => owed[field] !== undefined),
    );
  } catch (cause) {
    if (cause instanceof SyncError) return {};
    throw cause;
  }
}

/** The result of a written row; `uncertain` where the answer does not say when it was written. */
export function resultOf(object: RemoteObject, observed: Fields): WriteResult {
  const version = planOrFail(() => versionOf(object));
  if (typeof version === "number") {
    return { kind: "written", externalId: object.id, version, observed };
  }
  return { kind: "failed", failure: { ...version.failure, kind: "uncertain" } };
}

/** Runs the mapping of one write; what it throws is that write's own failure. */
export function planOrFail<Planned>(plan: () => Planned): Planned | { readonly failure: Failure } {
  try {
    return plan();
  } catch (cause) {
    if (cause instanceof SyncError) return { failure: cause.failure };
    throw cause;
  }
}

function planCustomer(write: RemoteWrite): Plan {
  const properties = writeCustomer(write.fields, write.record);
  if (write.externalId !== undefined) {
    return { write, action: "update", row: { id: write.externalId, properties } };
  }
  const mark = { property: ID_PROPERTY, value: write.canonicalId };
  const row = { id: write.canonicalId, idProperty: ID_PROPERTY, mark, properties };
  return { write, action: "upsert", row };
}

function planProduct(write: RemoteWrite): Plan {
  const properties = writeProduct(write.fields);
  if (write.externalId !== undefined) {
    return { write, action: "update", row: { id: write.externalId, properties } };
  }
  const code = codeOf(write.record) ?? codeOf(write.fields);
  if (code === null) throw new SyncError(codeMissing);
  const mark = { property: CODE_PROPERTY, value: code };
  return {
    write,
    action: "create",
    row: { mark, properties: { ...properties, [CODE_PROPERTY]: code } },
  };
}

function withCustom(plan: Plan, custom: PropertyPatch): Plan {
  return { ...plan, row: { ...plan.row, properties: { ...plan.row.properties, ...custom } } };
}

async function writePlanned(
  context: HubspotContext,
  recordType: "customer" | "product",
  writes: readonly RemoteWrite[],
  plan: (write: RemoteWrite) => Plan,
  read: (properties: Properties) => Fields,
  signal: AbortSignal,
): Promise<WriteResult[]> {
  const { places } = context;
  const plans = writes.map((write) =>
    planOrFail(() => withCustom(plan(write), writeCustom(places, recordType, write.fields))),
  );
  const outcomes = new Map<Plan, RowOutcome>();
  for (const action of ["upsert", "create", "update"] as const) {
    const batch = plans.filter((one): one is Plan => "row" in one && one.action === action);
    const rows = batch.map((one) => one.row);
    const answers = await writeRows(context.client, objectTypeOf[recordType], action, rows, signal);
    for (const [at, one] of batch.entries()) {
      const outcome = answers[at];
      if (outcome !== undefined) outcomes.set(one, outcome);
    }
  }
  return plans.map((one): WriteResult => {
    if ("failure" in one) return { kind: "failed", failure: one.failure };
    const outcome = outcomes.get(one);
    if (outcome === undefined) {
      return { kind: "failed", failure: { kind: "bug", code: "outcome-missing" } };
    }
    if (outcome.kind === "failed") return outcome;
    const { object } = outcome;
    return resultOf(
      object,
      observeWritten(one.write.fields, () => ({
        ...read(object.properties),
        ...readCustom(places, recordType, object.properties),
      })),
    );
  });
}
