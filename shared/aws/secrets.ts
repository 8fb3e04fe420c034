/** The connections and their credentials, from Secrets Manager. */
import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type ConnectionSettings, connectionsDocument } from "#shared/contracts/connections.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { Clock } from "#shared/ports/log.ts";
import { asSyncError } from "./aws-errors.ts";

const KEPT_MS = 5 * 60_000;

export type ReadConnections = () => Promise<readonly ConnectionSettings[]>;

/**
 * Reads the connections document, at most once in five minutes; failures are not kept. Throws
 * SyncError `retryable` (`secrets-busy`, `secrets-unavailable`) or `invalid-input`
 * (`connections-unreadable`, with the path and never the value).
 */
export function createConnectionsReader(
  client: SecretsManagerClient,
  secretId: string,
  clock: Clock,
): ReadConnections {
  let kept:
    | { readonly connections: ReturnType<ReadConnections>; readonly readAtMs: number }
    | undefined;
  return () => {
    if (kept !== undefined && clock() - kept.readAtMs < KEPT_MS) return kept.connections;
    const connections = readConnections(client, secretId);
    const current = { connections, readAtMs: clock() };
    kept = current;
    connections.catch(() => {
      if (kept === current) kept = undefined;
    });
    return connections;
  };
}

async function readConnections(
  client: SecretsManagerClient,
  secretId: string,
): Promise<readonly ConnectionSettings[]> {
  const answer = await client
    .send(new GetSecretValueCommand({ SecretId: secretId }))
    .catch((error: unknown) => {
      throw asSyncError("secrets", error);
    });
  return parseConnections(answer.SecretString ?? "");
}

/** The error says where the document is wrong and has no cause: a parser's text could quote it. */
export function parseConnections(text: string): readonly ConnectionSettings[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw unreadableConnections("");
  }
  const parsed = connectionsDocument.safeParse(document);
  if (!parsed.success) {
    throw unreadableConnections(parsed.error.issues[0]?.path.map(String).join(".") ?? "");
  }
  const ids = parsed.data.map((connection) => connection.id);
  if (new Set(ids).size < ids.length) throw unreadableConnections("id");
  return parsed.data;
}

function unreadableConnections(field: string): SyncError {
  return new SyncError({
    kind: "invalid-input",
    code: "connections-unreadable",
    field,
    fix: "Put the connections into the secret as docs/connections.md shows.",
  });
}
