/** Which live record bears a value of a property that must be unique. */
import type { Properties } from "./calculated.ts";
import type { ObjectType } from "./object-types.ts";
import type { PropertyCatalog } from "./properties.ts";

export class UniqueIndex {
  readonly #catalog: PropertyCatalog;
  readonly #holders = new Map<string, string>();

  constructor(catalog: PropertyCatalog) {
    this.#catalog = catalog;
  }

  holder(type: ObjectType, name: string, value: string): string | undefined {
    return this.#holders.get(keyOf(type, name, value));
  }

  add(type: ObjectType, id: string, properties: Properties): void {
    for (const name of this.#uniqueNames(type)) {
      const value = properties[name];
      if (value !== undefined) this.#holders.set(keyOf(type, name, value), id);
    }
  }

  remove(type: ObjectType, id: string, properties: Properties): void {
    for (const name of this.#uniqueNames(type)) {
      const value = properties[name];
      if (value === undefined) continue;
      const key = keyOf(type, name, value);
      if (this.#holders.get(key) === id) this.#holders.delete(key);
    }
  }

  #uniqueNames(type: ObjectType): string[] {
    const unique = this.#catalog.list(type).filter((definition) => definition.hasUniqueValue);
    return unique.map((definition) => definition.name);
  }
}

function keyOf(type: ObjectType, name: string, value: string): string {
  return JSON.stringify([type, name, value]);
}
