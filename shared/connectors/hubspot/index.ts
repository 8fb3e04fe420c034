/** HubSpot as a connection: companies, products and deals with their line items. */
import type { HubspotSettings } from "#shared/contracts/connections.ts";
import type { RecordType } from "#shared/domain/identifiers.ts";
import { type Failure, SyncError } from "#shared/domain/sync-error.ts";
import type {
  Connector,
  LookUpRequest,
  LookUpResult,
  RemoteWrite,
  WriteResult,
} from "#shared/ports/connector.ts";
import { lookUpProducts, lookUpRegistered } from "./look-up.ts";
import type { OrderContext } from "./order-drafts.ts";
import {
  createOrderContext,
  createReading,
  type HubspotDependencies,
  propertiesOf,
  start,
  toRecords,
} from "./reader.ts";
import type { RemoteObject } from "./schema.ts";
import { receiveHubspotWebhook } from "./webhook.ts";
import { writeOrders } from "./write-orders.ts";
import { writeCustomers, writeProducts } from "./write-records.ts";

export function createHubspotConnector(
  settings: HubspotSettings,
  deps: HubspotDependencies,
): Connector {
  const context = createOrderContext(settings, deps);
  return {
    ...createReading(context),

    write: (recordType, writes, signal) => write(context, recordType, writes, signal),

    lookUp: (recordType, requests, signal) =>
      lookUp(context, recordType, requests, deps.now(), signal),

    receiveWebhook: (request, nowMs) =>
      receiveHubspotWebhook(settings.webhookSecret, request, nowMs),

    prepare: (signal) =>
      context.account.ensure(["companies", "products", "deals", "line_items"], signal),
  };
}

/** HubSpot's API archives, but nothing in it restores: both are left to a person. */
const lifeNotWritable: Failure = {
  kind: "rejected",
  code: "life-not-writable",
  fix: "Archive or restore the record by hand in HubSpot.",
};

async function write(
  context: OrderContext,
  recordType: RecordType,
  writes: readonly RemoteWrite[],
  signal: AbortSignal,
): Promise<WriteResult[]> {
  const ofFields = writes.filter((one) => one.life === undefined);
  const results = await writeFields(context, recordType, ofFields, signal);
  const resultOf = new Map(ofFields.map((one, index) => [one, results[index]]));
  return writes.map((one): WriteResult => {
    if (one.life !== undefined) return { kind: "failed", failure: lifeNotWritable };
    const missing = { kind: "failed", failure: { kind: "bug", code: "outcome-missing" } } as const;
    return resultOf.get(one) ?? missing;
  });
}

async function writeFields(
  context: OrderContext,
  recordType: RecordType,
  writes: readonly RemoteWrite[],
  signal: AbortSignal,
): Promise<WriteResult[]> {
  if (writes.length === 0) return [];
  try {
    const supported = await start(context, recordType, signal);
    const results = await writersOf[supported](context, writes, signal);
    if (results.some(isPropertyMissing)) context.account.forgetProperties();
    return results;
  } catch (cause) {
    // Only what comes before the first write throws, so nothing can have taken effect.
    if (!(cause instanceof SyncError)) throw cause;
    const { failure } = cause;
    return writes.map(() => ({ kind: "failed", failure }));
  }
}

const writersOf = {
  customer: writeCustomers,
  product: writeProducts,
  order: writeOrders,
} as const;

async function lookUp(
  context: OrderContext,
  recordType: RecordType,
  requests: readonly LookUpRequest[],
  nowMs: number,
  signal: AbortSignal,
): Promise<LookUpResult[]> {
  const supported = await start(context, recordType, signal);
  if (requests.length === 0) return [];
  const read = (objects: readonly RemoteObject[]) => toRecords(context, supported, objects, signal);
  if (supported === "product") return lookUpProducts(context, requests, read, nowMs, signal);
  const properties = propertiesOf(context, supported);
  return lookUpRegistered(context, supported, requests, properties, read, signal);
}

function isPropertyMissing(result: WriteResult): boolean {
  return result.kind === "failed" && result.failure.code === "property-missing";
}
