/**
 * The places of custom fields in each connection, judged by the connector of its system: where the
 * table of the flows and the connectors meet.
 */
import { judgeHubspotPlace } from "#shared/connectors/hubspot/custom-places.ts";
import { judgeXeroPlace } from "#shared/connectors/xero/custom-places.ts";
import { type CustomField, type CustomPlace, placesIn } from "#shared/domain/custom-field.ts";
import {
  findPlaceProblems,
  type PlaceJudge,
  refuseProblems,
} from "#shared/domain/custom-field-problems.ts";
import type { ConnectionId } from "#shared/domain/identifiers.ts";

/** By connection: `contracts/connections.ts` has one system for each. */
const judges: Readonly<Record<ConnectionId, PlaceJudge>> = {
  crm: judgeHubspotPlace,
  books: judgeXeroPlace,
};

/**
 * What tells a connector its places. Throws SyncError `invalid-input` where a place is none that its
 * system has, so that a deployment with such a table does not start.
 */
export function judgedPlaces(
  customFields: readonly CustomField[],
): (connection: ConnectionId) => readonly CustomPlace[] {
  refuseProblems(
    Object.entries(judges).flatMap(([connection, judge]) =>
      findPlaceProblems(customFields, connection, judge),
    ),
  );
  return (connection) => placesIn(connection, customFields);
}
