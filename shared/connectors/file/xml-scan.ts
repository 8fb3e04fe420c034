/**
 * The parts of a spreadsheet as a stream of tags and texts. A sheet of a million rows is some 500 MB of
 * XML, for which saxes takes two and a half times as long; this one is strict on what it takes (tags in
 * pairs, attributes in quotes, the five entities and numbers), and knows no DOCTYPE. Names are without
 * their prefixes: a part has the elements of one namespace where this product looks.
 */
import { refuseFile } from "./file-refusal.ts";

export interface XmlVisitor {
  /** `attributes` is what stands behind the name, for {@link attributeOf}. */
  open(name: string, attributes: string): void;
  /** Character data within one element, entities resolved; may come in several pieces. */
  text(text: string): void;
  close(name: string): void;
  /** Whether `text` is wanted now; what is not wanted is not resolved. */
  wantsText(): boolean;
}

const SPACE = /\s/;
const DEPTH_MAX = 40;
const TAG_CHARACTERS_MAX = 64 * 1024;
const TEXT_CHARACTERS_MAX = 256 * 1024;
const NAME = /^(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)$/;
const ATTRIBUTES = /^(?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*$/;
/** A part has few names; more than these are no longer remembered. */
const NAMES_KEPT_MAX = 1_000;

/** Calls the visitor in the order of the text. Throws SyncError `invalid-input` (`spreadsheet-damaged`). */
export async function scanXml(text: AsyncIterable<string>, visitor: XmlVisitor): Promise<void> {
  const scanner = createXmlScanner(visitor);
  for await (const piece of text) scanner.add(piece);
  scanner.finish();
}

/** As {@link scanXml}, for who takes out what the visitor gathered between two pieces. */
export function createXmlScanner(visitor: XmlVisitor) {
  const scan = new XmlScan(visitor);
  return {
    add: (piece: string): void => scan.add(piece),
    finish: (): void => scan.finish(),
  };
}

class XmlScan {
  readonly #visitor: XmlVisitor;
  readonly #names: string[] = [];
  readonly #known = new Map<string, string>();
  #open = "";
  #hasRoot = false;

  constructor(visitor: XmlVisitor) {
    this.#visitor = visitor;
  }

  add(piece: string): void {
    const text = this.#open === "" ? piece : this.#open + piece;
    let at = 0;
    for (;;) {
      const start = text.indexOf("<", at);
      if (start < 0) {
        at = this.#readOpenText(text, at);
        break;
      }
      if (start > at) this.#readText(text.slice(at, start));
      const end = this.#readMarkup(text, start);
      if (end < 0) {
        at = start;
        break;
      }
      at = end;
    }
    this.#open = text.slice(at);
    if (this.#open.length > TEXT_CHARACTERS_MAX) throw damagedSheet();
  }

  finish(): void {
    if (this.#open.trim() !== "" || this.#names.length > 0 || !this.#hasRoot) throw damagedSheet();
  }

  /** Text at the end of a piece; an entity or a CR that may be cut off waits for the next. */
  #readOpenText(text: string, at: number): number {
    const rest = text.slice(at);
    const cut = /(?:&[^;]{0,12}|\r)$/.exec(rest)?.index ?? rest.length;
    if (cut > 0) this.#readText(rest.slice(0, cut));
    return at + cut;
  }

  #readText(raw: string): void {
    if (this.#names.length === 0) {
      if (raw.trim() !== "") throw damagedSheet();
    } else if (this.#visitor.wantsText()) this.#visitor.text(resolveText(raw));
  }

  /** Where the markup ends, or -1 where the rest of it is still to come. */
  #readMarkup(text: string, start: number): number {
    const next = text.charCodeAt(start + 1);
    if (next === 0x21) return this.#readDeclaration(text, start);
    if (next === 0x3f) return skipTo(text, start, "?>");
    const end = findTagEnd(text, start);
    if (end < 0) {
      if (text.length - start > TAG_CHARACTERS_MAX) throw damagedSheet();
      return -1;
    }
    if (next === 0x2f) this.#closeTag(text.slice(start + 2, end));
    else if (text.charCodeAt(end - 1) === 0x2f) this.#openTag(text.slice(start + 1, end - 1), true);
    else this.#openTag(text.slice(start + 1, end), false);
    return end + 1;
  }

  #readDeclaration(text: string, start: number): number {
    if (text.length - start < "<![CDATA[".length) return -1;
    if (text.startsWith("<!--", start)) return skipTo(text, start, "-->");
    if (!text.startsWith("<![CDATA[", start)) {
      throw refuseFile({
        code: "xml-doctype-refused",
        fix: "Save the spreadsheet anew; no program that writes them writes a DOCTYPE.",
      });
    }
    const end = text.indexOf("]]>", start);
    if (end < 0) return -1;
    if (this.#names.length === 0) throw damagedSheet();
    if (this.#visitor.wantsText()) this.#visitor.text(text.slice(start + 9, end));
    return end + 3;
  }

  #openTag(body: string, isEmpty: boolean): void {
    const gap = body.search(SPACE);
    const name = this.#localName(gap < 0 ? body : body.slice(0, gap));
    const attributes = gap < 0 ? "" : body.slice(gap);
    if (attributes !== "" && !ATTRIBUTES.test(attributes)) throw damagedSheet();
    if (this.#names.length >= DEPTH_MAX || (this.#names.length === 0 && this.#hasRoot)) {
      throw damagedSheet();
    }
    this.#hasRoot = true;
    this.#visitor.open(name, attributes);
    if (isEmpty) this.#visitor.close(name);
    else this.#names.push(name);
  }

  #closeTag(body: string): void {
    const name = this.#localName(body.trimEnd());
    if (this.#names.pop() !== name) throw damagedSheet();
    this.#visitor.close(name);
  }

  #localName(name: string): string {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const local = NAME.exec(name)?.[1];
    if (local === undefined) throw damagedSheet();
    if (this.#known.size < NAMES_KEPT_MAX) this.#known.set(name, local);
    return local;
  }
}

function skipTo(text: string, start: number, mark: string): number {
  const end = text.indexOf(mark, start + 2);
  return end < 0 ? -1 : end + mark.length;
}

/** A `>` may stand in the quotes of an attribute. */
function findTagEnd(text: string, start: number): number {
  let quote = 0;
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (quote === 0) {
      if (code === 0x3e) return at;
      if (code === 0x22 || code === 0x27) quote = code;
    } else if (code === quote) quote = 0;
  }
  return -1;
}

