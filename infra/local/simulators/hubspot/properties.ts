/** Property definitions and groups: HubSpot's own, and those an integration adds. */
import * as z from "zod";
import { DEFAULT_GROUPS, DEFAULT_OPTIONS, DEFAULT_PROPERTY_LINES } from "./default-properties.ts";
import { HubspotFailure, invalid } from "./errors.ts";
import { OBJECT_TYPES, type ObjectKind, type ObjectType } from "./object-types.ts";
import { DEAL_PIPELINE_ID, DEAL_PIPELINE_LABEL, DEAL_STAGES } from "./pipelines.ts";

const UNIQUE_PROPERTIES_MAX = 10;
const NAME_PATTERN = /^[a-z][a-z0-9_]{0,99}$/;

const FIELD_TYPES: Readonly<Record<string, readonly string[]>> = {
  string: ["text", "textarea", "phonenumber", "html", "file"],
  number: ["number"],
  date: ["date"],
  datetime: ["date"],
  enumeration: ["select", "radio", "checkbox", "booleancheckbox"],
  bool: ["booleancheckbox"],
};

interface PropertyOption {
  readonly value: string;
  readonly label: string;
}

export interface PropertyDefinition {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly fieldType: string;
  readonly groupName: string;
  readonly description: string;
  readonly options: readonly PropertyOption[];
  readonly calculated: boolean;
  readonly readOnly: boolean;
  readonly hasUniqueValue: boolean;
  readonly hubspotDefined: boolean;
}

export const propertyInputSchema = z.object({
  name: z.string(),
  label: z.string(),
  type: z.string(),
  fieldType: z.string(),
  groupName: z.string(),
  description: z.string().optional(),
  hasUniqueValue: z.boolean().optional(),
  options: z.array(z.object({ value: z.string(), label: z.string() })).optional(),
});
export type PropertyInput = z.infer<typeof propertyInputSchema>;

export const groupInputSchema = z.object({ name: z.string(), label: z.string() });
export type PropertyGroup = z.infer<typeof groupInputSchema>;

/** What a save of the catalog holds: only what was added to HubSpot's own. */
export const catalogStateSchema = z.record(
  z.string(),
  z.object({
    properties: z.array(propertyInputSchema),
    groups: z.array(groupInputSchema),
    archived: z.array(propertyInputSchema).default([]),
  }),
);
export type CatalogState = z.infer<typeof catalogStateSchema>;

interface TypeCatalog {
  readonly properties: Map<string, PropertyDefinition>;
  readonly groups: Map<string, PropertyGroup>;
  /** `archived`: deleted ones, which can be restored. */
  readonly added: {
    properties: PropertyInput[];
    groups: PropertyGroup[];
    archived: PropertyInput[];
  };
}

export class PropertyCatalog {
  readonly #types: Readonly<Record<ObjectType, TypeCatalog>>;

