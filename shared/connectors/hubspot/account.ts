/** What the connector remembers of an account between calls, so that it is read once and not each time. */
import type { CustomPlace } from "#shared/domain/custom-field.ts";
import { parseCurrency } from "#shared/domain/money.ts";
import type { HubspotClient, ObjectType } from "./client.ts";
import { placesOn } from "./custom-places.ts";
import { ACCOUNT_LIFE_MS } from "./definition.ts";
import { type StageBook, stageBookOf } from "./pipelines.ts";
import { ensureProperties } from "./properties.ts";

export interface Account {
  readonly stages: Memory<StageBook>;
  /** The currency of deals that name none. */
  readonly currency: Memory<string>;
  /** Resolves once the custom properties of these types are there. Throws as `ensureProperties` does. */
  readonly ensure: (types: readonly ObjectType[], signal: AbortSignal) => Promise<void>;
  /** Makes the next {@link ensure} look again: HubSpot said that a property is missing. */
  readonly forgetProperties: () => void;
}

/** A value that is read when it is first asked for, and again when it is older than its life. */
interface Memory<Value> {
  readonly get: (signal: AbortSignal) => Promise<Value>;
  readonly forget: () => void;
}

export function createAccount(
  client: HubspotClient,
  now: () => number,
  places: readonly CustomPlace[],
): Account {
  const properties = new Map<ObjectType, Memory<void>>();
  const propertiesOf = (type: ObjectType): Memory<void> => {
    const known = properties.get(type);
    if (known !== undefined) return known;
    const named = placesOn(places, type);
    const load = (signal: AbortSignal) => ensureProperties(client, type, named, signal);
    const made = remember(load, now, Number.POSITIVE_INFINITY);
    properties.set(type, made);
    return made;
  };
  return {
    stages: remember(
      async (signal) => stageBookOf(await client.readPipelines(signal)),
      now,
      ACCOUNT_LIFE_MS,
    ),
    currency: remember(
      async (signal) => parseCurrency((await client.readAccount(signal)).companyCurrency),
      now,
      ACCOUNT_LIFE_MS,
    ),
    ensure: async (types, signal) => {
      await Promise.all(types.map((type) => propertiesOf(type).get(signal)));
    },
    forgetProperties: () => properties.clear(),
  };
}

function remember<Value>(
  load: (signal: AbortSignal) => Promise<Value>,
  now: () => number,
  lifeMs: number,
): Memory<Value> {
  let kept: { readonly value: Value; readonly at: number } | undefined;
  return {
    get: async (signal) => {
      if (kept !== undefined && now() - kept.at < lifeMs) return kept.value;
      const value = await load(signal);
      kept = { value, at: now() };
      return value;
    },
    forget: () => {
      kept = undefined;
    },
  };
}