/** The value of an attribute by its name without a prefix, entities resolved. */
export function attributeOf(attributes: string, name: string): string | undefined {
  let at = 0;
  for (;;) {
    const equals = attributes.indexOf("=", at);
    if (equals < 0) return undefined;
    const start = quoteBehind(attributes, equals);
    const end = attributes.indexOf(attributes[start] ?? "", start + 1);
    if (isNamed(attributes, equals, name)) {
      const raw = attributes.slice(start + 1, end);
      return raw.includes("&") ? resolveText(raw) : raw;
    }
    at = end + 1;
  }
}

function quoteBehind(attributes: string, equals: number): number {
  let at = equals + 1;
  while (attributes.charCodeAt(at) <= 0x20) at += 1;
  return at;
}

/** Whether the name that ends at `equals` is this one, with any prefix. */
function isNamed(attributes: string, equals: number, name: string): boolean {
  let end = equals;
  while (attributes.charCodeAt(end - 1) <= 0x20) end -= 1;
  const start = end - name.length;
  const before = attributes.charCodeAt(start - 1);
  return (before <= 0x20 || before === 0x3a) && attributes.startsWith(name, start);
}

const entities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

function resolveText(raw: string): string {
  const text = raw.includes("\r") ? raw.replace(/\r\n?/g, "\n") : raw;
  if (!text.includes("&")) return text;
  return text.replace(/&([^;&]{0,12});?/g, (whole, name: string) => {
    const known = Object.hasOwn(entities, name) ? entities[name] : characterOf(name);
    if (known === undefined || !whole.endsWith(";")) throw damagedSheet();
    return known;
  });
}

function characterOf(name: string): string | undefined {
  const [, hex, decimal] = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name) ?? [];
  if (hex === undefined && decimal === undefined) return undefined;
  const code = Number.parseInt(hex ?? decimal ?? "", hex === undefined ? 10 : 16);
  const isHalf = code >= 0xd800 && code <= 0xdfff;
  return code > 0x10ffff || isHalf ? undefined : String.fromCodePoint(code);
}

export function damagedSheet(field?: string, cause?: unknown): Error {
  return refuseFile(
    {
      code: "spreadsheet-damaged",
      fix: "Open the file in a spreadsheet program and save it anew as XLSX; it is cut off or not well formed.",
      field,
    },
    cause,
  );
}
