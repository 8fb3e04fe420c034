/** A live SQS and S3 on loopback, in memory, for contract tests. */
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { buildApp } from "fauxqs";
import { callSettings } from "#shared/aws/aws-clients.ts";

export interface FauxqsEmulator {
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  /** Answers the queue's URL. */
  createQueue(name: string): Promise<string>;
  createBucket(name: string): Promise<void>;
  putObject(bucket: string, key: string, content: string): Promise<void>;
  /** Bodies of all messages that are visible now, taken off the queue. */
  drain(queueUrl: string): Promise<string[]>;
  stop(): Promise<void>;
}

export async function startFauxqsEmulator(): Promise<FauxqsEmulator> {
  const app = buildApp({ logger: false, defaultRegion: "eu-west-1" });
  const endpoint = await app.listen({ port: 0, host: "127.0.0.1" });
  const settings = {
    ...callSettings(),
    endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "contract", secretAccessKey: "contract" },
  };
  const sqs = new SQSClient(settings);
  const s3 = new S3Client(settings);
  return {
    sqs,
    s3,
    async createQueue(QueueName) {
      await sqs.send(new CreateQueueCommand({ QueueName }));
      // The SDK calls the host in the URL, and the emulator's own one has no address.
      return `${endpoint}/000000000000/${QueueName}`;
    },
    async createBucket(Bucket) {
      await s3.send(new CreateBucketCommand({ Bucket }));
    },
    async putObject(Bucket, Key, Body) {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    },
    drain: (queueUrl) => drain(sqs, queueUrl),
    async stop() {
      sqs.destroy();
      s3.destroy();
      await app.close();
    },
  };
}

async function drain(sqs: SQSClient, QueueUrl: string): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 });
    const { Messages = [] } = await sqs.send(command);
    if (Messages.length === 0) return bodies;
    bodies.push(...Messages.map((message) => message.Body ?? ""));
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({
      Id: String(index),
      ReceiptHandle,
    }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
}
