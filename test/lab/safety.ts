/** What must hold before each call that changes a remote. */
import { sideOf } from "#shared/domain/cross-reference.ts";
import { isWrite } from "./evidence.ts";
import type { ReachedCall } from "./network.ts";
import type { Violations } from "./violations.ts";
import type { World } from "./world.ts";

const ID_PROPERTY = "record_id";

export function checkCall(
  call: Omit<ReachedCall, "status" | "answer">,
  world: World,
  violations: Violations,
): void {
  if (!isWrite(call) || call.body === undefined) return;
  const body: unknown = JSON.parse(call.body);
  checkIntents(call, body, world, violations);
  if (call.connection !== "books") return;
  checkArchives(body, world, violations);
  checkPosted(call, body, world, violations);
}

/**
 * I3: no record is made whose intent is not stored. A worker that slept longer than its lease may send an
 * upsert by our id once more, after another has made and saved the record: that makes nothing.
 */
function checkIntents(
  call: Omit<ReachedCall, "status" | "answer">,
  body: unknown,
  world: World,
  violations: Violations,
): void {
  for (const canonicalId of createdIds(call, body)) {
    const xref = world.ports.all().find((one) => one.canonicalId === canonicalId);
    const side = xref === undefined ? undefined : sideOf(xref, call.connection);
    const isIntended = side?.state === "creating" && side.intent !== undefined;
    const isMadeAlready = call.path.endsWith("/upsert") && isInCrm(canonicalId, world);
    violations.check(
      "I3",
      isIntended || isMadeAlready,
      () => `${canonicalId} on ${call.connection}: ${side?.state}`,
    );
  }
}

function isInCrm(canonicalId: string, { hubspot }: World): boolean {
  return (["companies", "deals"] as const).some((type) =>
    hubspot.records(type).some(({ properties }) => properties[ID_PROPERTY] === canonicalId),
  );
}

/** Our own ids of what a call makes, where the remote has a place for them. */
function createdIds(call: Omit<ReachedCall, "status" | "answer">, body: unknown): string[] {
  if (call.connection === "crm") {
    if (!/\/batch\/(create|upsert)$/.test(call.path)) return [];
    return listAt(body, "inputs").flatMap((input) => {
      const isUpsert = fieldAt(input, "idProperty") === ID_PROPERTY;
      const id = isUpsert
        ? fieldAt(input, "id")
        : fieldAt(fieldAt(input, "properties"), ID_PROPERTY);
      return typeof id === "string" && id !== "" ? [id] : [];
    });
  }
  return listAt(body, "Contacts").flatMap((contact) => {
    const number = fieldAt(contact, "ContactNumber");
    const isNew = fieldAt(contact, "ContactID") === undefined;
    return isNew && typeof number === "string" ? [number] : [];
  });
}

/** I3: no contact is archived without a note that it is our doing, or that it ended already. */
function checkArchives(body: unknown, world: World, violations: Violations): void {
  for (const contact of listAt(body, "Contacts")) {
    if (fieldAt(contact, "ContactStatus") !== "ARCHIVED") continue;
    const id = fieldAt(contact, "ContactID");
    const xref = world.ports
      .all()
      .find((one) => one.recordType === "customer" && sideOf(one, "books").externalId === id);
    const side = xref === undefined ? undefined : sideOf(xref, "books");
    violations.check(
      "I3",
      side?.archivingSince !== undefined || side?.state === "tombstoned",
      () => `${xref?.canonicalId} is archived, its side is ${side?.state}`,
    );
  }
}

/** I8 and I10: what was posted is never edited, voided or deleted by us, as far as we can know. */
function checkPosted(
  call: Omit<ReachedCall, "status" | "answer">,
  body: unknown,
  world: World,
  violations: Violations,
): void {
  violations.check("I8", call.method !== "DELETE", () => `${call.method} ${call.path}`);
  for (const sent of listAt(body, "Invoices")) {
    const id = fieldAt(sent, "InvoiceID");
    if (typeof id !== "string") continue;
    const status = fieldAt(sent, "Status");
    violations.check("I8", status !== "VOIDED", () => `void of ${id}`);
    const xref = world.ports
      .all()
      .find((one) => one.recordType === "invoice" && sideOf(one, "books").externalId === id);
    const known = xref?.fields["status"];
    const isOpen = known === undefined || known === "draft" || known === "deleted";
    violations.check("I10", isOpen, () => `${id} is ${String(known)} and was written`);
  }
}

function listAt(value: unknown, name: string): readonly unknown[] {
  const list = fieldAt(value, name);
  return Array.isArray(list) ? list : [];
}

function fieldAt(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
