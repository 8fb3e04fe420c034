import type { StackAddresses } from "./local-stack.ts";

/**
 * Does something while Tieout hears nothing: the vendors hold their webhooks back, as when a receiver is
 * down, and the schedules that would poll are disabled. Both are as before when it resolves, and the
 * webhooks that waited are sent.
 */
export async function behindTheBack<Result>(
  { http, simulators: { hubspot, xero } }: StackAddresses,
  act: () => Promise<Result>,
): Promise<Result> {
  const put = async (url: string, method: "PUT" | "POST", body: unknown = {}): Promise<void> => {
    const response = await fetch(url, { method, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  };
  const targets = [
    { url: hubspot?.url, target: `${http}/webhooks/crm` },
    { url: xero?.url, target: `${http}/webhooks/books` },
  ];
  const sendTo = async (on: boolean): Promise<void> => {
    for (const { url, target } of targets) {
      await put(`${url}/__sim/webhook-target`, "PUT", on ? { url: target } : {});
    }
    for (const schedule of ["incremental", "nightly"]) {
      await put(`${http}/_local/schedules/${schedule}/${on ? "enable" : "disable"}`, "POST");
    }
  };
  await sendTo(false);
  try {
    return await act();
  } finally {
    await sendTo(true);
  }
}
