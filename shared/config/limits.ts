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
  /** A call of the API that has less than this left ends, and says what is left to do. */
  apiReserveMs: 5_000,
  /** Held writes that are freed before the next look at the clock. */
  releasesPerSliceMax: 100,
  dedupRetentionSeconds: 7 * 24 * 3600,
  runRetentionSeconds: 90 * 24 * 3600,
  /** Tries of one record at reading or writing before it is parked. */
  triesMax: 8,
  /** Times a lost optimistic lock is read and merged again. */
  saveTriesMax: 6,
  /**
   * A call that was intended less than this ago may still be under way in another worker: longer than
   * the calls of one write may take together.
   */
  intentLeaseMs: 60_000,
  /** First delay after a retryable failure; doubled at each try. */
  retryDelayMs: 2_000,
  /** Wait before an uncertain create is looked up. */
  lookUpDelayMs: 2_000,
  /** Wait before a connection whose consent is gone is tried again. */
  reauthoriseDelayMs: 15 * 60_000,
  /** Table calls one invocation has under way at once. */
  tableConcurrencyMax: 24,
  /** Documents that get their cost at once when that of their product becomes known; the rest at night. */
  costWaitersMax: 500,
  /** Work stops and is handed on when an invocation has less than this left. */
  invocationReserveMs: 20_000,
  pollPagesPerInvocationMax: 200,
  /** Pages of what is parked that a full check looks through for documents that were never made. */
  parkedPagesPerCheckMax: 50,
  fileBytesMax: 1024 * 1024 * 1024,
  fileRowsMax: 5_000_000,
  /** Of a file that is read in parts, so many bytes at a time at the least. */
  fileRangeBytes: 1024 * 1024,
  /** Rows of documents that are held at once, where a file gives no place to part them. */
  fileRangeRowsMax: 300_000,
  /** A walk over a file is put away after so many bytes: what a crash has it walk over again. */
  fileCheckpointBytes: 32 * 1024 * 1024,
  /** A file that lands as a whole or not at all is read twice, at once. */
  fileWholeBytesMax: 64 * 1024 * 1024,
  /** What is kept between the parts of an import: longer than a message of it may be tried again. */
  importStagingDays: 19,
  /** First wait for the records of a file to land; longer with each look. */
  importResultDelayMs: 2_000,
  importResultDelayMaxMs: 60_000,
  /** A result is handed on when less than this is left: longer than one part of it may take. */
  importResultReserveMs: 60_000,
  /** Looks at a run that does not settle, before its result is written as things stand. */
  importResultLooksMax: 20,
  fileRowBytesMax: 256 * 1024,
  fileColumnsMax: 200,
  /** A header stands among the first rows of a file: above it a report's title, its period, a blank row. */
  headerRowsMax: 20,
  fileProblemsMax: 10_000,
  /** Of a file for which a profile is proposed while somebody waits. */
  proposalBytesMax: 100 * 1024 * 1024,
  /** Profiles that a person confirmed: an import reads them all. */
  fileProfilesMax: 200,
  fileProfileBytesMax: 128 * 1024,
  /** What a gzip or one entry of a zip may hold. */
  fileInflatedBytesMax: 1024 * 1024 * 1024,
  /** Inflated by packed bytes, once the second of these are out: text seldom packs to a fiftieth. */
  fileInflationMax: 300,
  fileInflatedBytesFree: 16 * 1024 * 1024,
  /** A spreadsheet or a Parquet file inside of a gzip or zip is held in memory. */
  fileNestedBytesMax: 32 * 1024 * 1024,
  zipEntriesMax: 2_000,
  zipDirectoryBytesMax: 1024 * 1024,
  /** Blank rows of a spreadsheet between two that hold something. */
  sheetBlankRowsMax: 10_000,
  /** Texts that the cells of a spreadsheet share are held in memory. */
  sheetSharedBytesMax: 48 * 1024 * 1024,
  sheetSharedStringsMax: 4_000_000,
  sheetStylesMax: 65_536,
  sheetsMax: 255,
  /** A row group of Parquet is held in memory. */
  parquetRowGroupBytesMax: 64 * 1024 * 1024,
  parquetRowGroupRowsMax: 1_048_576,
  documentLinesMax: 1_000,
  /** Invoices of one contract: twenty years of months. */
  instalmentsMax: 240,
  /** A file of XML, and what it may be made of. */
  xmlBytesMax: 32 * 1024 * 1024,
  xmlElementsMax: 1_000_000,
  xmlDepthMax: 40,
  xmlAttributesMax: 20,
  xmlTextCharactersMax: 64 * 1024,
  waitersPerRecordMax: 10_000,
  /** Content of one object of the history. */
  historyObjectBytesMax: 4 * 1024 * 1024,
  /** Objects of the history that are read at once. */
  historyObjectsAtOnceMax: 4,
  historyEntriesPerPageMax: 30,
  /** Once so many objects were opened, a page ends with the entry it is at. */
  historyObjectsPerPageMax: 60,
  /** What was saved longer ago than this and is not in the history is missing there. */
  historyLagMs: 15 * 60_000,
  /** Custom fields of one record type: their names go along in the URL of each HubSpot listing. */
  customFieldsMax: 30,
  /** A call under way longer than this is of a worker that died: longer than a call may take. */
  callLeaseMs: 15_000,
  /** Wait for a slot among the calls that may be under way at once. */
  callSlotWaitMs: 1_000,
  /** The longest pause a remote is believed to ask for. */
  callPauseMaxMs: 24 * 3_600_000,
  /** Failed calls in a row after which a connection is left alone. */
  breakerFailuresMax: 5,
  /** First pause of a connection that keeps failing; doubled up to the second. */
  breakerPauseMs: 5_000,
  breakerPauseMaxMs: 5 * 60_000,
  /** Wait where nobody could say whether a call was within the budget. */
  budgetRetryMs: 2_000,
  /** Times a lost optimistic lock on a budget is decided again before a call, and after one. */
  budgetTriesMax: 8,
  budgetSettleTriesMax: 30,
  /** A budget that nobody asks for is forgotten: longer than any window and any pause. */
  budgetRetentionSeconds: 3 * 24 * 3600,
  /** Rows of one object of a snapshot: what a function holds in memory at once. */
  snapshotPartRowsMax: 20_000,
  /** Text of the rows that an export holds in memory at once, and puts away as a part. */
  exportPartBytesMax: 8 * 1024 * 1024,
  /** Parts of one export: their names travel in its message, and all are open when they are merged. */
  exportPartsMax: 200,
  /** Of each open part, what is read ahead. */
  exportReadAheadBytes: 128 * 1024,
  /** Of the records that an export could not show. */
  exportLeftOutListedMax: 100,
  /** Time that writing the file of an export must leave for its manifest. */
  exportReserveMs: 15_000,
  /** One part of an upload to S3, which takes 10,000 of at least 5 MiB. */
  uploadPartBytes: 8 * 1024 * 1024,
  /** Rows of a spreadsheet's sheet, header included (ECMA-376; Excel's own bound). */
  sheetRowsMax: 1_048_576,
  sheetTextCharactersMax: 32_767,
  /** Rows that a Parquet file keeps together, all of them in memory while they are written. */
  parquetGroupRowsMax: 20_000,
  /** Of a report that the API reads at once. */
  reportBytesMax: 20 * 1024 * 1024,
  /** The answer to a query is asked for after this, then less and less often. */
  queryPollMs: 250,
  queryPollMsMax: 4_000,
  queryMs: 10 * 60_000,
  /** Rows that one query of a tie-out may answer: totals are few, listed differences are bounded. */
  tieOutRowsMax: 500_000,
  /** Differences of one class that a report lists; all of them are counted and summed. */
  differencesListedMax: 10_000,
  /** What the books say of all their documents is asked for again after this. */
  ledgerFactsKeptMs: 5 * 60_000,
  /** A clock that is behind by more than this was set back, and is believed. */
  clockStepMaxMs: 5 * 60_000,
} as const;
