/**
 * Who is linked with whom, kept from both ends. HubSpot's habits: a labelled link is a plain link
 * too, a contact or deal has one primary company (the first, unless another is named), and a line
 * item has one deal.
 */
import * as z from "zod";
import {
  type AssociationType,
  defaultAssociationType,
  findAssociationType,
  primaryAssociationType,
} from "./association-types.ts";
import { invalid } from "./errors.ts";
import { OBJECT_TYPES, type ObjectType } from "./object-types.ts";
import type { FormerLink } from "./records.ts";

export const associationsStateSchema = z.array(
  z.object({
    fromId: z.string(),
    to: z.enum(OBJECT_TYPES),
    toId: z.string(),
    typeIds: z.array(z.number()),
  }),
);
export type AssociationsState = z.infer<typeof associationsStateSchema>;

/** One end of a link. */
export interface End {
  readonly type: ObjectType;
  readonly id: string;
}

export interface LinkedRecord {
  readonly id: string;
  /** Lowest first, so that a primary type stands before the plain one. */
  readonly typeIds: readonly number[];
}

/** A type that came to, or went from, a pair of records. */
export interface AssociationChange {
  readonly from: End;
  readonly to: End;
  readonly type: AssociationType;
  readonly removed: boolean;
}

export class AssociationStore {
  /** From id, then other type, then other id, to the type ids. Record ids are unique over all types. */
  readonly #links = new Map<string, Map<ObjectType, Map<string, Set<number>>>>();

  constructor(state: AssociationsState = []) {
    for (const { fromId, to, toId, typeIds } of state) {
      const types = this.#typesOf(fromId, to, toId);
      for (const typeId of typeIds) types.add(typeId);
    }
  }

  /** The records of a type an end is linked with, in the order of their ids. */
  linked(fromId: string, to: ObjectType): readonly LinkedRecord[] {
    const others = this.#links.get(fromId)?.get(to) ?? new Map<string, Set<number>>();
    return [...others]
      .map(([id, types]) => ({ id, typeIds: [...types].sort((left, right) => left - right) }))
      .sort((left, right) => Number(left.id) - Number(right.id));
  }

  /** Everything an end is linked with. */
  linksOf(from: End): FormerLink[] {
    return this.#allOf(from.id).map(({ type, id }) => ({
      type,
      id,
      typeIds: [...this.#typesOf(from.id, type, id)],
    }));
  }

  /** Throws where HubSpot refuses the link; answers what changed, from the first end's side only. */
  link(from: End, to: End, type: AssociationType): readonly AssociationChange[] {
    this.#checkParent(from, to);
    this.#checkParent(to, from);
    const changes: AssociationChange[] = [];
    const isPrimary = type.label === "Primary" || this.#isFirstCompany(from, to);
    const primary = primaryAssociationType(from.type, to.type);
    if (isPrimary && primary !== undefined) {
      changes.push(...this.#demotePrimary(from, to));
      changes.push(...this.#add(from, to, primary));
    }
    const plain = defaultAssociationType(from.type, to.type);
    if (plain !== undefined) changes.push(...this.#add(from, to, plain));
    return changes;
  }

  /** Takes away every type between two records. */
  unlink(from: End, to: End): readonly AssociationChange[] {
    const typeIds = [...(this.#links.get(from.id)?.get(to.type)?.get(to.id) ?? [])];
    return typeIds.flatMap((typeId) => this.#remove(from, to, typeId));
  }

  /** Takes a record out of all its links. */
  unlinkAll(from: End): readonly AssociationChange[] {
    return this.#allOf(from.id).flatMap((to) => this.unlink(from, to));
  }

  /** Gives the links of `from` to `to`, which is of the same type. */
  move(from: End, to: End): void {
    for (const other of this.#allOf(from.id)) {
      const typeIds = [...this.#typesOf(from.id, other.type, other.id)];
      this.unlink(from, other);
      for (const typeId of typeIds) {
        const type = findAssociationType(typeId);
        if (type !== undefined) this.link(to, other, type);
      }
    }
  }

  snapshot(): AssociationsState {
    return [...this.#links].flatMap(([fromId, byType]) =>
      [...byType].flatMap(([to, others]) =>
        [...others].map(([toId, types]) => ({ fromId, to, toId, typeIds: [...types] })),
      ),
    );
  }

  #allOf(fromId: string): End[] {
    return [...(this.#links.get(fromId) ?? [])].flatMap(([type, others]) =>
      [...others.keys()].map((id) => ({ type, id })),
    );
  }

  #checkParent(child: End, parent: End): void {
    if (child.type !== "line_items") return;
    const [current] = this.linked(child.id, parent.type);
    if (current === undefined || current.id === parent.id) return;
    throw invalid(
      `Line item ${child.id} is already associated with ${parent.type === "deals" ? "deal" : "quote"} ${current.id}; a line item has one parent only`,
      { subCategory: "crm.associations.LIMIT_EXCEEDED", context: { id: [child.id] } },
    );
  }

  /** Whether the end that has one main company gets its first one by this link. */
  #isFirstCompany(from: End, to: End): boolean {
    const [owner, company] = from.type === "companies" ? [to, from] : [from, to];
    if (company.type !== "companies") return false;
    return this.linked(owner.id, "companies").length === 0;
  }

  #demotePrimary(from: End, to: End): readonly AssociationChange[] {
    const [owner, company] = from.type === "companies" ? [to, from] : [from, to];
    const primary = primaryAssociationType(owner.type, "companies");
    if (primary === undefined) return [];
    return this.linked(owner.id, "companies")
      .filter(({ id, typeIds }) => id !== company.id && typeIds.includes(primary.typeId))
      .flatMap(({ id }) => this.#remove(owner, { type: "companies", id }, primary.typeId));
  }

  #add(from: End, to: End, type: AssociationType): AssociationChange[] {
    const types = this.#typesOf(from.id, to.type, to.id);
    if (types.has(type.typeId)) return [];
    types.add(type.typeId);
    this.#typesOf(to.id, from.type, from.id).add(type.inverseId);
    return [{ from, to, type, removed: false }];
  }

  #remove(from: End, to: End, typeId: number): AssociationChange[] {
    const type = findAssociationType(typeId);
    if (type === undefined || !this.#typesOf(from.id, to.type, to.id).delete(typeId)) return [];
    this.#typesOf(to.id, from.type, from.id).delete(type.inverseId);
    this.#forgetEmpty(from, to);
    this.#forgetEmpty(to, from);
    return [{ from, to, type, removed: true }];
  }

  #forgetEmpty(from: End, to: End): void {
    const others = this.#links.get(from.id)?.get(to.type);
    if (others?.get(to.id)?.size === 0) others.delete(to.id);
  }

  #typesOf(fromId: string, to: ObjectType, toId: string): Set<number> {
    const byType = getOrMake(
      this.#links,
      fromId,
      () => new Map<ObjectType, Map<string, Set<number>>>(),
    );
    const others = getOrMake(byType, to, () => new Map<string, Set<number>>());
    return getOrMake(others, toId, () => new Set<number>());
  }
}

function getOrMake<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
