import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { type PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { FunctionSettings } from "../config.ts";

export interface BundledFunctionProps extends FunctionSettings {
  readonly functionName: string;
  /** Folder that holds `index.js`. */
  readonly bundleFolder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** All the function may do beside writing its own log and traces. */
  readonly statements: readonly PolicyStatement[];
  readonly logRetentionDays: RetentionDays;
}

/** A function with a role and a log group of its own, and no permission it was not given by name. */
export class BundledFunction extends Construct {
  readonly lambda: lambda.Function;

  constructor(scope: Construct, id: string, props: BundledFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, "Log", {
      logGroupName: `/aws/lambda/${props.functionName}`,
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    });
    logGroup.grantWrite(role);
    for (const statement of props.statements) role.addToPolicy(statement);
    this.lambda = new lambda.Function(this, "Function", {
      functionName: props.functionName,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: "index.handler",
      code: lambda.Code.fromAsset(props.bundleFolder),
      memorySize: props.memoryMb,
      timeout: Duration.seconds(props.timeoutSeconds),
      // No NODE_OPTIONS --enable-source-maps: reading the map costs 10 to 30 ms of each cold start.
      environment: props.environment,
      role,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      tracing: lambda.Tracing.ACTIVE,
      ...(props.feedsItself === true ? { recursiveLoop: lambda.RecursiveLoop.ALLOW } : {}),
    });
  }
}
