import type { Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, it } from "vitest";
import { snapshotColumns } from "#shared/config/snapshot-schema.ts";
import { propertiesOf, readable, synthesizeStage } from "./stack-template.ts";

let template: Template;

beforeAll(async () => {
  template = (await synthesizeStage("prod")).template;
});

describe("the table of snapshots", () => {
  const table = () => propertiesOf(template, "AWS::Glue::Table").get("CatalogTable");

  it("has the columns that are written, in a database of the stage", () => {
    const { DatabaseName, TableInput } = table();

    expect(readable(DatabaseName)).toBe("CatalogDatabase");
    expect(TableInput.Name).toBe("snapshots");
    expect(TableInput.StorageDescriptor.Columns).toEqual(
      snapshotColumns.map(({ name, type }) => ({ Name: name, Type: type })),
    );
    template.hasResourceProperties("AWS::Glue::Database", {
      DatabaseInput: { Name: "tieout_prod" },
    });
  });

  it("is Parquet, where the writer puts it", () => {
    const { StorageDescriptor, Parameters } = table().TableInput;

    expect(readable(StorageDescriptor.Location)).toBe("s3://StatefulSnapshots/snapshots/");
    expect(StorageDescriptor.SerdeInfo.SerializationLibrary).toContain("ParquetHiveSerDe");
    expect(readable(Parameters["storage.location.template"])).toBe(
      "s3://StatefulSnapshots/snapshots/" +
        `snapshot_id=\${snapshot_id}/side=\${side}/record_type=\${record_type}/`,
    );
  });

  it("knows its partitions by projection, so that no crawler must find them", () => {
    const { PartitionKeys, Parameters } = table().TableInput;

    expect(PartitionKeys).toEqual(
      ["snapshot_id", "side", "record_type"].map((Name) => ({ Name, Type: "string" })),
    );
    expect(Parameters).toMatchObject({
      "projection.enabled": "true",
      "projection.snapshot_id.type": "injected",
      "projection.side.type": "enum",
      "projection.side.values": "crm,books,bank",
      "projection.record_type.type": "enum",
      "projection.record_type.values": "customer,product,document,credit-note,payment",
    });
  });
});

describe("the workgroup", () => {
  it("keeps results encrypted beside the snapshots, whatever a query asks for, and has a bound", () => {
    const { Name, WorkGroupConfiguration } = propertiesOf(template, "AWS::Athena::WorkGroup").get(
      "CatalogWorkgroup",
    );
    const { OutputLocation, ...result } = WorkGroupConfiguration.ResultConfiguration;

    expect(Name).toBe("tieout-prod");
    expect(WorkGroupConfiguration).toMatchObject({
      EnforceWorkGroupConfiguration: true,
      BytesScannedCutoffPerQuery: 10_000_000_000,
      EngineVersion: { SelectedEngineVersion: "Athena engine version 3" },
    });
    expect(readable(OutputLocation)).toBe("s3://StatefulSnapshots/athena-results/");
    expect(result).toEqual({
      EncryptionConfiguration: { EncryptionOption: "SSE_S3" },
      ExpectedBucketOwner: { Ref: "AWS::AccountId" },
    });
  });
});

describe("the bucket of snapshots", () => {
  it("forgets after more than a year in production, and after a month elsewhere", async () => {
    const days = (stage: Template) =>
      propertiesOf(stage, "AWS::S3::Bucket")
        .get("StatefulSnapshots")
        .LifecycleConfiguration.Rules.flatMap(
          ({ Prefix, ExpirationInDays }: { Prefix?: string; ExpirationInDays?: number }) =>
            Prefix === undefined ? (ExpirationInDays ?? []) : [],
        );

    expect(days(template)).toEqual([400]);
    expect(days((await synthesizeStage("dev")).template)).toEqual([30]);
  });
});
