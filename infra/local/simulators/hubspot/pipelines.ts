/** The deal pipeline of a fresh HubSpot account; a deal's stage is the stage's id, never its label. */

export interface PipelineStage {
  readonly id: string;
  readonly label: string;
  readonly isClosed: boolean;
  /** `"1.0"` is won and `"0.0"` is lost where the stage is closed. */
  readonly probability: string;
}

export const DEAL_PIPELINE_ID = "default";
export const DEAL_PIPELINE_LABEL = "Sales Pipeline";

export const DEAL_STAGES: readonly PipelineStage[] = [
  stage("appointmentscheduled", "Appointment Scheduled", "0.2"),
  stage("qualifiedtobuy", "Qualified To Buy", "0.4"),
  stage("presentationscheduled", "Presentation Scheduled", "0.6"),
  stage("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
  stage("contractsent", "Contract Sent", "0.9"),
  stage("closedwon", "Closed Won", "1.0", true),
  stage("closedlost", "Closed Lost", "0.0", true),
];

export function findStage(id: string | undefined): PipelineStage | undefined {
  return DEAL_STAGES.find((candidate) => candidate.id === id);
}

/** As `GET /crm/v3/pipelines/deals` answers it: booleans and probabilities are strings. */
export function renderDealPipeline(): Readonly<Record<string, unknown>> {
  const created = { createdAt: "1970-01-01T00:00:00Z", updatedAt: "1970-01-01T00:00:00Z" };
  return {
    label: DEAL_PIPELINE_LABEL,
    displayOrder: 0,
    id: DEAL_PIPELINE_ID,
    stages: DEAL_STAGES.map(({ id, label, isClosed, probability }, displayOrder) => ({
      label,
      displayOrder,
      metadata: { isClosed: String(isClosed), probability },
      id,
      ...created,
      archived: false,
      writePermissions: "CRM_PERMISSIONS_ENFORCEMENT",
    })),
    ...created,
    archived: false,
  };
}

function stage(id: string, label: string, probability: string, isClosed = false): PipelineStage {
  return { id, label, isClosed, probability };
}
