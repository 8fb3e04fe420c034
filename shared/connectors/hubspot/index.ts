/** HubSpot as a connection: companies, products and deals with their line items. */
import type { HubspotSettings } from "#shared/contracts/connections.ts";
import type { RecordType } from "#shared/domain/identifiers.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type {
  ChangePage,
  Connector,
  LookUpRequest,
  LookUpResult,
  RemoteWrite,
  WriteResult,
} from "#shared/ports/connector.ts";
import type { Transport } from "../transport.ts";
import { createAccount } from "./account.ts";
import { createHubspotClient, type ObjectType } from "./client.ts";
import { hubspotDefinition } from "./definition.ts";
import { lookUpProducts, lookUpRegistered } from "./look-up.ts";
import {
  isSupported,
  objectTypeOf,
  observedRecordOf,
  requireSupported,
  type SupportedType,
  unsupported,
} from "./mapping.ts";
import { customerProperties, readCustomer } from "./mapping-customer.ts";
import { orderProperties } from "./mapping-order.ts";
import { productProperties, readProduct } from "./mapping-product.ts";
import type { OrderContext } from "./order-drafts.ts";
import { readOrders } from "./read-orders.ts";
import { collectRecords, findObjects, type ReadRecords, readObjectPage } from "./reading.ts";
import type { RemoteObject } from "./schema.ts";
import { receiveHubspotWebhook } from "./webhook.ts";
import { writeOrders } from "./write-orders.ts";
import { writeCustomers, writeProducts } from "./write-records.ts";

const propertiesOf: Readonly<Record<SupportedType, readonly string[]>> = {
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
  deps: { readonly transport: Transport; readonly now: () => number },
): Connector {
  const client = createHubspotClient(settings, deps);
  const account = createAccount(client, deps.now);
  const { pipelineId, wonStageId } = settings;
  const context: OrderContext = {
    connection: settings.id,
    client,
    account,
    pipelineId,
    wonStageId,
  };

  async function start(recordType: RecordType, signal: AbortSignal): Promise<SupportedType> {
    const supported = requireSupported(recordType);
    await account.ensure(objectsOf[supported], signal);
    return supported;
  }

  async function toRecords(
    recordType: SupportedType,
    objects: readonly RemoteObject[],
    signal: AbortSignal,
  ): Promise<ReadRecords> {
    if (recordType === "order") return readOrders(context, objects, signal);
    const read = recordType === "customer" ? readCustomer : readProduct;
    return collectRecords(recordType, objects, (object) =>
      observedRecordOf(recordType, object, object.archived === true ? {} : read(object.properties)),
    );
  }

  function writeSupported(
    recordType: SupportedType,
    writes: readonly RemoteWrite[],
    signal: AbortSignal,
  ): Promise<WriteResult[]> {
    switch (recordType) {
      case "customer":
        return writeCustomers(context, writes, signal);
      case "product":
        return writeProducts(context, writes, signal);
      case "order":
        return writeOrders(context, writes, signal);
    }
  }

  return {
    connection: settings.id,
    definition: hubspotDefinition,

    readChanges: async (recordType, request): Promise<ChangePage> => {
      const supported = await start(recordType, request.signal);
      const properties = propertiesOf[supported];
      const page = await readObjectPage(client, objectTypeOf[supported], properties, request);
      const { records, unreadable } = await toRecords(supported, page.objects, request.signal);
      return { records, unreadable, nextCursor: page.nextCursor };
    },

    readByIds: async (recordType, externalIds, signal) => {
      const supported = await start(recordType, signal);
      const type = objectTypeOf[supported];
      const { objects, missing } = await findObjects(
        client,
        type,
        externalIds,
        propertiesOf[supported],
        signal,
      );
      return { ...(await toRecords(supported, objects, signal)), missing };
    },

    write: async (recordType, writes, signal) => {
      if (!isSupported(recordType)) {
        return writes.map(() => ({ kind: "failed", failure: unsupported }));
      }
      if (writes.length === 0) return [];
      try {
        await start(recordType, signal);
        const results = await writeSupported(recordType, writes, signal);
        if (results.some(isPropertyMissing)) account.forgetProperties();
        return results;
      } catch (cause) {
        // Only what comes before the first write throws, so nothing can have taken effect.
        if (!(cause instanceof SyncError)) throw cause;
        const { failure } = cause;
        return writes.map(() => ({ kind: "failed", failure }));
      }
    },

    lookUp: async (
      recordType: RecordType,
      requests: readonly LookUpRequest[],
      signal: AbortSignal,
    ): Promise<LookUpResult[]> => {
      const supported = await start(recordType, signal);
      if (requests.length === 0) return [];
      if (supported === "product") {
        const read = (objects: readonly RemoteObject[]) =>
          collectRecords("product", objects, (object) =>
            observedRecordOf("product", object, readProduct(object.properties)),
          );
        return lookUpProducts(context, requests, read, deps.now(), signal);
      }
      const read = (objects: readonly RemoteObject[]) => toRecords(supported, objects, signal);
      return lookUpRegistered(context, supported, requests, propertiesOf[supported], read, signal);
    },

    receiveWebhook: (request, nowMs) =>
      receiveHubspotWebhook(settings.webhookSecret, request, nowMs),

    prepare: (signal) => account.ensure(["companies", "products", "deals", "line_items"], signal),
  };
}

function isPropertyMissing(result: WriteResult): boolean {
  return result.kind === "failed" && result.failure.code === "property-missing";
}
