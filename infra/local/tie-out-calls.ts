/** A tie-out by the API of the running stack: started, waited for, its files brought here. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TieOutReport } from "#shared/domain/tie-out/report.ts";
import { projectFolder } from "../bundle.ts";
import type { StackAddresses } from "./local-stack.ts";
import { callApi, readPlace } from "./stack-calls.ts";

const POLL_MS = 500;
const WAIT_MS_MAX = 20 * 60_000;

/** As `POST /tie-outs` takes it. */
export interface TieOutWish {
  readonly period?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly snapshotId?: string | undefined;
  readonly inFlightSeconds?: number | undefined;
}

/** As `GET /tie-outs/{runId}` answers once it has ended well. */
export interface TieOutView {
  readonly runId: string;
  readonly files: Readonly<Record<string, string>>;
  readonly report: Omit<TieOutReport, "differences" | "excluded">;
}

interface RunningView extends Partial<TieOutView> {
  readonly isSettled: boolean;
  readonly problem?: { readonly code: string; readonly fix: string; readonly detail?: string };
}

/** Resolves when it has ended. Throws, with the fix, where it ended with a problem. */
export async function runTieOut(http: string, wish: TieOutWish): Promise<TieOutView> {
  const { runId } = await callApi<{ runId: string }>(`${http}/tie-outs`, wish);
  const deadline = performance.now() + WAIT_MS_MAX;
  while (performance.now() < deadline) {
    const view = await callApi<RunningView>(`${http}/tie-outs/${runId}`);
    if (view.problem !== undefined) {
      const { code, fix, detail } = view.problem;
      throw new Error(`The tie-out ended with ${[code, detail].filter(Boolean).join(" ")}. ${fix}`);
    }
    const { files, report } = view;
    if (view.isSettled && files !== undefined && report !== undefined) {
      return { runId, files, report };
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`The tie-out had not ended after ${WAIT_MS_MAX / 60_000} minutes: ${runId}`);
}

/** All of them, page by page. */
export async function readDifferences(
  http: string,
  runId: string,
): Promise<TieOutReport["differences"]> {
  const found: TieOutReport["differences"][number][] = [];
  for (let cursor: string | undefined = "0"; cursor !== undefined; ) {
    const page: { differences: TieOutReport["differences"]; cursor?: string } = await callApi(
      `${http}/tie-outs/${runId}/differences?cursor=${cursor}`,
    );
    found.push(...page.differences);
    cursor = page.cursor;
  }
  return found;
}

/** Copies the files to `.local/tie-outs/<run id>/`; answers where each is. */
export async function bringFiles(
  addresses: StackAddresses,
  { runId, files }: TieOutView,
): Promise<readonly string[]> {
  const folder = join(projectFolder, ".local", "tie-outs", runId);
  mkdirSync(folder, { recursive: true });
  return Promise.all(
    Object.values(files).map(async (place) => {
      const path = join(folder, place.slice(place.lastIndexOf("/") + 1));
      writeFileSync(path, await readPlace(addresses, place));
      return path;
    }),
  );
}
