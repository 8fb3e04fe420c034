/** A value that a user entered into a field that both systems hold. */
export interface UserEdit {
  readonly connection: "crm" | "books" | "files";
  readonly recordType: "customer" | "product" | "order" | "invoice";
  readonly externalId: string;
  /** The canonical field. */
  readonly field: string;
  readonly value: string | null;
}

/** Edits by the users of one system. */
export function editsIn(connection: UserEdit["connection"]) {
  return (
    recordType: UserEdit["recordType"],
    externalId: string,
    field: string,
    value: string | null,
  ): UserEdit => ({ connection, recordType, externalId, field, value });
}
