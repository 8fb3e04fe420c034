/**
 * What Athena does in S3, in the caller's name: every call goes through the gateway with the caller's
 * key, so that the caller's role, planned faults and counters hold for it as for a call of its own.
 */
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { credentialHeader } from "./aws-client.ts";
import { decodeXml } from "./gateway-actions.ts";

export interface StoredObject {
  readonly bucket: string;
  readonly key: string;
  readonly eTag: string;
  readonly bytes: number;
}

/** S3 refused a call of Athena's. */
class ObjectRefusedError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface CallerObjects {
  list(bucket: string, prefix: string): Promise<readonly StoredObject[]>;
  read(bucket: string, key: string): Promise<Buffer>;
  /** Throws where {@link read} would. */
  confirm(bucket: string, key: string): Promise<void>;
  write(bucket: string, key: string, content: Buffer, contentType: string): Promise<void>;
}

/** One request holds less than 11 MiB, see `gateway.ts`. */
const PART_BYTES = 8 * 1024 * 1024;

function field(xml: string, name: string): string {
  return decodeXml(new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? "");
}

export function createCallerObjects(options: {
  readonly gatewayUrl: string;
  readonly region: string;
  readonly accessKeyId: string;
}): CallerObjects {
  const authorization = credentialHeader(options.region, "s3").replace(
    "Credential=local",
    `Credential=${options.accessKeyId}`,
  );

  async function call(method: string, path: string, body?: Buffer, contentType?: string) {
    const response = await fetch(`${options.gatewayUrl}/${path}`, {
      method,
      headers: {
        authorization,
        ...(contentType === undefined ? {} : { "content-type": contentType }),
      },
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
    });
    if (response.ok) return response;
    const text = await response.text();
    // The answer to a HEAD has no body to say it in.
    const message = field(text, "Message") || `S3 answered ${response.status} to ${method} ${path}`;
    throw new ObjectRefusedError(field(text, "Code"), message);
  }

  const pathOf = (bucket: string, key: string) =>
    [bucket, ...key.split("/")].map(encodeURIComponent).join("/");

  async function writeInParts(path: string, content: Buffer, contentType: string): Promise<void> {
    const begun = await (await call("POST", `${path}?uploads`, undefined, contentType)).text();
    const uploadId = encodeURIComponent(field(begun, "UploadId"));
    const parts: string[] = [];
    for (let at = 0; at < content.length; at += PART_BYTES) {
      const query = `partNumber=${parts.length + 1}&uploadId=${uploadId}`;
      const part = content.subarray(at, at + PART_BYTES);
      const { headers } = await call("PUT", `${path}?${query}`, part);
      const eTag = headers.get("etag") ?? "";
      parts.push(`<Part><PartNumber>${parts.length + 1}</PartNumber><ETag>${eTag}</ETag></Part>`);
    }
    const whole = `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
    await call("POST", `${path}?uploadId=${uploadId}`, Buffer.from(whole), "application/xml");
  }

  return {
    async list(bucket, prefix) {
      const found: StoredObject[] = [];
      for (let token = ""; ; ) {
        const query = new URLSearchParams({ "list-type": "2", prefix });
        if (token !== "") query.set("continuation-token", token);
        const xml = await (await call("GET", `${bucket}?${query}`)).text();
        for (const [, one = ""] of xml.matchAll(/<Contents>([\s\S]*?)<\/Contents>/g)) {
          const eTag = field(one, "ETag").replaceAll('"', "");
          found.push({ bucket, key: field(one, "Key"), eTag, bytes: Number(field(one, "Size")) });
        }
        token = field(xml, "NextContinuationToken");
        if (token === "") return found;
      }
    },
    async read(bucket, key) {
      return Buffer.from(await (await call("GET", pathOf(bucket, key))).arrayBuffer());
    },
    async confirm(bucket, key) {
      await call("HEAD", pathOf(bucket, key));
    },
    async write(bucket, key, content, contentType) {
      const path = pathOf(bucket, key);
      if (content.length > PART_BYTES) await writeInParts(path, content, contentType);
      else await call("PUT", path, content, contentType);
    },
  };
}

export interface LocalCopy extends StoredObject {
  readonly path: string;
}

/**
 * Copies of these objects in the folder, fetched where they are not there yet; copies of others are
 * removed, so that the folder holds no more than one query needs.
 */
export async function copyObjects(
  folder: string,
  objects: CallerObjects,
  wanted: readonly StoredObject[],
): Promise<readonly LocalCopy[]> {
  await mkdir(folder, { recursive: true });
  const copies = wanted.map((one) => {
    const name = createHash("sha256").update(`${one.bucket}/${one.key} ${one.eTag}`).digest("hex");
    return { ...one, path: join(folder, `${name}.parquet`) };
  });
  const kept = new Set(copies.map(({ path }) => path));
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (!kept.has(path)) await rm(path, { recursive: true, force: true });
  }
  for (const { path, bucket, key, bytes } of copies) {
    const isThere = statSync(path, { throwIfNoEntry: false })?.size === bytes;
    // Of a copy that is there S3 is asked as well, because the role must allow the read each time.
    if (isThere) await objects.confirm(bucket, key);
    else await writeFile(path, await objects.read(bucket, key));
  }
  return copies;
}
