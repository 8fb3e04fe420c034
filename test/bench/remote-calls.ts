/** Calls that the simulators counted, sorted into what they were for, and held against the limit. */

const remoteKinds = ["read", "write", "setup"] as const;
export type RemoteKind = (typeof remoteKinds)[number];

export interface RouteCount {
  readonly system: string;
  /** `"METHOD /path/{template}"`. */
  readonly route: string;
  readonly kind: RemoteKind;
  readonly calls: number;
}

/** The fewest calls that the vendors' batch sizes allow. */
export interface CallLimit {
  readonly reads: number;
  readonly writes: number;
}

/** Pages of the simulators for people, and their controls: no vendor has these. */
const NOT_VENDOR = /^[A-Z]+ (?:\/$|\/ui\/|\/ui$|\/__sim\/)/;

/** Asked once by a new execution environment, not for a record. */
const SETUP =
  /\/crm\/v3\/(?:properties|pipelines)\/|\/account-info\/|\/connect\/|\/connections$|\/Organisation$|\/Accounts$|\/TaxRates$|\/Currencies$/;

/** HubSpot reads by POST too. */
const READ_BY_POST = /\/(?:batch\/read|search)$/;

export function kindOfRoute(route: string): RemoteKind {
  if (SETUP.test(route)) return "setup";
  return route.startsWith("GET ") || READ_BY_POST.test(route) ? "read" : "write";
}

/** Vendor calls of one system by route, less those the benchmark made itself; most called first. */
export function countRoutes(
  system: string,
  calls: Readonly<Record<string, number>>,
  own: Readonly<Record<string, number>>,
): RouteCount[] {
  return Object.entries(calls)
    .filter(([route]) => !NOT_VENDOR.test(route))
    .map(([route, count]) => {
      const left = count - (own[route] ?? 0);
      if (left < 0) throw new Error(`${route}: ${count} calls are fewer than the benchmark's own`);
      return { system, route, kind: kindOfRoute(route), calls: left };
    })
    .filter(({ calls: left }) => left > 0)
    .sort((left, right) => right.calls - left.calls);
}

export function callsOfKind(routes: readonly RouteCount[], kind: RemoteKind): number {
  return routes.filter((route) => route.kind === kind).reduce((sum, route) => sum + route.calls, 0);
}

/** Calls for records of both sizes of batch: what no caller can stay below. */
export function callLimit(records: number, readBatch: number, writeBatch: number): CallLimit {
  return { reads: Math.ceil(records / readBatch), writes: Math.ceil(records / writeBatch) };
}

/** Within 1.1 of the limit: in whole numbers, since 1.1 is none of a binary float. */
export function isWithinLimit(calls: number, limit: number): boolean {
  return BigInt(calls) * 10n <= BigInt(limit) * 11n;
}
