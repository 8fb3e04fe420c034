/** What an order's write comes to, before anything is sent. */
import type { CustomPlace } from "#shared/domain/custom-field.ts";
import type { CurrencyCode } from "#shared/domain/money.ts";
import { isLines, isReference, type OrderStatus, orderStatuses } from "#shared/domain/records.ts";
import { assert, SyncError } from "#shared/domain/sync-error.ts";
import type { RemoteWrite } from "#shared/ports/connector.ts";
import { writeCustom } from "./custom-places.ts";
import { inField, type Properties, type PropertyPatch, readText } from "./mapping.ts";
import { externalIdOf, lineKeyOf, writeLine } from "./mapping-lines.ts";
import { PIPELINE, STAGE, writeOrder, writeOrderName } from "./mapping-order.ts";
import { type StageBook, stageMissing } from "./pipelines.ts";

export interface OrderPlan {
  readonly isLinked: boolean;
  readonly patch: PropertyPatch;
  /** The status to show; `undefined` where none is owed. A new deal always has one. */
  readonly status: OrderStatus | undefined;
  readonly currency: CurrencyCode | null;
  /** `undefined` where lines are not owed; empty where there are to be none. */
  readonly lines:
    | readonly { readonly key: string; readonly properties: PropertyPatch }[]
    | undefined;
  /** Null where the order is to have no customer, `undefined` where nothing is owed. */
  readonly customerId: string | null | undefined;
}

/** Throws SyncError where the write cannot be said in HubSpot's terms. */
export function planOrder(write: RemoteWrite, places: readonly CustomPlace[]): OrderPlan {
  const { fields, record, canonicalId } = write;
  const isLinked = write.externalId !== undefined;
  const code = fields["currency"] ?? record["currency"];
  const currency = typeof code === "string" ? code : null;
  const lines = fields["lines"];
  const customer = fields["customer"];
  assert(
    customer === undefined || customer === null || isReference(customer),
    "field-value-unexpected",
  );
  return {
    isLinked,
    patch: {
      ...writeOrder(fields, record),
      ...(isLinked ? {} : writeOrderName(fields, record)),
      ...writeCustom(places, "order", fields),
    },
    status: statusOwed(write),
    currency,
    lines: isLines(lines)
      ? lines.map((line, index) => ({
          key: lineKeyOf(canonicalId, index),
          properties: inField(`lines[${index}]`, () =>
            writeLine(line, { index, currency, isNew: !isLinked }),
          ),
        }))
      : undefined,
    customerId: isReference(customer) ? externalIdOf(customer) : customer,
  };
}

/**
 * The deal's properties with its stage: a new deal goes to the configured pipeline, one that is there
 * stays in its own and moves only where its stage means something else. Throws `rejected`
 * (`stage-missing`) where the pipeline has no such stage.
 */
export function dealPatchOf(
  plan: OrderPlan,
  current: Properties | undefined,
  stages: StageBook,
  settings: { readonly pipelineId: string; readonly wonStageId: string },
): { readonly properties: PropertyPatch } {
  if (plan.status === undefined) return { properties: plan.patch };
  const currentPipeline = readText(current?.[PIPELINE]);
  const currentStage = readText(current?.[STAGE]);
  if (currentPipeline !== null && currentStage !== null) {
    const isThere = stages.statusOf(currentPipeline, currentStage) === plan.status;
    if (isThere) return { properties: plan.patch };
  }
  const pipelineId = currentPipeline ?? settings.pipelineId;
  const stageId = stageFor(pipelineId, plan.status, stages, settings);
  if (stageId === undefined) throw new SyncError(stageMissing);
  return { properties: { ...plan.patch, [PIPELINE]: pipelineId, [STAGE]: stageId } };
}

function stageFor(
  pipelineId: string,
  status: OrderStatus,
  stages: StageBook,
  settings: { readonly pipelineId: string; readonly wonStageId: string },
): string | undefined {
  if (status !== "won" || pipelineId !== settings.pipelineId) {
    return stages.stageFor(pipelineId, status);
  }
  const isWon = stages.statusOf(pipelineId, settings.wonStageId) === "won";
  return isWon ? settings.wonStageId : undefined;
}

function statusOwed(write: RemoteWrite): OrderStatus | undefined {
  const isLinked = write.externalId !== undefined;
  const owed = write.fields["status"] ?? (isLinked ? undefined : write.record["status"]);
  const status = orderStatuses.find((known) => known === owed);
  return status ?? (isLinked ? undefined : "open");
}
