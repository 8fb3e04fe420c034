/** Every file is UTF-8 text with commas: for tests of what comes after a file was opened. */
import type { FileOpener } from "#shared/ports/files.ts";

export const plainOpener: FileOpener = {
  open: async (_name, source) => ({
    kind: "table",
    format: "delimited",
    encoding: "utf-8",
    delimiter: ",",
    isInPlace: true,
    isPresumedUtf8: false,
    text: () => source.read(),
  }),
};
