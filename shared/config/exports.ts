/**
 * Exports that are made by themselves. Each is what `POST /exports` takes, see `docs/exports.md`, with
 * a name of its own and the time at which it is started: a cron expression of EventBridge Scheduler, in
 * the time zone of the deployment.
 *
 * Here and not among the flows, because the stack makes a schedule of each.
 */
interface ScheduledExport {
  readonly name: string;
  readonly cron: string;
  readonly of: string;
  readonly format: string;
  readonly encoding?: string;
  readonly delimiter?: string;
}

export const scheduledExports: readonly ScheduledExport[] = [
  {
    name: "nightly-customers",
    cron: "0 5 * * ? *",
    of: "customer-view",
    format: "csv",
    encoding: "utf-8-bom",
  },
];
