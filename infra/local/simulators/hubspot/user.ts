/**
 * What a person can do in the account, at the page or in a test's stead. Each is told of by webhooks
 * with the change source `CRM_UI`, and throws the HubspotFailure of what HubSpot refuses.
 */
import { primaryAssociationType } from "./association-types.ts";
import type { Crm } from "./crm.ts";
import { invalid, resourceNotFound } from "./errors.ts";
import { OBJECT_KINDS, type ObjectType } from "./object-types.ts";
import type { ChangeSource, StoredRecord } from "./records.ts";

const SOURCE: ChangeSource = { changeSource: "CRM_UI", sourceId: "userId:1" };
export const MERGEABLE: readonly ObjectType[] = ["companies", "contacts", "deals"];

export interface RecordName {
  readonly type: ObjectType;
  readonly id: string;
}

type Properties = Readonly<Record<string, string>>;

export class HubspotUser {
  readonly #crm: Crm;

  constructor(crm: Crm) {
    this.#crm = crm;
  }

  /** Answers the new record's id. */
  create(type: ObjectType, properties: Properties, linkedWith?: RecordName): string {
    const { store } = this.#crm.parts;
    const created = this.#crm.write(store.check(OBJECT_KINDS[type], undefined, properties), SOURCE);
    const other = linkedWith === undefined ? undefined : this.#findLive(linkedWith);
    if (other !== undefined) this.#crm.associate(created, other, undefined, SOURCE);
    return created.id;
  }

  /** Only the properties given; `""` clears. */
  edit(type: ObjectType, id: string, properties: Properties): void {
    const record = this.#live({ type, id });
    this.#crm.write(this.#crm.parts.store.check(OBJECT_KINDS[type], record, properties), SOURCE);
  }

  /** Links two records; `isPrimary` makes a company the main one of the other. */
  link(from: RecordName, to: RecordName, isPrimary = false): void {
    const primary = isPrimary ? primaryAssociationType(from.type, to.type) : undefined;
    this.#crm.associate(this.#live(from), this.#live(to), primary?.typeId, SOURCE);
  }

  unlink(from: RecordName, to: RecordName): void {
    this.#crm.dissociate(this.#live(from), this.#live(to), SOURCE);
  }

  archive(type: ObjectType, id: string): void {
    this.#crm.archive(this.#live({ type, id }), SOURCE);
  }

  /** Out of the recycle bin, where a record is for ninety days. */
  restore(type: ObjectType, id: string): void {
    const record = this.#crm.parts.store.find(OBJECT_KINDS[type], id);
    if (record === undefined) throw resourceNotFound();
    this.#crm.restore(record, SOURCE);
  }

  /** Answers the id of the record that takes the place of both; its values are the primary's first. */
  merge(type: ObjectType, primaryId: string, otherId: string): string {
    if (!MERGEABLE.includes(type)) throw invalid(`Records of ${type} cannot be merged`);
    const [primary, other] = [
      this.#live({ type, id: primaryId }),
      this.#live({ type, id: otherId }),
    ];
    if (primary === other) throw invalid("Cannot merge a record with itself");
    return this.#crm.merge(primary, other, SOURCE).id;
  }

  /** As the buyer, at the page of a quote that is published. */
  acceptQuote(id: string): void {
    this.#crm.acceptQuote(this.#live({ type: "quotes", id }));
  }

  /** Deletes a contact for good, as the law may ask for; live or archived. */
  deleteForGood(contactId: string): void {
    const record = this.#crm.parts.store.find(OBJECT_KINDS.contacts, contactId);
    if (record === undefined) throw resourceNotFound();
    this.#crm.purge(record, SOURCE);
  }

  #findLive({ type, id }: RecordName): StoredRecord | undefined {
    return this.#crm.parts.store.findLive(OBJECT_KINDS[type], id);
  }

  #live(name: RecordName): StoredRecord {
    const record = this.#findLive(name);
    if (record === undefined) throw resourceNotFound();
    return record;
  }
}
