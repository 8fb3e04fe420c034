/** The changes one can make to the simulated CRM, each with all that follows from it. */
import type { RowFaults } from "../row-faults.ts";
import { defaultAssociationType, findAssociationType } from "./association-types.ts";
import type { AssociationChange, AssociationStore, End } from "./associations.ts";
import { type HubspotFailureFields, invalid, resourceNotFound } from "./errors.ts";
import { OBJECT_KINDS, type ObjectKind, type ObjectType } from "./object-types.ts";
import type { PropertyCatalog, PropertyDefinition, PropertyInput } from "./properties.ts";
import {
  type ChangeSource,
  currentVersion,
  type FormerLink,
  isLive,
  type StoredRecord,
} from "./records.ts";
import type { SearchIndex } from "./search-index.ts";
import type { RecordStore } from "./store.ts";
import type { WebhookQueue } from "./webhooks.ts";
import type { CheckedWrite } from "./write-checks.ts";

/** Counts that HubSpot rolls up: property by owning type and counted type. */
const ROLL_UPS: readonly { of: ObjectType; counts: ObjectType; property: string }[] = [
  { of: "companies", counts: "contacts", property: "num_associated_contacts" },
  { of: "companies", counts: "deals", property: "num_associated_deals" },
  { of: "contacts", counts: "deals", property: "num_associated_deals" },
  { of: "deals", counts: "contacts", property: "num_associated_contacts" },
  { of: "deals", counts: "line_items", property: "hs_num_of_associated_line_items" },
];

export interface CrmParts {
  readonly catalog: PropertyCatalog;
  readonly store: RecordStore;
  readonly associations: AssociationStore;
  readonly webhooks: WebhookQueue;
  readonly searchIndex: SearchIndex;
  readonly rowFaults: RowFaults<HubspotFailureFields>;
  readonly portalId: number;
  readonly now: () => number;
  /** Marks the state as worth saving. */
  readonly changed: () => void;
}

export class Crm {
  readonly parts: CrmParts;

  constructor(parts: CrmParts) {
    this.parts = parts;
  }

  /** Carries out a checked write. */
  write(write: CheckedWrite, source: ChangeSource): StoredRecord {
    const { store, webhooks, changed } = this.parts;
    const outcome = store.commit(write, source);
    if (write.target === undefined) webhooks.created(outcome.record, outcome.changed, source);
    else if (outcome.changed.length > 0) webhooks.changed(outcome.record, outcome.changed, source);
    changed();
    return outcome.record;
  }

  /** What the buyer does at the quote's own page; it stays until the quote is approved anew. */
  acceptQuote(quote: StoredRecord): void {
    const isPublished = currentVersion(quote).properties["hs_quote_status"] === "PUBLISHED";
    if (!isPublished) throw invalid("Only a published quote can be accepted");
    this.parts.store.setCalculated(quote, { hs_quote_status: "ACCEPTED" });
    this.parts.changed();
  }

  /** Archives a live record, which ends its associations; does nothing to any other. */
  archive(record: StoredRecord, source: ChangeSource): void {
    const { store, associations, webhooks, changed } = this.parts;
    if (!isLive(record)) return;
    store.archive(record);
    record.formerLinks = associations.linksOf(endOf(record));
    this.#rollUp(associations.unlinkAll(endOf(record)));
    webhooks.deleted(record, source);
    changed();
  }

  /**
   * Takes an archived record out of the recycle bin, with what it was linked with as far as that is
   * there. Throws where it cannot come back.
   */
  restore(record: StoredRecord, source: ChangeSource): void {
    const { store, webhooks, changed } = this.parts;
    if (store.stateOf(record) !== "archived") throw resourceNotFound();
    store.restore(record);
    const links = record.formerLinks ?? [];
    delete record.formerLinks;
    for (const link of links) this.#relink(record, link);
    webhooks.restored(record, source);
    changed();
  }

  /** Deletes a contact for good, as the law may ask for. */
  purge(contact: StoredRecord, source: ChangeSource): void {
    const { store, associations, webhooks, changed } = this.parts;
    const wasLive = isLive(contact);
    store.purge(contact);
    this.#rollUp(associations.unlinkAll(endOf(contact)));
    if (wasLive) webhooks.deleted(contact, source);
    webhooks.purged(contact, source);
    changed();
  }

  /** Ends the time of an archived record in the recycle bin; nothing tells of it. */
  expireArchived(kind: ObjectKind, id: string): void {
    const { store, changed } = this.parts;
    const record = store.find(kind, id);
    if (record === undefined || isLive(record)) throw resourceNotFound();
    store.purge(record);
    changed();
  }

