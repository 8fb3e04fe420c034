/** Files that people drop and take: the inbox and the outbox. */

export interface InboxFile {
  readonly key: string;
  readonly bytes: number;
  /** Streams the content; must be read to its end or aborted. */
  readonly content: AsyncIterable<Uint8Array>;
}

export interface FileStore {
  /** Undefined where the object is gone. */
  open(key: string, signal: AbortSignal): Promise<InboxFile | undefined>;
  /** Writes a file to the outbox, replacing one of the same key. */
  publish(key: string, content: string, contentType: string): Promise<void>;
}
