/** Every bound of the product in one place; units are in the names. */

export const limits = {
  /** SQS takes 1 MiB; ten of these fit the 6 MB that Lambda takes. */
  queueMessageBytesMax: 200 * 1024,
  /** A message that travels deflated, before and after; what grows beyond it is not read on. */
  inflatedMessageBytesMax: 4 * 1024 * 1024,
  changeEventsPerMessageMax: 200,
  deliveryHintsPerMessageMax: 500,
  /** SQS's own bound on a delayed message. */
  queueDelaySecondsMax: 900,
  webhookBodyBytesMax: 1024 * 1024,
  apiBodyBytesMax: 16 * 1024,
  apiPageSizeMax: 100,
  dedupRetentionSeconds: 7 * 24 * 3600,
  runRetentionSeconds: 90 * 24 * 3600,
  /** Tries of one record at reading or writing before it is parked. */
  triesMax: 8,
  /** Times a lost optimistic lock is read and merged again. */
  saveTriesMax: 6,
  /** A create that began less than this ago may still be under way in another worker. */
  createLeaseMs: 15_000,
  /** First delay after a retryable failure; doubled at each try. */
  retryDelayMs: 2_000,
  /** Wait before an uncertain create is looked up. */
  lookUpDelayMs: 2_000,
  /** Wait before a connection whose consent is gone is tried again. */
  reauthoriseDelayMs: 15 * 60_000,
  /** Table calls one invocation has under way at once. */
  tableConcurrencyMax: 24,
  /** Work stops and is handed on when an invocation has less than this left. */
  invocationReserveMs: 20_000,
  pollPagesPerInvocationMax: 200,
  fileBytesMax: 200 * 1024 * 1024,
  fileRowBytesMax: 256 * 1024,
  fileColumnsMax: 200,
  fileProblemsMax: 10_000,
  documentLinesMax: 1_000,
  waitersPerRecordMax: 10_000,
} as const;
