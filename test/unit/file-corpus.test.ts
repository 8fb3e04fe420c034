import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { writtenTextFiles } from "#test/support/written-text-files.ts";
import { writtenWorkbooks } from "#test/support/written-workbooks.ts";

const folder = new URL("../fixtures/files/", import.meta.url);
const notByUs = ["README.md", "write-files.ts", "libreoffice-orders.fods"];
const byLibreOffice = ["libreoffice-customers.xlsx", "libreoffice-orders.xlsx"];
const written = Object.entries({ ...writtenTextFiles, ...writtenWorkbooks });

describe("the files under test/fixtures/files", () => {
  it.each(written)("has %s as it is written by the code", (name, content) => {
    expect(Buffer.compare(readFileSync(new URL(name, folder)), content)).toBe(0);
  });

  it("are all known, and named in the page of the folder", () => {
    const page = readFileSync(new URL("README.md", folder), "utf8");
    const names = [...written.map(([name]) => name), ...byLibreOffice];

    expect(readdirSync(folder).toSorted()).toEqual([...names, ...notByUs].toSorted());
    for (const name of names) expect(page).toContain(`\`${name}\``);
  });
});
