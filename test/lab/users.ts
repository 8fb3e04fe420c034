/** People at work in both systems: what they do is drawn, and each value they enter is their own. */

import { HubspotFailure } from "#infra/local/simulators/hubspot/errors.ts";
import type { InProcessHubspot } from "#infra/local/simulators/hubspot/simulator.ts";
import type { InProcessXero } from "#infra/local/simulators/xero/simulator.ts";
import { RefusedActionError } from "#infra/local/simulators/xero/user.ts";
import { booksActs, booksUser } from "./books-user.ts";
import { crmActs, crmUser, unpolledActs } from "./crm-user.ts";
import type { Random } from "./random.ts";
import type { UserEdit } from "./user-edit.ts";

export interface UserAct {
  readonly name: string;
  readonly edits: readonly UserEdit[];
}

export interface Users {
  /** One thing that somebody does; undefined where what was drawn is not possible now. */
  act(): UserAct | undefined;
  /** As `act`, but always a new customer or product. */
  create(): UserAct | undefined;
  /** What was sold before a run begins. */
  sell(): readonly UserAct[];
  /** What became of it in the books. */
  bill(): readonly UserAct[];
  /** Ids of the records that a user ever archived, deleted or merged. */
  readonly ended: ReadonlySet<string>;
}

/** What somebody can do by name; each answers what it entered, and throws where it is not possible. */
export type Acts<Name extends string> = Readonly<Record<Name, () => readonly UserEdit[]>>;

/** What acts draw from, and what they leave word in. */
export interface ActDraws {
  readonly random: Random;
  /** A text that nobody entered before. */
  readonly text: (prefix: string) => string;
  readonly valueFor: (field: string) => string;
  /** Mostly one of the first: where everybody works on the same few records, they collide. */
  readonly pickHot: <Element>(from: readonly Element[]) => Element;
  readonly ended: Set<string>;
}

type ActName = keyof typeof crmActs | keyof typeof booksActs;

const sales = [
  ...["create-company", "create-company", "create-product", "create-product"],
  ...["create-deal", "create-deal", "create-deal", "make-contract"],
] as const satisfies readonly ActName[];
const billings = ["approve-invoice", "approve-invoice", "pay-invoice"] as const;
const creations = ["create-company", "create-contact", "create-product", "create-item"] as const;

export function createUsers(
  hubspot: InProcessHubspot,
  xero: InProcessXero,
  random: Random,
  options: { readonly onlyPolled: boolean },
): Users {
  const ended = new Set<string>();
  let count = 0;
  const text = (prefix: string): string => {
    count += 1;
    return `${prefix}${count}`;
  };
  const draws: ActDraws = {
    random,
    text,
    valueFor: (field) => (field === "email" ? `${text("mail-")}@users.example` : text(`${field} `)),
    pickHot: (from) => random.pick(random.chance(0.7) ? from.slice(0, 2) : from),
    ended,
  };
  const acts: Acts<ActName> = { ...crmUser(hubspot, draws), ...booksUser(xero, draws) };

  return {
    ended,
    create: () => doIt(random.pick(creations)),
    sell: () => sales.flatMap((name) => doIt(name) ?? []),
    bill: () => billings.flatMap((name) => doIt(name) ?? []),
    act() {
      const name: ActName = random.chance(0.6) ? random.weigh(crmActs) : random.weigh(booksActs);
      return options.onlyPolled && unpolledActs.includes(name) ? undefined : doIt(name);
    },
  };

  function doIt(name: ActName): UserAct | undefined {
    try {
      return { name, edits: acts[name]() };
    } catch (cause) {
      // Refused, as it would be to a person, or nothing there yet to do it to.
      if (cause instanceof HubspotFailure || cause instanceof RefusedActionError) return undefined;
      if (cause instanceof Error && cause.message === "Nothing to pick from") return undefined;
      throw cause;
    }
  }
}
