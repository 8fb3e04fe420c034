/**
 * The locks of the books, read before a call: what they would refuse is not sent. The facts of the
 * ledger are read once for a batch; the state of a document is what was read before overwriting it.
 * What cannot be read is waited for: nothing is written blind.
 */
import { limits } from "#shared/config/limits.ts";
import { dateOfEpochMs } from "#shared/domain/calendar.ts";
import { giveUpOwed } from "#shared/domain/give-up.ts";
import type { RecordType } from "#shared/domain/identifiers.ts";
import type { LedgerFacts } from "#shared/domain/ledger.ts";
import { decideCustomerCurrency, decideDocument } from "#shared/domain/ledger-lock.ts";
import type { Fields, ObservedRecord } from "#shared/domain/records.ts";
import { assertNever, type Failure, SyncError } from "#shared/domain/sync-error.ts";
import type { Connector } from "#shared/ports/connector.ts";
import type { Deliveries, Delivery } from "./deliver-outcomes.ts";
import type { DeliverDependencies } from "./dependencies.ts";
import { nowText } from "./now-text.ts";
import { pendingReferences, resolveInward } from "./references.ts";
import { saveDecidedOf } from "./save-decided.ts";

/** A delivery, with the record as the remote shows it now where it was read. */
export interface Looked {
  readonly delivery: Delivery;
  readonly shown?: ObservedRecord | undefined;
}

/** The facts of one connection's ledger: read at the first call, and not again. */
export type LedgerReader = () => Promise<LedgerFacts>;

/** Undefined where the system is no ledger. */
export function ledgerReaderOf(
  connector: Connector,
  signal: AbortSignal,
): LedgerReader | undefined {
  if (connector.readLedger === undefined) return undefined;
  let reading: Promise<LedgerFacts> | undefined;
  return () => {
    reading ??= connector.readLedger?.(signal) ?? Promise.reject(noLedger);
    return reading;
  };
}

/** Whether a document of this type may be locked there, so that its state must be known. */
export function isLockable(connector: Connector, recordType: RecordType): boolean {
  const isDocument = recordType === "invoice" || recordType === "creditNote";
  return isDocument && connector.readLedger !== undefined;
}

/** Answers what the books let through, with what may not go taken out. */
export async function checkLocks(
  deps: DeliverDependencies,
  connector: Connector,
  recordType: RecordType,
  looked: readonly Looked[],
  readLedger: LedgerReader | undefined,
  outcomes: Deliveries,
): Promise<readonly Delivery[]> {
  const isDocument = isLockable(connector, recordType);
  const isChecked = ({ delivery: { write } }: Looked): boolean =>
    isDocument || (recordType === "customer" && write.fields["currency"] !== undefined);
  if (readLedger === undefined || !looked.some(isChecked)) return looked.map(onlyDelivery);
  let ledger: LedgerFacts;
  try {
    ledger = await readLedger();
    await deps.ledgers.put(connector.connection, ledger);
  } catch (cause) {
    if (!(cause instanceof SyncError)) throw cause;
    for (const { delivery } of looked.filter(isChecked)) {
      await postponeUnread(outcomes, delivery, cause.failure);
    }
    return looked.filter((one) => !isChecked(one)).map(onlyDelivery);
  }
  const open: Delivery[] = [];
  for (const one of looked) {
    let checked: Delivery | undefined = one.delivery;
    if (isDocument) checked = await checkDocument(deps, connector, one, ledger, outcomes);
    else if (isChecked(one)) checked = await checkCustomer(deps, one.delivery, ledger, outcomes);
    if (checked !== undefined) open.push(checked);
  }
  return open;
}

/** What must be known before the write could not be read. */
export async function postponeUnread(
  outcomes: Deliveries,
  delivery: Delivery,
  failure: Failure,
): Promise<void> {
  if (delivery.hint.tries < limits.triesMax) outcomes.postpone(delivery.hint, failure);
  else await outcomes.refuse(delivery, failure);
}

