import { RemovalPolicy } from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpIamAuthorizer, HttpJwtAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";

/** Who signs the tokens that open the API, where IAM should not. */
export interface TokenIssuer {
  readonly issuer: string;
  readonly audience: string;
}

export interface SyncApiProps {
  readonly apiName: string;
  readonly logRetentionDays: RetentionDays;
  readonly requestsPerSecond: number;
  readonly requestBurst: number;
}

interface ApiRoute {
  readonly method: HttpMethod;
  readonly path: string;
}

const WEBHOOK: ApiRoute = { method: HttpMethod.POST, path: "/webhooks/{connection}" };
const HEALTH: ApiRoute = { method: HttpMethod.GET, path: "/health" };
const EXPORT: ApiRoute = { method: HttpMethod.GET, path: "/records/{canonicalId}/ubl" };
const PROPOSALS: ApiRoute = { method: HttpMethod.POST, path: "/file-profiles/proposals" };
const GUARDED: readonly ApiRoute[] = [
  { method: HttpMethod.GET, path: "/cross-references/{connection}/{recordType}/{externalId}" },
  { method: HttpMethod.GET, path: "/customers/{canonicalId}" },
  { method: HttpMethod.GET, path: "/records/{canonicalId}/history" },
  { method: HttpMethod.GET, path: "/runs" },
  { method: HttpMethod.GET, path: "/runs/{runId}" },
  { method: HttpMethod.POST, path: "/syncs" },
  { method: HttpMethod.GET, path: "/parked" },
  { method: HttpMethod.POST, path: "/parked/retry" },
  { method: HttpMethod.GET, path: "/waiting" },
  { method: HttpMethod.POST, path: "/records/{canonicalId}/decisions" },
  { method: HttpMethod.POST, path: "/records/{canonicalId}/dismissals" },
  { method: HttpMethod.POST, path: "/runs/{runId}/approval" },
  { method: HttpMethod.POST, path: "/runs/{runId}/result" },
  { method: HttpMethod.GET, path: "/corrections" },
  { method: HttpMethod.GET, path: "/corrections/{orderId}" },
  { method: HttpMethod.POST, path: "/corrections/{orderId}/approval" },
  { method: HttpMethod.POST, path: "/corrections/{orderId}/dismissal" },
  { method: HttpMethod.GET, path: "/connections" },
  { method: HttpMethod.POST, path: "/tie-outs" },
  { method: HttpMethod.GET, path: "/tie-outs" },
  { method: HttpMethod.GET, path: "/tie-outs/{runId}" },
  { method: HttpMethod.GET, path: "/tie-outs/{runId}/differences" },
  { method: HttpMethod.GET, path: "/file-profiles" },
  { method: HttpMethod.GET, path: "/file-profiles/{name}" },
  { method: HttpMethod.PUT, path: "/file-profiles/{name}" },
  { method: HttpMethod.DELETE, path: "/file-profiles/{name}" },
  { method: HttpMethod.POST, path: "/exports" },
  { method: HttpMethod.GET, path: "/exports" },
  { method: HttpMethod.GET, path: "/exports/{runId}" },
];

/** What an access log line holds: no query, no header, nothing a caller could hide a secret in. */
const ACCESS_LOG_FIELDS = {
  requestId: "$context.requestId",
  at: "$context.requestTime",
  ip: "$context.identity.sourceIp",
  route: "$context.routeKey",
  status: "$context.status",
  responseBytes: "$context.responseLength",
  latencyMs: "$context.responseLatency",
  authorizerError: "$context.authorizer.error",
  integrationError: "$context.integrationErrorMessage",
};

/**
 * The HTTP API: webhooks come in unauthenticated and are verified by their signature in the
 * function (an authorizer never sees the body), health is public, all else needs IAM or a token.
 */
export class SyncApi extends Construct {
  readonly api: HttpApi;

  constructor(scope: Construct, id: string, props: SyncApiProps) {
    super(scope, id);
    const log = new LogGroup(this, "AccessLog", {
      // The prefix spares the account's log resource policy, which has a size limit.
      logGroupName: `/aws/vendedlogs/apis/${props.apiName}`,
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.api = new HttpApi(this, "Api", { apiName: props.apiName, createDefaultStage: false });
    new HttpStage(this, "Stage", {
      httpApi: this.api,
      stageName: "$default",
      autoDeploy: true,
      throttle: { rateLimit: props.requestsPerSecond, burstLimit: props.requestBurst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(log),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FIELDS)),
      },
    });
  }

  /** Adds all routes. Apart from the constructor because a function's environment names the API. */
  addRoutes(functions: {
    readonly receiveWebhook: IFunction;
    readonly serveApi: IFunction;
    readonly proposeProfile: IFunction;
    readonly exportDocument: IFunction;
    readonly tokens: TokenIssuer | undefined;
  }): void {
    const webhooks = new HttpLambdaIntegration("ReceiveWebhook", functions.receiveWebhook);
    const served = new HttpLambdaIntegration("ServeApi", functions.serveApi);
    const exported = new HttpLambdaIntegration("ExportDocument", functions.exportDocument);
    const proposed = new HttpLambdaIntegration("ProposeProfile", functions.proposeProfile);
    const open = new HttpNoneAuthorizer();
    const guard = createGuard(functions.tokens);
    this.addRoute(WEBHOOK, webhooks, open);
    this.addRoute(HEALTH, served, open);
    for (const route of GUARDED) this.addRoute(route, served, guard);
    this.addRoute(PROPOSALS, proposed, guard);
    this.addRoute(EXPORT, exported, guard);
  }

  private addRoute(
    { method, path }: ApiRoute,
    integration: HttpLambdaIntegration,
    authorizer: IHttpRouteAuthorizer,
  ): void {
    this.api.addRoutes({ methods: [method], path, integration, authorizer });
  }
}

function createGuard(tokens: TokenIssuer | undefined): IHttpRouteAuthorizer {
  if (tokens === undefined) return new HttpIamAuthorizer();
  return new HttpJwtAuthorizer("Tokens", tokens.issuer, { jwtAudience: [tokens.audience] });
}
