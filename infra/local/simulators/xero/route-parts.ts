/** What the routes of all resources are made with. */
import type { SimRequest, SimResponse } from "../simulator-core.ts";
import type { Element } from "./element.ts";
import { queryOf, type Wire, type WriteOutcome, type WriteSpec, ZERO_GUID } from "./envelope.ts";
import { UNIT_DECIMALS_DEFAULT, type UnitDecimals } from "./items.ts";
import type { Saved, WriteMode } from "./organisation.ts";

export type Answer = (request: SimRequest) => SimResponse;
export type AddRoute = (method: string, path: string, answer: Answer) => void;

export function specOf<T>(
  singular: string,
  errorFlag: WriteSpec["errorFlag"],
  mode: WriteMode<T>,
): WriteSpec {
  const isAddressed = mode.kind === "update";
  return { plural: `${singular}s`, idField: `${singular}ID`, errorFlag, isAddressed };
}

export function unitDecimalsOf(request: SimRequest): UnitDecimals {
  return queryOf(request, "unitdp") === "4" ? 4 : UNIT_DECIMALS_DEFAULT;
}

/** A refused element is echoed as it stands in the books, or as it was sent with the zero GUID. */
export function outcomeOf<T>(
  element: Element,
  saved: Saved<T>,
  idField: string,
  view: (record: T) => Wire,
): WriteOutcome {
  if (saved.kind === "saved") return { kind: "written", view: view(saved.record) };
  const { former, messages } = saved;
  const echo = former === undefined ? { ...element, [idField]: ZERO_GUID } : view(former);
  return { kind: "refused", messages, echo };
}
