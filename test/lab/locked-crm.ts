/**
 * A CRM with a lock of its own, as some systems have it (a version that an update must name, or
 * If-Unmodified-Since): an update of a record that moved on since it was read is refused, and nothing
 * of it is kept. HubSpot has none; this puts one in front of its simulator, and before it a connector
 * that says so and sends the versions along.
 */
import * as z from "zod";
import type { SimCall, SimOutcome } from "#infra/local/simulators/simulator-core.ts";
import type { Fetch } from "#shared/connectors/transport.ts";
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import type { Connector, RemoteWrite, WriteResult } from "#shared/ports/connector.ts";

/** Of what was read, by id: the time of the last change. */
const VERSIONS = "x-lab-versions";
/** The ids that the remote refused. */
const MOVED_ON = "x-lab-moved-on";
/** What is written in one call; a deal takes several, and a lock on the first would leave it half done. */
const LOCKED = /\/objects\/(companies|products)\/batch\/update$/;

const versionsSchema = z.record(z.string(), z.number());
const batchSchema = z.looseObject({ inputs: z.array(z.looseObject({ id: z.string() })) });

type Dispatch = (call: SimCall) => SimOutcome;

/** The remote; `versionOf` tells the time of a record's last change. */
export function behindLock(
  dispatch: Dispatch,
  versionOf: (externalId: string) => number | undefined,
): Dispatch {
  return (call) => {
    const sent = call.headers?.[VERSIONS];
    if (sent === undefined || !LOCKED.test(call.url)) return dispatch(call);
    const expected = versionsSchema.parse(JSON.parse(sent));
    const batch = batchSchema.parse(JSON.parse(String(call.rawBody)));
    const movedOn = batch.inputs
      .map(({ id }) => id)
      .filter((id) => expected[id] !== undefined && expected[id] !== versionOf(id));
    if (movedOn.length === 0) return dispatch(call);
    const told = { [MOVED_ON]: movedOn.join(",") };
    const inputs = batch.inputs.filter(({ id }) => !movedOn.includes(id));
    if (inputs.length === 0) return { status: 200, headers: told, body: '{"results":[]}' };
    const outcome = dispatch({ ...call, rawBody: JSON.stringify({ ...batch, inputs }) });
    if (typeof outcome === "string") return outcome;
    return { ...outcome, headers: { ...outcome.headers, ...told } };
  };
}

type Connectors = ReadonlyMap<ConnectionId, Connector>;

/** The connectors that `connect` makes over a network, that of the CRM with the lock. */
export async function withLockedCrm(
  fetch: Fetch,
  connect: (fetch: Fetch) => Promise<Connectors>,
): Promise<Connectors> {
  // A container does one thing at a time, so these are the versions of one write.
  let versions: Readonly<Record<string, number>> = {};
  const movedOn = new Set<string>();
  const connectors = await connect(async (url, init) => {
    const headers = new Headers(init.headers);
    if (Object.keys(versions).length > 0) headers.set(VERSIONS, JSON.stringify(versions));
    const response = await fetch(url, { ...init, headers: Object.fromEntries(headers) });
    for (const id of response.headers.get(MOVED_ON)?.split(",") ?? []) movedOn.add(id);
    return response;
  });
  const crm = connectors.get("crm");
  if (crm === undefined) throw new Error("There is no CRM to lock");
  const locked: Connector = {
    ...crm,
    definition: { ...crm.definition, locks: "version" },
    async write(recordType, writes, signal) {
      versions = Object.fromEntries(writes.flatMap(versionEntry));
      movedOn.clear();
      const results = await crm.write(recordType, writes, signal);
      versions = {};
      return results.map((result, index) =>
        movedOn.has(writes[index]?.externalId ?? "") ? conflict : result,
      );
    },
  };
  return new Map([...connectors, ["crm", locked]]);
}

function versionEntry({ externalId, expectedVersion }: RemoteWrite): [string, number][] {
  return externalId === undefined || expectedVersion === undefined
    ? []
    : [[externalId, expectedVersion]];
}

const conflict: WriteResult = { kind: "failed", failure: { kind: "conflict", code: "moved-on" } };
