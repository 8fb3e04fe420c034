import { describe, expect, it } from "vitest";
import { env } from "#shared/config/names.ts";
import {
  environmentFindings,
  errorCodeFindings,
  headingFindings,
  linkFindings,
} from "#test/support/tidy-docs.ts";
import { importFindings } from "#test/support/tidy-imports.ts";
import {
  connectorFindings,
  functionLengthFindings,
  handlerFindings,
  nameFindings,
  purityFindings,
  wordFindings,
} from "#test/support/tidy-shapes.ts";
import { isMarkdown, isTypeScript, listPaths, readSources } from "#test/support/tidy-sources.ts";

/** Far below what there is, and far above what a broken scan would find. */
const FILES_MIN = 200;

const root = process.cwd();
const paths = listPaths(root);
const sources = readSources(root);
const code = sources.filter(isTypeScript);
const pages = sources.filter(isMarkdown);
const shared = code.filter(({ path }) => path.startsWith("shared/"));
/** The rules name the words they look for. */
const worded = sources.filter(({ path }) => !/^test\/(unit|support)\/tidy/.test(path));

describe("the repository", () => {
  it("is looked at", () => {
    expect(code.length).toBeGreaterThanOrEqual(FILES_MIN);
    for (const folder of ["shared/domain/", "shared/sync/", "shared/aws/", "infra/", "test/"]) {
      expect(code.filter(({ path }) => path.startsWith(folder)).length).toBeGreaterThan(5);
    }
    expect(pages.length).toBeGreaterThan(5);
  });

  it("imports along the arrows only", () => {
    expect(code.flatMap(importFindings)).toEqual([]);
  });

  it("has one short handler in each folder of a function", () => {
    expect(handlerFindings(code)).toEqual([]);
  });

  it("has the same file names in the folder of each system", () => {
    expect(connectorFindings(paths)).toEqual([]);
  });

  it("has functions of 60 lines at most in shared/", () => {
    expect(shared.flatMap(functionLengthFindings)).toEqual([]);
  });

  it("has names that say something", () => {
    expect(paths.flatMap(nameFindings)).toEqual([]);
  });

  it("keeps to the words of the glossary", () => {
    expect(worded.flatMap(wordFindings)).toEqual([]);
  });

  it("has no binary floats in shared/, and no clock or chance in what must be told of them", () => {
    expect(shared.flatMap(purityFindings)).toEqual([]);
  });

  it("explains every error code in docs/errors.md, and no other", () => {
    const errorsPage = pages.find(({ path }) => path === "docs/errors.md");

    const coded = sources.filter(({ path }) => /^(shared|functions)\//.test(path));

    expect(errorCodeFindings(coded, errorsPage)).toEqual([]);
  });

  it("has one title on each page", () => {
    expect(pages.flatMap(headingFindings)).toEqual([]);
  });

  it("has no link that leads nowhere", () => {
    expect(pages.flatMap((page) => linkFindings(page, paths, pages))).toEqual([]);
  });

  it("sets every environment variable that it reads, and reads every one that it sets", () => {
    expect(environmentFindings(Object.keys(env), code)).toEqual([]);
  });
});
