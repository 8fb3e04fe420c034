/** Everything that can make HubSpot refuse a write, checked before anything is changed. */
import type { TextHabits } from "../text-habits.ts";
import { isLifecycleStepBack } from "./calculated.ts";
import { HubspotFailure, invalid, invalidValues, type ValidationResult } from "./errors.ts";
import type { ObjectKind } from "./object-types.ts";
import type { PropertyCatalog } from "./properties.ts";
import { checkValue } from "./property-values.ts";
import { currentVersion, type StoredRecord } from "./records.ts";
import type { UniqueIndex } from "./unique-index.ts";

/** Values by property name as a request carries them; `""` clears. */
export type GivenProperties = Readonly<Record<string, string | boolean>>;

export interface CheckedWrite {
  readonly kind: ObjectKind;
  /** The record to change; `undefined` makes a new one. */
  readonly target: StoredRecord | undefined;
  /** Values as they will be stored; `null` clears. */
  readonly values: Readonly<Record<string, string | null>>;
}

/** Unique values that rows checked earlier in the same batch will hold. */
export type Claims = Map<string, string>;

export interface WriteRules {
  readonly catalog: PropertyCatalog;
  readonly unique: UniqueIndex;
  readonly textHabits: TextHabits;
  readonly portalId: number;
}

/** Throws the HubspotFailure of the first rule broken. `newId` is the id a new record would get. */
export function checkWrite(
  rules: WriteRules,
  kind: ObjectKind,
  target: StoredRecord | undefined,
  given: GivenProperties,
  newId: string,
  claims: Claims,
): CheckedWrite {
  const current = target === undefined ? {} : currentVersion(target).properties;
  const values: Record<string, string | null> = {};
  const refusals: ValidationResult[] = [];
  for (const [name, value] of Object.entries(given)) {
    const definition = rules.catalog.find(kind.type, name);
    if (definition === undefined) {
      const message = `Property "${name}" does not exist`;
      refusals.push({ name, error: "PROPERTY_DOESNT_EXIST", message });
      continue;
    }
    const checked = checkValue(kind.type, definition, value, current[name]);
    if (checked.kind === "refused") refusals.push(checked.result);
    else {
      const { value: kept } = checked;
      values[name] = kept === null ? null : rules.textHabits.kept(kind.type, name, kept);
    }
  }
  if (refusals.length > 0) throw invalidValues(refusals, rules.portalId);
  const stage = values["lifecyclestage"];
  if (typeof stage === "string" && isLifecycleStepBack(current["lifecyclestage"], stage)) {
    delete values["lifecyclestage"];
  }
  if (target === undefined) checkRequired(kind, values);
  checkUnique(rules, kind, target?.id ?? newId, values, claims);
  return { kind, target, values };
}

function checkRequired(kind: ObjectKind, values: Readonly<Record<string, string | null>>): void {
  const isSet = (name: string) => typeof values[name] === "string";
  const missing = missingProperties(kind, isSet);
  if (missing.length === 0) return;
  const message = `Error creating ${kind.legacyName}. Some required properties were not set.`;
  throw invalid(message, { context: { properties: missing } });
}

function missingProperties(kind: ObjectKind, isSet: (name: string) => boolean): string[] {
  switch (kind.type) {
    case "companies":
      return isSet("name") || isSet("domain") ? [] : ["name", "domain"];
    case "deals":
      return ["dealname", "dealstage"].filter((name) => !isSet(name));
    case "quotes":
      return ["hs_title", "hs_expiration_date"].filter((name) => !isSet(name));
    case "products":
      return ["name"].filter((name) => !isSet(name));
    default:
      return [];
  }
}

function checkUnique(
  rules: WriteRules,
  kind: ObjectKind,
  id: string,
  values: Readonly<Record<string, string | null>>,
  claims: Claims,
): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === null) continue;
    if (rules.catalog.find(kind.type, name)?.hasUniqueValue !== true) continue;
    const claim = `${name}=${value}`;
    const holder = rules.unique.holder(kind.type, name, value) ?? claims.get(claim);
    if (holder !== undefined && holder !== id)
      throw valueTaken(rules, kind, name, value, id, holder);
    claims.set(claim, id);
  }
}

/** A taken e-mail is a conflict of contacts; any other taken value is a validation error. */
function valueTaken(
  rules: WriteRules,
  kind: ObjectKind,
  name: string,
  value: string,
  id: string,
  holder: string,
): HubspotFailure {
  if (kind.type === "contacts" && name === "email") {
    return new HubspotFailure({
      status: 409,
      message: `Contact already exists. Existing ID: ${holder}`,
      category: "CONFLICT",
      context: { existingId: [holder] },
    });
  }
  const coordinates = `PropertyValueCoordinates{portalId=${rules.portalId}, objectTypeId=ObjectTypeId{legacyObjectType=${kind.legacyName}}, propertyName=${name}, value=${value}}`;
  const message = `Cannot set ${coordinates} on ${id}. ${holder} already has that value.`;
  return invalid(message, {
    errors: [
      {
        message,
        code: "CONFLICTING_UNIQUE_VALUE",
        context: { propertyName: [name], existingObjectId: [holder] },
      },
    ],
  });
}
