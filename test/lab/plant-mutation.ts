/**
 * Loaded before the lab (`node --import`): changes one source file as it is read, by the mutation that
 * `LAB_MUTATION` names. Nothing is changed on disk.
 */
import { registerHooks } from "node:module";
import { mutations } from "./mutations.ts";

const name = process.env["LAB_MUTATION"];
const mutation = mutations.find((one) => one.name === name);
if (mutation === undefined) throw new Error(`There is no mutation named ${name}`);
const { file, find, replaceWith } = mutation;
const url = new URL(`../../${file}`, import.meta.url).href;

registerHooks({
  load(asked, context, nextLoad) {
    const loaded = nextLoad(asked, context);
    if (asked !== url) return loaded;
    const source = String(loaded.source);
    const parts = source.split(find);
    if (parts.length !== 2)
      throw new Error(`${file} has the line to mutate ${parts.length - 1} times`);
    return { ...loaded, source: parts.join(replaceWith) };
  },
});
