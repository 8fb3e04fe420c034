/**
 * The custom fields of one remote record, read from its places and written into them. Connectors call
 * this beside their own mapping; what they add is where the texts come from.
 */
import { type CustomPlace, isRead, isWritten } from "./custom-field.ts";
import type { RecordType } from "./identifiers.ts";
import type { PlaceText } from "./lens.ts";
import type { Fields, FieldValue } from "./records.ts";
import { type Failure, SyncError } from "./sync-error.ts";

/** The names under which a record type's places are read. */
export function readNames(places: readonly CustomPlace[], recordType: RecordType): string[] {
  return places
    .filter((place) => place.recordType === recordType && isRead(place.lens))
    .map(({ at }) => at);
}

/**
 * The fields of the places that were shown; a place that was not is absent. Throws SyncError with the
 * field where a text cannot be read.
 */
export function readPlaces(
  places: readonly CustomPlace[],
  recordType: RecordType,
  textAt: (at: string) => PlaceText,
): Fields {
  const fields: Record<string, FieldValue> = {};
  for (const place of places) {
    const { lens, field } = place;
    if (place.recordType !== recordType || !isRead(lens)) continue;
    const read = lens.get(textAt(place.at));
    if (read.kind === "failure") throw refused(read.failure, field);
    if (read.value !== undefined) fields[field] = read.value;
  }
  return fields;
}

/** A text to write, with the field that it says. */
interface PlacedText {
  readonly at: string;
  readonly field: string;
  /** Empty where the field is null: that is how both vendors are told to blank a text. */
  readonly text: string;
}

/**
 * The texts of those fields that are owed. Places are written without being looked at, which the laws
 * of lenses allow. Throws SyncError with the field where a value cannot be said.
 */
export function writePlaces(
  places: readonly CustomPlace[],
  recordType: RecordType,
  owed: Fields,
): PlacedText[] {
  return places.flatMap((place): PlacedText[] => {
    const { at, field, lens } = place;
    if (place.recordType !== recordType || !isWritten(lens)) return [];
    const put = lens.put(owed[field], undefined);
    if (put.kind === "failure") throw refused(put.failure, field);
    return put.value === undefined ? [] : [{ at, field, text: put.value ?? "" }];
  });
}

/** As an element of a request: text by place. */
export function textsByPlace(texts: readonly PlacedText[]): Record<string, string> {
  return Object.fromEntries(texts.map(({ at, text }) => [at, text]));
}

function refused(failure: Failure, field: string): SyncError {
  return new SyncError({ ...failure, field });
}
