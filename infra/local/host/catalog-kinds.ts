/**
 * Resource types of Glue and Athena: a catalogue of tables over objects in S3, and who may query how.
 *
 * Known are external tables of Parquet files whose partitions are projected; see `athena.ts`.
 */
import * as z from "zod";
import { flag, kind, shape, whole } from "./property-shapes.ts";

/** Athena takes no smaller bound. */
const BYTES_CUTOFF_MIN = 10_000_000;

const column = shape({ Name: z.string(), Type: z.string() }, ["Comment"]);

export const catalogDatabaseKind = kind(
  "AWS::Glue::Database",
  shape({
    CatalogId: z.string(),
    DatabaseInput: shape({ Name: z.string() }, ["Description"]),
  }),
);

export const catalogTableKind = kind(
  "AWS::Glue::Table",
  shape({
    CatalogId: z.string(),
    DatabaseName: z.string(),
    TableInput: shape(
      {
        Name: z.string(),
        TableType: z.literal("EXTERNAL_TABLE"),
        Parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
        PartitionKeys: z.array(column),
        StorageDescriptor: shape({
          Columns: z.array(column).min(1),
          Location: z.string().regex(/^s3:\/\/[^/]+\/.*$/),
          InputFormat: z.literal(
            "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
            "only Parquet is read here",
          ),
          OutputFormat: z.literal("org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"),
          SerdeInfo: shape({
            SerializationLibrary: z.literal(
              "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
            ),
          }),
        }),
      },
      ["Description"],
    ),
  }),
);
export type CatalogTableProperties = z.infer<typeof catalogTableKind.schema>;

export const workgroupKind = kind(
  "AWS::Athena::WorkGroup",
  shape(
    {
      Name: z.string(),
      State: z.literal("ENABLED").default("ENABLED"),
      WorkGroupConfiguration: shape(
        {
          // Else each query could write where it likes, which the host would have to follow.
          EnforceWorkGroupConfiguration: flag.refine((one) => one, "must be true here"),
          BytesScannedCutoffPerQuery: whole.refine((one) => one >= BYTES_CUTOFF_MIN).optional(),
          EngineVersion: z
            .strictObject({ SelectedEngineVersion: z.literal("Athena engine version 3") })
            .optional(),
          ResultConfiguration: shape({ OutputLocation: z.string().regex(/^s3:\/\/[^/]+\/.*$/) }, [
            "EncryptionConfiguration",
            "ExpectedBucketOwner",
          ]),
        },
        ["PublishCloudWatchMetricsEnabled", "RequesterPaysEnabled"],
      ),
    },
    ["Description", "RecursiveDeleteOption", "Tags"],
  ),
);
