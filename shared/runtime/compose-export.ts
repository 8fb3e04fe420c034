/** What the export of e-invoices is made of; see `compose.ts`. */
import { createDynamodbClient, createSecretsClient } from "#shared/aws/aws-clients.ts";
import { createCallBudgets } from "#shared/aws/dynamodb-call-budgets.ts";
import { createCrossReferenceStore } from "#shared/aws/dynamodb-cross-references.ts";
import { createConnectionsReader } from "#shared/aws/secrets.ts";
import { createTable } from "#shared/aws/table.ts";
import { env } from "#shared/config/names.ts";
import { writeUbl } from "#shared/connectors/file/ubl-write.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { Log } from "#shared/ports/log.ts";
import type { ExportDependencies } from "#shared/sync/export-invoice.ts";
import { createConnectorSource } from "./connectors.ts";
import { required } from "./environment.ts";
import { createJsonLog } from "./json-log.ts";

/** Throws SyncError (`connection-unknown`) where no connection is to books. */
export function composeExport(
  environment: NodeJS.ProcessEnv,
  // Of a command, standard output is the document's.
  log: Log = createJsonLog({ write: (line) => void process.stderr.write(`${line}\n`) }),
): () => Promise<ExportDependencies> {
  const clock = Date.now;
  const table = createTable({
    client: createDynamodbClient(),
    name: required(environment, env.table),
  });
  const readConnections = createConnectionsReader(
    createSecretsClient(),
    required(environment, env.connectionsSecret),
    clock,
  );
  const budget = createCallBudgets(table);
  const connectors = createConnectorSource(readConnections, { now: clock, log, budget });
  const xrefs = createCrossReferenceStore(table, clock);
  return async () => {
    const settings = (await readConnections()).find((one) => one.system === "xero");
    const books = settings && (await connectors()).get(settings.id);
    if (settings === undefined || books === undefined) {
      throw new SyncError({ kind: "rejected", code: "connection-unknown" });
    }
    return { xrefs, books, settings: settings.eInvoice, write: writeUbl };
  };
}
