/** What a person's decision came to, where it was not carried out. */
export interface Refusal {
  readonly kind: "refused";
  /** As HTTP has it: what is asked about is not there, or not in a state for it. */
  readonly status: 404 | 409;
  /** A heading in docs/errors.md. */
  readonly code: string;
  readonly fix: string;
}

export const recordUnknown: Refusal = {
  kind: "refused",
  status: 404,
  code: "record-unknown",
  fix: "Look the canonical id up under /cross-references/<connection>/<type>/<id>.",
};

export const sideUnknown: Refusal = {
  kind: "refused",
  status: 404,
  code: "side-unknown",
  fix: "Name a connection that takes part in this record: /cross-references shows its sides.",
};
