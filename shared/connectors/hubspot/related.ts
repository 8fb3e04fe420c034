/** The objects around a deal: its companies and its line items, for many deals in few calls. */
import type { ExternalId } from "#shared/domain/identifiers.ts";
import { assert } from "#shared/domain/sync-error.ts";
import { readInBatches } from "./batches.ts";
import type { HubspotClient, ObjectType } from "./client.ts";
import { batchMax } from "./definition.ts";
import type { CompanyLink } from "./mapping-order.ts";
import type { RemoteObject } from "./schema.ts";

/** Pages of one record's associations: 500 to a page, so this is far beyond any real deal. */
const ROUNDS_MAX = 50;

/** Who each record is linked with; a record that is linked with none has an empty list. */
export async function readLinks(
  client: HubspotClient,
  from: ObjectType,
  to: ObjectType,
  ids: readonly ExternalId[],
  signal: AbortSignal,
): Promise<ReadonlyMap<ExternalId, readonly CompanyLink[]>> {
  const links = new Map<ExternalId, CompanyLink[]>(ids.map((id) => [id, []]));
  let inputs: { readonly id: string; readonly after?: string }[] = ids.map((id) => ({ id }));
  for (let round = 0; inputs.length > 0; round += 1) {
    assert(round < ROUNDS_MAX, "associations-endless");
    const answers = await readInBatches(inputs, batchMax.associationsRead, (batch) =>
      client.readAssociations(from, to, batch, signal),
    );
    for (const answer of answers) {
      const known = links.get(answer.from.id);
      for (const link of answer.to) {
        const typeIds = link.associationTypes.map((type) => type.typeId);
        known?.push({ id: link.toObjectId, typeIds });
      }
    }
    inputs = answers.flatMap((answer) => {
      const after = answer.paging?.next?.after;
      return after === undefined ? [] : [{ id: answer.from.id, after }];
    });
  }
  return links;
}

/** Live objects by id. */
export async function readObjectsById(
  client: HubspotClient,
  type: ObjectType,
  ids: readonly ExternalId[],
  properties: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<ExternalId, RemoteObject>> {
  const objects = await readInBatches(ids, batchMax.objects, (batch) =>
    client.readObjects(type, { ids: batch, properties }, signal),
  );
  return new Map(objects.map((object) => [object.id, object]));
}
