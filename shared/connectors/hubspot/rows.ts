/**
 * Writes rows by the hundred and finds out what became of each: by the trace id it was sent with, by
 * its unique value or by its id, never by its place in the answer. A row of which the answer says
 * nothing is `uncertain`.
 */
import type { Failure } from "#shared/domain/sync-error.ts";
import { sendInBatches } from "./batches.ts";
import type {
  AssociationInput,
  HubspotClient,
  InlineAssociation,
  ObjectType,
  WriteAction,
} from "./client.ts";
import { batchMax } from "./definition.ts";
import { failureOfRow } from "./errors.ts";
import { contextTexts, type ObjectBatch, type RemoteObject } from "./schema.ts";

export interface Row {
  /** The id, or for an upsert the value of `idProperty`; absent for a create. */
  readonly id?: string | undefined;
  readonly idProperty?: string | undefined;
  /** A property by whose value the row is told from the others of its batch. */
  readonly mark?: { readonly property: string; readonly value: string } | undefined;
  readonly properties: Readonly<Record<string, string>>;
  readonly associations?: readonly InlineAssociation[] | undefined;
}

export type RowOutcome =
  | { readonly kind: "written"; readonly object: RemoteObject }
  | { readonly kind: "failed"; readonly failure: Failure };

const unconfirmed: Failure = { kind: "uncertain", code: "write-unconfirmed" };

/** HubSpot took the write for the record that took this one in: which one is meant must be seen anew. */
const merged: Failure = { kind: "conflict", code: "record-merged" };

/** One outcome for each row, in their order; never throws for a remote's answer. */
export function writeRows(
  client: HubspotClient,
  type: ObjectType,
  action: WriteAction,
  rows: readonly Row[],
  signal: AbortSignal,
): Promise<RowOutcome[]> {
  return sendInBatches<Row, RowOutcome>({
    inputs: rows,
    sizeMax: batchMax.objects,
    keyOf: (row) => row.id ?? row.mark?.value ?? "",
    failed: (failure) => ({ kind: "failed", failure }),
    send: async (batch) => {
      const inputs = batch.map(({ id, idProperty, properties, associations }, at) => ({
        id,
        idProperty,
        objectWriteTraceId: String(at),
        properties,
        associations,
      }));
      return matchOutcomes(batch, await client.writeObjects(type, action, inputs, signal));
    },
  });
}

type LinkOutcome =
  | { readonly kind: "linked" }
  | { readonly kind: "failed"; readonly failure: Failure };

/** One outcome for each association, in their order; never throws for a remote's answer. */
export function writeAssociations(
  client: HubspotClient,
  from: ObjectType,
  to: ObjectType,
  inputs: readonly AssociationInput[],
  signal: AbortSignal,
): Promise<LinkOutcome[]> {
  return sendInBatches<AssociationInput, LinkOutcome>({
    inputs,
    sizeMax: batchMax.associationsCreate,
    keyOf: pairOf,
    failed: (failure) => ({ kind: "failed", failure }),
    send: async (batch) => {
      const answer = await client.createAssociations(from, to, batch, signal);
      const made = new Set(
        answer.results.map((pair) => pairOf({ fromId: pair.fromObjectId, toId: pair.toObjectId })),
      );
      const failures = new Map(
        answer.errors.flatMap((error) => namedIds(error).map((id) => [id, failureOfRow(error)])),
      );
      const [only] = batch.length === 1 ? answer.errors.map(failureOfRow) : [];
      return batch.map((input) => {
        if (made.has(pairOf(input))) return { kind: "linked" };
        const named = failures.get(input.fromId) ?? failures.get(input.toId);
        return { kind: "failed", failure: named ?? only ?? unconfirmed };
      });
    },
  });
}

function matchOutcomes(batch: readonly Row[], answer: ObjectBatch): RowOutcome[] {
  const outcomes: (RowOutcome | undefined)[] = batch.map(() => undefined);
  for (const object of answer.results) {
    const at = batch.findIndex((row, index) => isOf(object, row, index));
    const row = batch[at];
    if (row === undefined) continue;
    const isElsewhere =
      row.id !== undefined && row.idProperty === undefined && object.id !== row.id;
    outcomes[at] = isElsewhere ? { kind: "failed", failure: merged } : { kind: "written", object };
  }
  for (const error of answer.errors) {
    const traces = contextTexts(error, "objectWriteTraceId");
    const ids = namedIds(error);
    for (const [at, row] of batch.entries()) {
      const isNamed = traces.includes(String(at)) || (row.id !== undefined && ids.includes(row.id));
      if (!isNamed && batch.length > 1) continue;
      outcomes[at] ??= { kind: "failed", failure: failureOfRow(error) };
    }
  }
  return outcomes.map((outcome) => outcome ?? { kind: "failed", failure: unconfirmed });
}

function isOf(object: RemoteObject, row: Row, at: number): boolean {
  if (object.objectWriteTraceId !== undefined) return object.objectWriteTraceId === String(at);
  if (row.mark !== undefined) return object.properties[row.mark.property] === row.mark.value;
  return object.id === row.id;
}

function namedIds(error: ObjectBatch["errors"][number]): string[] {
  return ["ids", "id", "fromObjectId", "toObjectId"].flatMap((name) => contextTexts(error, name));
}

function pairOf(pair: { readonly fromId: string; readonly toId: string }): string {
  return `${pair.fromId} ${pair.toId}`;
}