  /** `currencies` are the account's, its own first: no other code is a valid deal currency. */
  constructor(currencies: readonly string[], state: CatalogState = {}) {
    const catalogOf = (type: ObjectType) => defaultCatalog(type, currencies);
    this.#types = {
      companies: catalogOf("companies"),
      contacts: catalogOf("contacts"),
      products: catalogOf("products"),
      deals: catalogOf("deals"),
      quotes: catalogOf("quotes"),
      line_items: catalogOf("line_items"),
    };
    for (const type of OBJECT_TYPES) {
      for (const group of state[type]?.groups ?? []) this.#addGroup(type, group);
      for (const input of state[type]?.properties ?? []) this.#addProperty(type, input);
      this.#types[type].added.archived = [...(state[type]?.archived ?? [])];
    }
  }

  list(type: ObjectType): readonly PropertyDefinition[] {
    return [...this.#types[type].properties.values()];
  }

  find(type: ObjectType, name: string): PropertyDefinition | undefined {
    return this.#types[type].properties.get(name);
  }

  /** Those that were deleted and can be restored. */
  archived(type: ObjectType): readonly PropertyDefinition[] {
    return this.#types[type].added.archived.map(definitionOf);
  }

  groups(type: ObjectType): readonly PropertyGroup[] {
    return [...this.#types[type].groups.values()];
  }

  /** Throws HubSpot's refusal of a definition it does not take. */
  create(kind: ObjectKind, input: PropertyInput): PropertyDefinition {
    const { properties, groups, added } = this.#types[kind.type];
    if (!NAME_PATTERN.test(input.name)) throw invalid(`Property name ${input.name} is invalid`);
    if (properties.has(input.name)) {
      throw new HubspotFailure({
        status: 409,
        message: `Property named '${input.name}' already exists.`,
        category: "OBJECT_ALREADY_EXISTS",
        subCategory: "Properties.PROPERTY_EXISTS",
      });
    }
    if (FIELD_TYPES[input.type]?.includes(input.fieldType) !== true) {
      throw invalid(`Invalid field type ${input.fieldType} for property type ${input.type}`);
    }
    if (!groups.has(input.groupName)) {
      throw invalid(`Property group ${input.groupName} does not exist`);
    }
    if (input.type === "enumeration" && (input.options ?? []).length === 0) {
      throw invalid(`Property ${input.name} of type enumeration must have options`);
    }
    if (input.hasUniqueValue === true) {
      const uniqueCount = added.properties.filter((property) => property.hasUniqueValue).length;
      checkUniqueAllowed(kind, input, uniqueCount);
    }
    added.archived = apart(added.archived, input.name)[0];
    return this.#addProperty(kind.type, input);
  }

  /** Archives a definition that is not HubSpot's own; throws HubSpot's refusal for any other. */
  archive(kind: ObjectKind, name: string): void {
    const { properties, added } = this.#types[kind.type];
    const definition = properties.get(name);
    if (definition === undefined) throw propertyNotFound(name);
    if (definition.hubspotDefined) {
      throw invalid(`Property ${name} is defined by HubSpot and cannot be deleted`);
    }
    properties.delete(name);
    const [kept, archived] = apart(added.properties, name);
    added.properties = kept;
    added.archived = [...added.archived, ...archived];
  }

  /** Puts an archived definition back into use. */
  restore(kind: ObjectKind, name: string): void {
    const { properties, added } = this.#types[kind.type];
    const [kept, archived] = apart(added.archived, name);
    if (archived.length === 0 || properties.has(name)) throw propertyNotFound(name);
    added.archived = kept;
    for (const input of archived) this.#addProperty(kind.type, input);
  }

  createGroup(type: ObjectType, group: PropertyGroup): PropertyGroup {
    if (!NAME_PATTERN.test(group.name)) throw invalid(`Group name ${group.name} is invalid`);
    if (this.#types[type].groups.has(group.name)) {
      throw new HubspotFailure({
        status: 409,
        message: `Group named '${group.name}' already exists.`,
        category: "OBJECT_ALREADY_EXISTS",
      });
    }
    this.#addGroup(type, group);
    return group;
  }

  snapshot(): CatalogState {
    return Object.fromEntries(OBJECT_TYPES.map((type) => [type, this.#types[type].added]));
  }

  #addGroup(type: ObjectType, group: PropertyGroup): void {
    this.#types[type].groups.set(group.name, group);
    this.#types[type].added.groups.push(group);
  }

  #addProperty(type: ObjectType, input: PropertyInput): PropertyDefinition {
    const definition = definitionOf(input);
    this.#types[type].properties.set(definition.name, definition);
    this.#types[type].added.properties.push(input);
    return definition;
  }
}

function definitionOf(input: PropertyInput): PropertyDefinition {
  return {
    ...input,
    description: input.description ?? "",
    options: input.type === "bool" ? BOOLEAN_OPTIONS : (input.options ?? []),
    calculated: false,
    readOnly: false,
    hasUniqueValue: input.hasUniqueValue ?? false,
    hubspotDefined: false,
  };
}

/** All but the one of that name, and that one. */
function apart(inputs: readonly PropertyInput[], name: string): [PropertyInput[], PropertyInput[]] {
  return [inputs.filter((one) => one.name !== name), inputs.filter((one) => one.name === name)];
}

export function propertyNotFound(name: string): HubspotFailure {
  const message = `Property "${name}" does not exist.`;
  return new HubspotFailure({ status: 404, message, category: "OBJECT_NOT_FOUND" });
}

const BOOLEAN_OPTIONS: readonly PropertyOption[] = [
  { label: "True", value: "true" },
  { label: "False", value: "false" },
];

function checkUniqueAllowed(kind: ObjectKind, input: PropertyInput, uniqueCount: number): void {
  if (kind.type === "products") {
    throw invalid(`Unique properties are not supported for object type ${kind.legacyName}`);
  }
  if (input.type !== "string" && input.type !== "number") {
    throw invalid(`A property of type ${input.type} cannot have unique values`);
  }
  if (uniqueCount >= UNIQUE_PROPERTIES_MAX) {
    throw invalid(
      `The limit of ${UNIQUE_PROPERTIES_MAX} unique properties for ${kind.legacyName} is reached`,
    );
  }
}

function defaultCatalog(type: ObjectType, currencies: readonly string[]): TypeCatalog {
  const group = DEFAULT_GROUPS[type];
  const properties = new Map<string, PropertyDefinition>();
  for (const line of DEFAULT_PROPERTY_LINES[type].split("\n")) {
    if (line === "") continue;
    const [name = "", label = "", kinds = "", flag = ""] = line.split(" | ");
    const [valueType = "", fieldType = ""] = kinds.split(":");
    properties.set(name, {
      name,
      label,
      type: valueType,
      fieldType,
      groupName: group.name,
      description: "",
      options: valueType === "bool" ? BOOLEAN_OPTIONS : defaultOptions(name, currencies),
      calculated: flag === "calculated",
      readOnly: flag === "calculated" || flag === "read-only",
      hasUniqueValue: flag === "unique",
      hubspotDefined: true,
    });
  }
  return {
    properties,
    groups: new Map([[group.name, group]]),
    added: { properties: [], groups: [], archived: [] },
  };
}

function defaultOptions(name: string, currencies: readonly string[]): readonly PropertyOption[] {
  switch (name) {
    case "dealstage":
      return DEAL_STAGES.map(({ id, label }) => ({ value: id, label }));
    case "pipeline":
      return [{ value: DEAL_PIPELINE_ID, label: DEAL_PIPELINE_LABEL }];
    case "deal_currency_code":
    case "hs_line_item_currency_code":
    case "hs_currency":
      return currencies.map((code) => ({ value: code, label: code }));
    default:
      return (DEFAULT_OPTIONS[name] ?? []).map((value) => ({ value, label: labelOf(value) }));
  }
}

function labelOf(value: string): string {
  const words = value.toLowerCase().replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A definition as the properties API answers it. */
export function renderProperty(definition: PropertyDefinition): Readonly<Record<string, unknown>> {
  const { hubspotDefined, readOnly, options, ...rest } = definition;
  return {
    ...rest,
    options: options.map((option, displayOrder) => ({ ...option, displayOrder, hidden: false })),
    displayOrder: -1,
    externalOptions: false,
    hidden: false,
    hubspotDefined,
    modificationMetadata: {
      archivable: !hubspotDefined,
      readOnlyDefinition: hubspotDefined,
      readOnlyValue: readOnly,
    },
    formField: false,
    dataSensitivity: "non_sensitive",
  };
}
