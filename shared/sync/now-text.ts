import type { Clock } from "#shared/ports/log.ts";

/** Now, as times are kept: ISO 8601 UTC. */
export function nowText({ clock }: { readonly clock: Clock }): string {
  return new Date(clock()).toISOString();
}
