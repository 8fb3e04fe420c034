/** What the organisation says of all its documents: its currency, its currencies and its lock dates. */
import * as z from "zod";
import { limits } from "#shared/config/limits.ts";
import type { LedgerFacts } from "#shared/domain/ledger.ts";
import { parseCurrency } from "#shared/domain/money.ts";
import type { CalendarDate } from "#shared/domain/records.ts";
import { unreadableAnswer } from "./errors.ts";
import type { Source } from "./read-records.ts";
import { readingFailure } from "./resources.ts";
import { currencySchema, organisationSchema } from "./schema.ts";
import { dateOf } from "./wire.ts";

interface LedgerReader {
  /** Throws SyncError where Xero does not say; nothing is kept of that. */
  current(signal: AbortSignal): Promise<LedgerFacts>;
}

/**
 * Two calls at first, and again when what they said is some minutes old. Of the two lock dates the
 * later one counts: which of them a user may pass is Xero's business, and an app passes neither.
 */
export function createLedgerReader(
  source: Pick<Source, "client" | "now">,
  filedThrough: CalendarDate | undefined,
): LedgerReader {
  let kept: { readonly facts: LedgerFacts; readonly untilMs: number } | undefined;
  let pending: Promise<LedgerFacts> | undefined;

  async function read(signal: AbortSignal): Promise<LedgerFacts> {
    const [organisations, currencies] = await Promise.all([
      source.client.read({ path: "Organisation", signal }),
      source.client.read({ path: "Currencies", signal }),
    ]);
    const facts = factsOf(organisations, currencies, filedThrough);
    kept = { facts, untilMs: source.now() + limits.ledgerFactsKeptMs };
    return facts;
  }

  return {
    current: async (signal) => {
      if (kept !== undefined && source.now() < kept.untilMs) return kept.facts;
      pending ??= read(signal).finally(() => {
        pending = undefined;
      });
      return pending;
    },
  };
}

/** Throws SyncError `retryable` on an answer that does not say it in Xero's way. */
function factsOf(
  organisations: unknown,
  currencies: unknown,
  filedThrough: CalendarDate | undefined,
): LedgerFacts {
  try {
    const [organisation] = organisationsSchema.parse(organisations).Organisations;
    const listed = currenciesSchema.parse(currencies).Currencies;
    const baseCurrency = parseCurrency(organisation.BaseCurrency);
    const lockedThrough = laterOf(organisation.PeriodLockDate, organisation.EndOfYearLockDate);
    return {
      baseCurrency,
      // Xero may leave its own currency out where there is no other.
      currencies: [...new Set([baseCurrency, ...listed.map(({ Code }) => parseCurrency(Code))])],
      ...(lockedThrough === undefined ? {} : { lockedThrough }),
      ...(filedThrough === undefined ? {} : { filedThrough }),
    };
  } catch (cause) {
    readingFailure(cause);
    throw unreadableAnswer(cause);
  }
}

function laterOf(...dates: readonly (string | null | undefined)[]): CalendarDate | undefined {
  return dates
    .flatMap((date) => dateOf(date, "LockDate", "whole") ?? [])
    .sort()
    .at(-1);
}

const organisationsSchema = z.object({ Organisations: z.tuple([organisationSchema], z.unknown()) });
const currenciesSchema = z.object({ Currencies: z.array(currencySchema) });
