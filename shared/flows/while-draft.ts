import type { FieldPolicy } from "#shared/domain/flow.ts";
import { newest, systemOfRecord } from "#shared/domain/policies.ts";

/** A draft document is its order's and the bookkeeper's alike; what was issued is the books' alone. */
export const whileDraft: FieldPolicy = {
  kind: "by-state",
  field: "status",
  whileBlank: newest,
  states: { draft: newest },
  otherwise: systemOfRecord("books"),
};
