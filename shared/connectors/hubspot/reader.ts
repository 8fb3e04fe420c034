/** The half of HubSpot that is read: pages of what changed, and records by their ids. */
import type { HubspotSettings } from "#shared/contracts/connections.ts";
import type { CustomPlace } from "#shared/domain/custom-field.ts";
import { readNames } from "#shared/domain/custom-places.ts";
import type { RecordType } from "#shared/domain/identifiers.ts";
import type { Connector, ReadChangesRequest, SystemReader } from "#shared/ports/connector.ts";
import type { Transport } from "../transport.ts";
import { createAccount } from "./account.ts";
import { HubspotClient, type ObjectType } from "./client.ts";
import { readCustom } from "./custom-places.ts";
import { hubspotDefinition } from "./definition.ts";
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

export interface HubspotDependencies {
  readonly transport: Transport;
  readonly now: () => number;
  /** The company's custom fields, judged by `judgeHubspotPlace`. */
  readonly places?: readonly CustomPlace[];
}

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

export function createHubspotReader(
  settings: HubspotSettings,
  deps: HubspotDependencies,
): SystemReader {
  return createReading(createOrderContext(settings, deps));
}

export function createOrderContext(
  settings: HubspotSettings,
  deps: HubspotDependencies,
): OrderContext {
  const client = new HubspotClient(settings, deps);
  const { id: connection, pipelineId, wonStageId, acceptedQuotes } = settings;
  const { places = [] } = deps;
  const account = createAccount(client, deps.now, places);
  return {
    ...{ connection, client, account, places },
    ...{ pipelineId, wonStageId, acceptedQuotes },
  };
}

export function createReading(
  context: OrderContext,
): Pick<Connector, "connection" | "definition" | "readChanges" | "readByIds"> {
  const { connection, client } = context;
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
export function propertiesOf(
  { places }: OrderContext,
  recordType: SupportedType,
): readonly string[] {
  return [...ownPropertiesOf[recordType], ...readNames(places, recordType)];
}

/** Refuses what HubSpot does not hold for us, then sees to the custom properties of the type. */
export async function start(
  context: OrderContext,
  recordType: RecordType,
  signal: AbortSignal,
): Promise<SupportedType> {
  const supported = requireSupported(recordType);
  await context.account.ensure(objectsOf[supported], signal);
  return supported;
}

export async function toRecords(
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
