import type { StackAddresses } from "./local-stack.ts";

/** Tells AWS's clients where the local stack is; of a deployment they find it by themselves. */
export function useLocalStack({ aws }: Pick<StackAddresses, "aws">): void {
  // A developer's own profile would win over the keys.
  delete process.env["AWS_PROFILE"];
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_REGION: aws.region,
    AWS_ACCESS_KEY_ID: aws.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.secretAccessKey,
  });
}