async function checkDocument(
  deps: DeliverDependencies,
  connector: Connector,
  { delivery, shown }: Looked,
  ledger: LedgerFacts,
  outcomes: Deliveries,
): Promise<Delivery | undefined> {
  const { externalId, fields: owed } = delivery.write;
  // Asked for and not shown: it is gone for good.
  const known = externalId === undefined ? undefined : (shown ?? gone);
  const today = dateOfEpochMs(deps.clock());
  const decision = decideDocument({ shown: known, owed, ledger, today });
  switch (decision.kind) {
    case "allow":
      return reduced(delivery, Object.keys(delivery.golden), decision.unsaid);
    case "reduce":
      return reduced(delivery, decision.fields, decision.unsaid);
    case "correct":
      if (shown !== undefined && (await giveUp(deps, connector, delivery, shown))) {
        outcomes.leave(delivery, decision.failure.code);
        return undefined;
      }
      await outcomes.refuse(delivery, decision.failure);
      return undefined;
    case "hold":
      await outcomes.refuse(delivery, decision.failure);
      return undefined;
    default:
      return assertNever(decision);
  }
}

/** The invoice of an order is corrected by way of its order, see `correction.ts`; others by a person. */
async function giveUp(
  deps: DeliverDependencies,
  { connection }: Connector,
  { xref, golden }: Delivery,
  shown: ObservedRecord,
): Promise<boolean> {
  if (xref.recordType !== "invoice" || xref.fields["order"] == null) return false;
  const known = await deps.xrefs.findExternalRefs(pendingReferences(shown.fields));
  const fields = resolveInward(shown.fields, known);
  const at = nowText(deps);
  const document = { connection, owed: Object.keys(golden), fields, at };
  const flow = deps.flows[xref.recordType];
  const decided = await saveDecidedOf(deps, xref, (current) => giveUpOwed(current, document, flow));
  return decided?.isSaved === true;
}

async function checkCustomer(
  deps: DeliverDependencies,
  delivery: Delivery,
  ledger: LedgerFacts,
  outcomes: Deliveries,
): Promise<Delivery | undefined> {
  const { fields, externalId } = delivery.write;
  const currency = fields["currency"] ?? null;
  const documentCurrencies =
    externalId === undefined ? new Set<string>() : await billedCurrencies(deps, delivery);
  const failure = decideCustomerCurrency({ currency, documentCurrencies, ledger });
  if (failure === undefined) return delivery;
  const others = Object.keys(delivery.golden).filter((field) => field !== "currency");
  if (others.length > 0) return reduced(delivery, others, []);
  await outcomes.refuse(delivery, failure);
  return undefined;
}

/** Of the documents that count for the customer; void ones are over. */
async function billedCurrencies(
  { relations }: Pick<DeliverDependencies, "relations">,
  { xref: { canonicalId, absorbed = [] } }: Delivery,
): Promise<ReadonlySet<string>> {
  const currencies = new Set<string>();
  for (const id of [canonicalId, ...absorbed]) {
    for (const document of await relations.list(id)) {
      if (document.kind === "payment") continue;
      const isOver = document.status === "void" || document.status === "deleted";
      if (!isOver) currencies.add(document.total.currency);
    }
  }
  return currencies;
}

/**
 * The delivery of these fields alone. What is unsaid is not sent and counts as told; what else was
 * owed stays so, and is looked at again when this is written.
 */
function reduced(
  delivery: Delivery,
  fields: readonly string[],
  unsaid: readonly string[],
): Delivery {
  const kept = new Set(fields);
  const sent = new Set(fields.filter((field) => !unsaid.includes(field)));
  const left = Object.keys(delivery.golden).filter((field) => !sent.has(field));
  if (left.length === 0) return delivery;
  const { golden, write } = delivery;
  return {
    ...delivery,
    golden: pick(golden, (field) => kept.has(field)),
    write: {
      ...write,
      fields: pick(write.fields, (field) => sent.has(field)),
      record: pick(write.record, (field) => !left.includes(field)),
    },
  };
}

function pick(fields: Fields, isWanted: (field: string) => boolean): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([field]) => isWanted(field)));
}

function onlyDelivery({ delivery }: Looked): Delivery {
  return delivery;
}

const gone = { life: "deleted", fields: {} } as const;

const noLedger = new SyncError({ kind: "bug", code: "ledger-unread" });
