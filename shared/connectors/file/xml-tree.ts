/**
 * A file of XML 1.0 as a tree of elements, all of it or none: a file that is cut off, not well formed,
 * too large in any way or that brings a DOCTYPE is refused with a code, so nothing in it can make the
 * reader open another file or grow one text into many. Elements are named by namespace, whatever
 * prefixes the file has chosen.
 */
import { SaxesParser, type SaxesTagNS } from "saxes";
import { limits } from "#shared/config/limits.ts";
import { SyncError } from "#shared/domain/sync-error.ts";

export interface XmlElement {
  /** With our prefix of its namespace, `cbc:ID`; `{namespace}name` where we have none. */
  readonly name: string;
  readonly namespace: string;
  /** Without those of a namespace. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** All character data that stands in it directly. */
  readonly text: string;
  /** Where its start tag ends in the file, from 1. */
  readonly line: number;
}

export interface XmlBounds {
  readonly bytesMax: number;
  readonly elementsMax: number;
  readonly depthMax: number;
  readonly attributesMax: number;
  /** Characters of one text or of one attribute. */
  readonly textCharactersMax: number;
}

export const defaultXmlBounds: XmlBounds = {
  bytesMax: limits.xmlBytesMax,
  elementsMax: limits.xmlElementsMax,
  depthMax: limits.xmlDepthMax,
  attributesMax: limits.xmlAttributesMax,
  textCharactersMax: limits.xmlTextCharactersMax,
};

/** Namespace to the prefix we call it by; a blank prefix leaves the bare name. */
export type XmlPrefixes = Readonly<Record<string, string>>;

interface OpenElement extends XmlElement {
  readonly children: XmlElement[];
  text: string;
}

/** Given to the parser at a time, so that a bound that is broken early ends the work early. */
const CHARACTERS_PER_WRITE = 64 * 1024;

/**
 * Reads UTF-8 with or without a byte order mark; declarations of another encoding are refused, as is a
 * DOCTYPE. Comments and processing instructions are left out. Throws SyncError `invalid-input` with a
 * code, a fix, and the line as its field.
 */
export function readXml(
  content: Uint8Array,
  prefixes: XmlPrefixes,
  bounds: XmlBounds = defaultXmlBounds,
): XmlElement {
  if (content.byteLength > bounds.bytesMax) {
    throw refusal("xml-too-large", `Split the file; ${bounds.bytesMax} bytes are the most.`);
  }
  const text = decode(content);
  const parser = new SaxesParser({ xmlns: true, forceXMLVersion: true, defaultXMLVersion: "1.0" });
  const rootOf = growTree(parser, prefixes, bounds);
  for (let start = 0; start < text.length; start += CHARACTERS_PER_WRITE) {
    parser.write(text.slice(start, start + CHARACTERS_PER_WRITE));
  }
  parser.close();
  const root = rootOf();
  if (root === undefined) throw malformed(parser.line);
  return root;
}

type Parser = SaxesParser<{ xmlns: true; forceXMLVersion: true; defaultXMLVersion: "1.0" }>;

/** Gives the root once the parser has seen all of the file. */
function growTree(
  parser: Parser,
  prefixes: XmlPrefixes,
  bounds: XmlBounds,
): () => XmlElement | undefined {
  let root: XmlElement | undefined;
  let count = 0;
  let attributeCount = 0;
  const open: OpenElement[] = [];
  const addText = (text: string): void => {
    const element = open.at(-1);
    if (element === undefined) return;
    element.text += text;
    if (element.text.length > bounds.textCharactersMax) throw textTooLong(bounds, parser.line);
  };
  parser.on("error", (cause) => {
    throw malformed(parser.line, cause);
  });
  parser.on("xmldecl", ({ encoding }) => {
    if (encoding !== undefined && !/^(utf-?8|us-ascii)$/i.test(encoding)) throw notUtf8();
  });
  parser.on("doctype", () => {
    const fix = "Take the DOCTYPE out; neither e-invoices nor bank statements have one.";
    throw refusal("xml-doctype-refused", fix, parser.line);
  });
  parser.on("opentagstart", () => {
    attributeCount = 0;
  });
  parser.on("attribute", ({ value }) => {
    attributeCount += 1;
    if (attributeCount > bounds.attributesMax) {
      const fix = `An element has ${bounds.attributesMax} attributes at the most.`;
      throw refusal("xml-too-many-attributes", fix, parser.line);
    }
    if (value.length > bounds.textCharactersMax) throw textTooLong(bounds, parser.line);
  });
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("opentag", (tag) => {
    count += 1;
    if (count > bounds.elementsMax) {
      const fix = `Split the file; ${bounds.elementsMax} elements are the most.`;
      throw refusal("xml-too-many-elements", fix, parser.line);
    }
    if (open.length >= bounds.depthMax) {
      const fix = `Elements may be nested ${bounds.depthMax} deep; this is no file of a kind we know.`;
      throw refusal("xml-too-deep", fix, parser.line);
    }
    const element = elementOf(tag, prefixes, parser.line);
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on("closetag", () => {
    open.pop();
  });
  return () => root;
}

function elementOf(tag: SaxesTagNS, prefixes: XmlPrefixes, line: number): OpenElement {
  const attributes = Object.values(tag.attributes);
  const prefix = Object.hasOwn(prefixes, tag.uri) ? prefixes[tag.uri] : undefined;
  return {
    name: nameOf(tag, prefix),
    namespace: tag.uri,
    attributes: Object.fromEntries(
      attributes.filter(({ uri }) => uri === "").map(({ local, value }) => [local, value]),
    ),
    children: [],
    text: "",
    line,
  };
}

function nameOf({ local, uri }: SaxesTagNS, prefix: string | undefined): string {
  if (prefix === undefined) return `{${uri}}${local}`;
  return prefix === "" ? local : `${prefix}:${local}`;
}

function decode(content: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch (cause) {
    throw notUtf8(cause);
  }
}

function notUtf8(cause?: unknown): SyncError {
  return refusal("encoding-not-utf8", "Save the file as UTF-8.", undefined, cause);
}

function malformed(line: number, cause?: unknown): SyncError {
  const fix = "Get the whole file again: it is cut off, or it is no well-formed XML.";
  return refusal("xml-malformed", fix, line, cause);
}

function textTooLong({ textCharactersMax }: XmlBounds, line: number): SyncError {
  const fix = `Shorten the text; ${textCharactersMax} characters are the most.`;
  return refusal("xml-text-too-long", fix, line);
}

function refusal(code: string, fix: string, line?: number, cause?: unknown): SyncError {
  const field = line === undefined ? undefined : `line ${line}`;
  return new SyncError({ kind: "invalid-input", code, fix, field }, cause);
}