  /** Makes a custom property, blank for every record. Throws HubSpot's refusal. */
  createProperty(kind: ObjectKind, input: PropertyInput): PropertyDefinition {
    const { catalog, store, changed } = this.parts;
    const created = catalog.create(kind, input);
    store.dropValues(kind.type, input.name);
    changed();
    return created;
  }

  /** Takes a custom property out of use; its values come back if it is restored. Throws HubSpot's refusal. */
  deleteProperty(kind: ObjectKind, name: string): void {
    const { catalog, store, changed } = this.parts;
    if (catalog.find(kind.type, name)?.hubspotDefined === false) store.unindex(kind.type, name);
    catalog.archive(kind, name);
    changed();
  }

  restoreProperty(kind: ObjectKind, name: string): void {
    const { catalog, store, changed } = this.parts;
    catalog.restore(kind, name);
    store.index(kind.type, name);
    changed();
  }

  /** The type of a new link, checked; `undefined` as type id means the plain one. */
  associationType(from: ObjectKind, to: ObjectKind, typeId?: number) {
    const type =
      typeId === undefined
        ? defaultAssociationType(from.type, to.type)
        : findAssociationType(typeId);
    if (type === undefined || type.from !== from.type || type.to !== to.type) {
      throw invalid(
        `One or more associations are not valid: no association type ${typeId ?? "default"} from ${from.singular} to ${to.singular}`,
        { subCategory: "crm.associations.INVALID_ASSOCIATION_TYPE" },
      );
    }
    return type;
  }

  associate(
    from: StoredRecord,
    to: StoredRecord,
    typeId: number | undefined,
    source: ChangeSource,
  ): void {
    const type = this.associationType(OBJECT_KINDS[from.type], OBJECT_KINDS[to.type], typeId);
    this.#tell(this.parts.associations.link(endOf(from), endOf(to), type), source);
  }

  dissociate(from: StoredRecord, to: StoredRecord, source: ChangeSource): void {
    this.#tell(this.parts.associations.unlink(endOf(from), endOf(to)), source);
  }

  /** Merges two live records of a type into a new one and answers it. */
  merge(primary: StoredRecord, other: StoredRecord, source: ChangeSource): StoredRecord {
    const { store, associations, webhooks, changed } = this.parts;
    const before = currentVersion(primary).properties;
    const moved = Object.keys(currentVersion(other).properties).filter((name) => !(name in before));
    const survivor = store.merge(primary, other);
    // The primary's links come last: its main company stays the main one.
    associations.move(endOf(other), endOf(survivor));
    associations.move(endOf(primary), endOf(survivor));
    this.#setRollUps(survivor);
    webhooks.merged(survivor, primary.id, [primary.id, other.id], moved.length, source);
    webhooks.deleted(other, source);
    changed();
    return survivor;
  }

  /** A link to a record that is itself in the recycle bin comes back with that one. */
  #relink(record: StoredRecord, { type, id, typeIds }: FormerLink): void {
    const { store, associations } = this.parts;
    const other = store.find(OBJECT_KINDS[type], id);
    if (other === undefined) return;
    const types = typeIds.flatMap((typeId) => findAssociationType(typeId) ?? []);
    if (!isLive(other)) {
      const link = { type: record.type, id: record.id, typeIds: types.map((one) => one.inverseId) };
      other.formerLinks = [...(other.formerLinks ?? []), link];
      return;
    }
    const isTaken = record.type === "line_items" && associations.linked(record.id, type).length > 0;
    const hasOther = type === "line_items" && associations.linked(id, record.type).length > 0;
    if (isTaken || hasOther) return;
    for (const one of types) {
      this.#rollUp(associations.link(endOf(record), endOf(other), one));
    }
  }

  #tell(changes: readonly AssociationChange[], source: ChangeSource): void {
    if (changes.length === 0) return;
    for (const change of changes) this.parts.webhooks.associated(change, source);
    this.#rollUp(changes);
    this.parts.changed();
  }

  #rollUp(changes: readonly AssociationChange[]): void {
    const ends = new Map(changes.flatMap(({ from, to }) => [from, to]).map((end) => [end.id, end]));
    for (const { type, id } of ends.values()) {
      const record = this.parts.store.findLive(OBJECT_KINDS[type], id);
      if (record !== undefined) this.#setRollUps(record);
    }
  }

  #setRollUps(record: StoredRecord): void {
    const { store, associations } = this.parts;
    const counts = ROLL_UPS.filter((rollUp) => rollUp.of === record.type).map((rollUp) => {
      const count = associations.linked(record.id, rollUp.counts).length;
      return [rollUp.property, String(count)];
    });
    if (counts.length > 0) store.setCalculated(record, Object.fromEntries(counts));
  }
}

function endOf(record: StoredRecord): End {
  return { type: record.type, id: record.id };
}
