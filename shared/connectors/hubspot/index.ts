/** HubSpot as a connection: companies, products and deals with their line items. */
import type { HubspotSettings } from "#shared/contracts/connections.ts";
import type { CustomPlace } from "#shared/domain/custom-field.ts";
import { readNames } from "#shared/domain/custom-places.ts";
import type { RecordType } from "#shared/domain/identifiers.ts";
import { type Failure, SyncError } from "#shared/domain/sync-error.ts";
import type {
  Connector,
  LookUpRequest,
  LookUpResult,
  ReadChangesRequest,
  RemoteWrite,
  WriteResult,
} from "#shared/ports/connector.ts";
import type { Transport } from "../transport.ts";
import { createAccount } from "./account.ts";
import { HubspotClient, type ObjectType } from "./client.ts";
import { readCustom } from "./custom-places.ts";
import { hubspotDefinition } from "./definition.ts";
import { lookUpProducts, lookUpRegistered } from "./look-up.ts";
import { objectTypeOf, observedRecordOf, requireSupported, type SupportedType } from "./mapping.ts";
import { customerProperties, readCustomer } from "./mapping-customer.ts";
import { orderProperties } from "./mapping-order.ts";
import { productProperties, readProduct } from "./mapping-product.ts";
import type { OrderContext } from "./order-drafts.ts";
import { readOrders } from "./read-orders.ts";
import { isQuoteCursor, readQuotedDeals } from "./read-quotes.ts";
import {
  collectRecords,
  findObjects,
  type ObjectPage,
  type ReadRecords,
  readMerged,
  readObjectPage,
} from "./reading.ts";
import type { RemoteObject } from "./schema.ts";
import { receiveHubspotWebhook } from "./webhook.ts";
import { writeOrders } from "./write-orders.ts";
import { writeCustomers, writeProducts } from "./write-records.ts";

const ownPropertiesOf: Readonly<Record<SupportedType, readonly string[]>> = {
  customer: customerProperties,
  product: productProperties,
  order: orderProperties,
};

/** The objects a record is made of, whose custom properties must be there. */
const objectsOf: Readonly<Record<SupportedType, readonly ObjectType[]>> = {
  customer: ["companies"],
  product: ["products"],
  order: ["deals", "line_items"],
};

export function createHubspotConnector(
  settings: HubspotSettings,
  deps: {
    readonly transport: Transport;
    readonly now: () => number;
    /** The company's custom fields, judged by `judgeHubspotPlace`. */
    readonly places?: readonly CustomPlace[];
  },
): Connector {
  const client = new HubspotClient(settings, deps);
  const { id: connection, pipelineId, wonStageId, acceptedQuotes } = settings;
  const { places = [] } = deps;
  const account = createAccount(client, deps.now, places);
  const context: OrderContext = {
    ...{ connection, client, account, places },
    ...{ pipelineId, wonStageId, acceptedQuotes },
  };
  return {
    connection,
    definition: hubspotDefinition,

    readChanges: async (recordType, request) => {
      const supported = await start(context, recordType, request.signal);
      const properties = propertiesOf(context, supported);
      const page = await readPage(context, supported, properties, request);
      const read = await toRecords(context, supported, page.objects, request.signal);
      return { ...read, nextCursor: page.nextCursor };
    },

    readByIds: async (recordType, externalIds, signal) => {
      const supported = await start(context, recordType, signal);
      const properties = propertiesOf(context, supported);
      const type = objectTypeOf[supported];
      const found = await findObjects(client, type, externalIds, properties, signal);
      const read = await toRecords(context, supported, found.objects, signal);
      const merged = readMerged(supported, found.merged);
      return {
        records: [...read.records, ...merged.records],
        unreadable: [...read.unreadable, ...merged.unreadable],
        missing: found.missing,
      };
    },

    write: (recordType, writes, signal) => write(context, recordType, writes, signal),

    lookUp: (recordType, requests, signal) =>
      lookUp(context, recordType, requests, deps.now(), signal),

    receiveWebhook: (request, nowMs) =>
      receiveHubspotWebhook(settings.webhookSecret, request, nowMs),

    prepare: (signal) => account.ensure(["companies", "products", "deals", "line_items"], signal),
  };
}

/** Where accepted quotes win deals, the pages of changed quotes come before those of changed deals. */
function readPage(
  { client, acceptedQuotes }: OrderContext,
  recordType: SupportedType,
  properties: readonly string[],
  request: ReadChangesRequest,
): Promise<ObjectPage> {
  const { cursor, since } = request;
  const isOfQuotes =
    cursor === undefined
      ? recordType === "order" && acceptedQuotes === "win-deals"
      : isQuoteCursor(cursor);
  if (isOfQuotes && since !== undefined) {
    return readQuotedDeals(client, properties, { ...request, since });
  }
  return readObjectPage(client, objectTypeOf[recordType], properties, request);
}

/** What is asked for of a record: our own properties, and those of custom fields that are read. */
function propertiesOf({ places }: OrderContext, recordType: SupportedType): readonly string[] {
  return [...ownPropertiesOf[recordType], ...readNames(places, recordType)];
}

/** Refuses what HubSpot does not hold for us, then sees to the custom properties of the type. */
async function start(
  context: OrderContext,
  recordType: RecordType,
  signal: AbortSignal,
): Promise<SupportedType> {
  const supported = requireSupported(recordType);
  await context.account.ensure(objectsOf[supported], signal);
  return supported;
}

async function toRecords(
  context: OrderContext,
  recordType: SupportedType,
  objects: readonly RemoteObject[],
  signal: AbortSignal,
): Promise<ReadRecords> {
  if (recordType === "order") return readOrders(context, objects, signal);
  const read = recordType === "customer" ? readCustomer : readProduct;
  const readAll = ({ properties }: RemoteObject) => ({
    ...read(properties),
    ...readCustom(context.places, recordType, properties),
  });
  return collectRecords(recordType, objects, (object) =>
    observedRecordOf(recordType, object, object.archived === true ? {} : readAll(object)),
  );
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
