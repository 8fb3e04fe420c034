import type { APIGatewayProxyEventV2 } from "aws-lambda";
import * as z from "zod";

const BY_CHARACTERS_MAX = 200;

/** What the authorizers of HTTP APIs tell of a caller; each tells only its own part. */
const authorizedContext = z.looseObject({
  authorizer: z
    .looseObject({
      iam: z.looseObject({ userArn: z.string().min(1) }).optional(),
      jwt: z
        .looseObject({ claims: z.looseObject({ sub: z.string().min(1).optional() }) })
        .optional(),
    })
    .optional(),
});

/**
 * Who calls, as the authorizer vouches for it: the IAM identity, else the subject of the token, else
 * `operator`. Never from a header or a body, which anybody writes.
 */
export function callerOf(event: Pick<APIGatewayProxyEventV2, "requestContext">): string {
  const { authorizer } = authorizedContext.safeParse(event.requestContext).data ?? {};
  const caller = authorizer?.iam?.userArn ?? authorizer?.jwt?.claims.sub ?? "operator";
  return caller.slice(0, BY_CHARACTERS_MAX);
}
