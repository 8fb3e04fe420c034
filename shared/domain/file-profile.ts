/**
 * A file profile: what the columns of one kind of file mean. It is data; `shared/flows/files` has
 * the profiles in force and `docs/files.md` shows how to write one.
 */
import type { CellFormats } from "./file-formats.ts";
import type { ConnectionId, RecordType } from "./identifiers.ts";
import type { InLens, TwoWayLens } from "./lens.ts";
import type { DocumentLine, Fields } from "./records.ts";

/** Conversions that need no more than their name. */
export type PlainConversion =
  | "text"
  /** A code or a number that names something: text on one line, of 512 characters at the most. */
  | "key"
  /** `2026-11-22`, or with a time of day behind it that is left out; other forms as the profile says. */
  | "date"
  /** Exact decimal text: a point, no separators, no exponent; other forms as the profile says. */
  | "decimal"
  | "whole-number"
  /** Terms of payment as a whole number of days: `30`, `Net 30`, `30天`; due at once is 0. */
  | "terms"
  /** An amount of the row's currency: a decimal with no more digits than that has. */
  | "amount"
  /** A decimal from 0 to 1; `0.05` is five per cent. `5%` only where the profile says so. */
  | "fraction";

/** What a file writes for a value, by the file's own word in upper or lower case. */
export type Words = Readonly<Record<string, string>>;

/** How a cell's text becomes a value; `file-cells.ts` has the rule of each. */
export type Conversion =
  | { readonly as: PlainConversion }
  /** One of some words, in upper or lower case; for `yes` and `no` the usual words are taken too. */
  | {
      readonly as: "one-of";
      readonly values: readonly string[];
      readonly words?: Words | undefined;
    }
  /** Three letters of ISO 4217. */
  | { readonly as: "currency"; readonly words?: Words | undefined }
  /** The key of a record of the same connection. */
  | { readonly as: "reference"; readonly to: RecordType }
  /** As a transform of a custom field reads it. */
  | { readonly as: "lens"; readonly lens: ReadingLens };

export type ReadingLens = TwoWayLens | InLens;

/** The parts of a line that a file may give; the amount is computed from them. */
export type LinePart = Exclude<keyof DocumentLine, "amount" | "tax" | "role">;

/**
 * Where a cell goes: into a field of the record, or into a part of the row's line. `formats` go before
 * those of the profile, one by one.
 */
export type Target = Conversion &
  ({ readonly field: string } | { readonly line: LinePart }) & {
    readonly formats?: CellFormats | undefined;
  };

/** `ignored`: known, and left out on purpose. `key-only`: the record's key, and no field of it. */
export type ColumnRule = "ignored" | "key-only" | readonly Target[];

export interface FileProfile {
  /** Kebab-case, such as `northwind-customers`. */
  readonly profile: string;
  /** The source that the records' keys belong to. */
  readonly connection: ConnectionId;
  /** The system whose word the file is. */
  readonly speaksFor: ConnectionId;
  readonly recordType: RecordType;
  /** `row-per-line`: one row is one line of a document, its other columns are repeated on each. */
  readonly layout: "row-per-record" | "row-per-line";
  /** Beginnings of file names; they decide only where the header fits several profiles. */
  readonly fileNames: readonly string[];
  /** The column that holds the record's key, for documents their number. */
  readonly keyColumn: string;
  /** Columns that must be there with every cell filled; the others may be absent or blank. */
  readonly requiredColumns: readonly string[];
  /** By header; `header-names.ts` says which names are one. */
  readonly columns: Readonly<Record<string, ColumnRule>>;
  /** Cell texts that mean blank, beside the empty one. */
  readonly nullTexts: readonly string[];
  /** Fields with the same value in every record of the file, such as its currency. */
  readonly constants: Fields;
  /** How its cells are written; absent: the strict forms of each conversion. */
  readonly formats?: CellFormats | undefined;
  /** Digits of the key, where all keys have as many: one of fewer has lost its zeros in front. */
  readonly keyDigits?: number | undefined;
  /** IANA name, `Asia/Shanghai`: whose calendar gives the date of a time with an offset. */
  readonly timeZone?: string | undefined;
  /** `whole-file`: one bad row, and nothing of the file lands. Absent: good rows land beside bad ones. */
  readonly acceptance?: "rows" | "whole-file" | undefined;
  /**
   * `file-name-number`: what a file says is older than what one says that has a greater last number in
   * its name, whichever was dropped first. Absent: the time of the drop decides.
   */
  readonly sequence?: "file-name-number" | undefined;
}

/** A column of a file at hand, in the place its cells have in each row. */
export interface BoundColumn {
  /** As the file spells it. */
  readonly header: string;
  readonly isKey: boolean;
  readonly isRequired: boolean;
  readonly targets: readonly Target[];
}

/** A profile laid on the header of a file. */
export interface BoundProfile {
  readonly profile: FileProfile;
  readonly columns: readonly BoundColumn[];
}

/** What is wrong, and the sentence that tells a person what to do about it. */
export interface FileProblem {
  /** Stable kebab-case, a heading in `docs/errors.md`. */
  readonly code: string;
  readonly fix: string;
  /** Names of columns, a row number, a size. */
  readonly detail?: string | undefined;
}
