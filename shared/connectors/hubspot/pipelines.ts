/**
 * What a deal's stage means: won where the stage is closed with certainty 1, lost where it is closed
 * otherwise, open else (developers.hubspot.com, pipelines, read 2026-11).
 */
import type * as z from "zod";
import { normalizeDecimal } from "#shared/domain/decimal.ts";
import type { OrderStatus } from "#shared/domain/records.ts";
import type { Failure } from "#shared/domain/sync-error.ts";
import type { pipelineList } from "./schema.ts";

type Pipelines = z.infer<typeof pipelineList>["results"];

export interface StageBook {
  /** `undefined` for a stage the account did not have when it was read. */
  readonly statusOf: (pipelineId: string, stageId: string) => OrderStatus | undefined;
  /** The first stage of a status that may still be entered, in the pipeline's order. */
  readonly stageFor: (pipelineId: string, status: OrderStatus) => string | undefined;
}

export const stageMissing: Failure = {
  kind: "rejected",
  code: "stage-missing",
  field: "status",
  fix: "Give the pipeline a stage of this status in HubSpot, and name the won stage in the connection's settings.",
};

export function stageBookOf(pipelines: Pipelines): StageBook {
  const stages = pipelines.flatMap((pipeline) =>
    pipeline.stages.map((stage) => ({
      pipelineId: pipeline.id,
      id: stage.id,
      order: Number(stage.displayOrder),
      isArchived: stage.archived === true,
      status: statusOfStage(stage.metadata),
    })),
  );
  return {
    statusOf: (pipelineId, stageId) =>
      stages.find((stage) => stage.pipelineId === pipelineId && stage.id === stageId)?.status,
    stageFor: (pipelineId, status) =>
      stages
        .filter((stage) => stage.pipelineId === pipelineId && stage.status === status)
        .filter((stage) => !stage.isArchived)
        .sort((left, right) => left.order - right.order)[0]?.id,
  };
}

function statusOfStage(metadata: Pipelines[number]["stages"][number]["metadata"]): OrderStatus {
  const isCertain = metadata.probability !== undefined && isOne(metadata.probability);
  // An account of long ago may have stages that say how likely, and not whether they are closed.
  const isClosed = metadata.isClosed === undefined ? isCertain : metadata.isClosed === "true";
  if (!isClosed) return "open";
  return isCertain ? "won" : "lost";
}

function isOne(text: string): boolean {
  return /^\d+(\.\d+)?$/.test(text) && normalizeDecimal(text) === "1";
}
