/**
 * Tables over objects in S3 and the workgroups that query them, with all that a query needs to know.
 */
import { catalogDatabaseKind, catalogTableKind, workgroupKind } from "./catalog-kinds.ts";
import type { CatalogTableProperties } from "./catalog-kinds.ts";
import type { Resolver } from "./intrinsics.ts";
import type { Inventory } from "./inventory.ts";
import { arnOf } from "./names.ts";
import {
  type CatalogColumn,
  type CatalogTablePlan,
  columnTypes,
  type Plan,
  type ProjectedPartition,
  type WorkgroupPlan,
} from "./plan.ts";

interface Context {
  readonly inventory: Inventory;
  readonly resolver: Resolver;
  readonly region: string;
  readonly problems: string[];
}

/** `s3://bucket/a/b/` in its two parts. */
function splitLocation(location: string): { bucket: string; key: string } {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.*)$/.exec(location) ?? [];
  return { bucket, key };
}

function readColumns(
  columns: readonly { readonly Name: string; readonly Type: string }[],
  place: string,
  problems: string[],
): readonly CatalogColumn[] {
  return columns.flatMap(({ Name, Type }) => {
    const type = columnTypes.find((known) => known === Type);
    // Glue stores names in lower case, and a query that asks otherwise finds nothing.
    if (type !== undefined && Name === Name.toLowerCase()) return { name: Name, type };
    problems.push(`${place}.${Name}: ${Type} is no column type known here, or not in lower case`);
    return [];
  });
}

/** docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html, read 2026-11. */
function readProjection(
  { Parameters, PartitionKeys }: CatalogTableProperties["TableInput"],
  place: string,
  problems: string[],
): readonly ProjectedPartition[] {
  if (String(Parameters["projection.enabled"]) !== "true") {
    problems.push(`${place}.Parameters: partitions are only known here by projection`);
  }
  return PartitionKeys.flatMap(({ Name: name, Type }) => {
    const type = String(Parameters[`projection.${name}.type`] ?? "");
    const values = String(Parameters[`projection.${name}.values`] ?? "");
    if (Type === "string" && type === "injected") return { name, values: undefined };
    if (Type === "string" && type === "enum" && values !== "") {
      return { name, values: values.split(",") };
    }
    problems.push(`${place}.${name}: a projected partition is injected text or an enum here`);
    return [];
  });
}

function planTable(
  logicalId: string,
  { DatabaseName, TableInput }: CatalogTableProperties,
  problems: string[],
): CatalogTablePlan {
  const { StorageDescriptor, Parameters, PartitionKeys, Name } = TableInput;
  const partitions = readProjection(TableInput, logicalId, problems);
  const byDefault = PartitionKeys.map((key) => `${key.Name}=\${${key.Name}}/`).join("");
  const template = String(
    Parameters["storage.location.template"] ?? `${StorageDescriptor.Location}${byDefault}`,
  );
  for (const { name } of partitions) {
    if (!template.includes(`\${${name}}`)) {
      problems.push(`${logicalId}: the location does not say where \${${name}} stands`);
    }
  }
  return {
    database: DatabaseName,
    name: Name,
    columns: readColumns(StorageDescriptor.Columns, logicalId, problems),
    partitions,
    ...splitLocation(template.endsWith("/") ? template : `${template}/`),
  };
}

function planWorkgroups({ inventory, resolver, region }: Context): readonly WorkgroupPlan[] {
  return [...inventory.read(workgroupKind)].map(([logicalId, { WorkGroupConfiguration }]) => {
    const name = resolver.names(logicalId).ref;
    const { bucket, key } = splitLocation(
      WorkGroupConfiguration.ResultConfiguration.OutputLocation,
    );
    return {
      name,
      arn: arnOf("athena", region, `workgroup/${name}`),
      results: { bucket, prefix: key === "" || key.endsWith("/") ? key : `${key}/` },
      bytesScannedMax: WorkGroupConfiguration.BytesScannedCutoffPerQuery,
    };
  });
}

/** What is wrong with a table or a workgroup is added to `problems`. */
export function planCatalog(
  context: Context,
  buckets: Plan["buckets"],
): Pick<Plan, "catalogTables" | "workgroups"> {
  const { inventory, problems } = context;
  const databases = [...inventory.read(catalogDatabaseKind).values()].map(
    (one) => one.DatabaseInput.Name,
  );
  const catalogTables = [...inventory.read(catalogTableKind)].map(([logicalId, properties]) => {
    if (!databases.includes(properties.DatabaseName)) {
      problems.push(`${logicalId}.DatabaseName: no database ${properties.DatabaseName}`);
    }
    return planTable(logicalId, properties, problems);
  });
  const workgroups = planWorkgroups(context);
  for (const bucket of [...catalogTables, ...workgroups.map((one) => one.results)].map(
    (one) => one.bucket,
  )) {
    if (!buckets.some((one) => one.physicalName === bucket)) {
      problems.push(`${bucket}: a table or a workgroup names a bucket that is not of this stack`);
    }
  }
  return { catalogTables, workgroups };
}
