/** Calls on the running stack: its API, and the files that it wrote. */
import { credentialHeader } from "./host/aws-client.ts";
import type { StackAddresses } from "./local-stack.ts";

/** Throws, with the answer, where it is a refusal. */
export async function callApi<Answer>(url: string, body?: unknown): Promise<Answer> {
  const response = await fetch(url, {
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return JSON.parse(text) as Answer;
}

/** The content of a file that the API names as `s3://<bucket>/<key>`. */
export async function readPlace({ aws }: StackAddresses, place: string): Promise<Uint8Array> {
  const authorization = credentialHeader(aws.region, "s3").replace(
    "Credential=local",
    `Credential=${aws.accessKeyId}`,
  );
  const response = await fetch(place.replace("s3:/", aws.endpoint), { headers: { authorization } });
  if (!response.ok) throw new Error(`${place} was not found`);
  return new Uint8Array(await response.arrayBuffer());
}
