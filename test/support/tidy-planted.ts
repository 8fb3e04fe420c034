/**
 * Imports that a boundary must refuse, and imports beside them that it must let through: the proof
 * that the import table of the tidy rules, and the one of Biome, see what they are there for.
 */
interface PlantedImport {
  readonly path: string;
  readonly specifier: string;
  readonly isAllowed: boolean;
}

const planted: Readonly<Record<string, { readonly refused: string; readonly allowed: string }>> = {
  "shared/config/planted.ts": { refused: "#shared/domain/a.ts node:fs zod", allowed: "./b.ts" },
  "shared/domain/planted.ts": {
    refused: "#shared/aws/a.ts ../aws/a.ts ../ports/a.ts #shared/contracts/a.ts node:fs",
    allowed: "./b.ts zod #shared/config/limits.ts",
  },
  "shared/contracts/planted.ts": {
    refused: "#shared/ports/a.ts ../sync/a.ts @aws-sdk/client-sqs",
    allowed: "./b.ts zod #shared/domain/a.ts",
  },
  "shared/ports/planted.ts": {
    refused: "zod #shared/contracts/a.ts ../connectors/transport.ts",
    allowed: "./b.ts #shared/domain/a.ts",
  },
  "shared/flows/planted.ts": {
    refused: "../sync/a.ts #shared/ports/a.ts zod",
    allowed: "./files/a.ts #shared/domain/a.ts",
  },
  "shared/flows/files/planted.ts": { refused: "../../aws/a.ts", allowed: "../customer.ts" },
  "shared/sync/planted.ts": {
    refused: "../aws/a.ts #shared/connectors/transport.ts #shared/runtime/a.ts @aws-sdk/client-s3",
    allowed: "./b.ts #shared/flows/flows.ts #shared/ports/a.ts #shared/contracts/a.ts",
  },
  "shared/connectors/planted.ts": {
    refused: "zod ./xero/index.ts #shared/sync/a.ts",
    allowed: "./transport.ts #shared/domain/a.ts",
  },
  "shared/connectors/xero/planted.ts": {
    refused:
      "../hubspot/client.ts #shared/connectors/hubspot/index.ts #shared/contracts/messages.ts #shared/aws/a.ts node:fs",
    allowed: "./wire.ts ../transport.ts #shared/ports/a.ts zod node:crypto",
  },
  "shared/aws/planted.ts": {
    refused: "../sync/a.ts #shared/runtime/a.ts #shared/connectors/xero/index.ts",
    allowed: "@aws-sdk/client-sqs #shared/ports/a.ts node:crypto",
  },
  "shared/runtime/planted.ts": {
    refused: "@aws-sdk/client-s3 #infra/config.ts ../../functions/a-b/handler.ts",
    allowed: "#shared/aws/a.ts #shared/connectors/xero/index.ts @middy/core",
  },
  "functions/plant-import/handler.ts": {
    refused: "#shared/aws/a.ts #shared/connectors/xero/index.ts ../other-one/handler.ts",
    allowed: "#shared/runtime/compose.ts @middy/core ./pages.ts",
  },
  "infra/stacks/planted.ts": {
    refused: "#shared/contracts/a.ts ../../shared/sync/a.ts ../local/a.ts #infra/local/a.ts fauxqs",
    allowed: "../config.ts ../constructs/a.ts aws-cdk-lib/aws-s3 #shared/config/names.ts",
  },
  "infra/local/host/planted.ts": {
    refused: "#shared/sync/a.ts ../../../shared/sync/a.ts @aws-sdk/client-sqs",
    allowed:
      "../simulators/kernel.ts #infra/config.ts #shared/contracts/a.ts #shared/domain/a.ts fauxqs node:http",
  },
  "infra/local/history-planted.ts": {
    refused: "#shared/aws/a.ts @aws-sdk/client-s3 ../stacks/a.ts",
    allowed: "./drop.ts #shared/runtime/compose.ts #shared/sync/a.ts node:util",
  },
  "test/unit/planted.ts": { refused: "", allowed: "#shared/aws/a.ts ../support/a.ts fast-check" },
};

export const plantedImports: readonly PlantedImport[] = Object.entries(planted).flatMap(
  ([path, { refused, allowed }]) => [
    ...words(refused).map((specifier) => ({ path, specifier, isAllowed: false })),
    ...words(allowed).map((specifier) => ({ path, specifier, isAllowed: true })),
  ],
);

function words(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}
