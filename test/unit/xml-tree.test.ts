import { describe, expect, it } from "vitest";
import { defaultXmlBounds, readXml, type XmlBounds } from "#shared/connectors/file/xml-tree.ts";
import { SyncError } from "#shared/domain/sync-error.ts";

const bounds: XmlBounds = {
  bytesMax: 4_000,
  elementsMax: 6,
  depthMax: 4,
  attributesMax: 3,
  textCharactersMax: 20,
};
const prefixes = { "urn:a": "", "urn:b": "b" };

function read(content: string | Uint8Array, within: XmlBounds = bounds) {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return readXml(bytes, prefixes, within);
}

function refusalOf(content: string | Uint8Array, within: XmlBounds = bounds): string {
  try {
    read(content, within);
  } catch (cause) {
    if (!(cause instanceof SyncError)) throw cause;
    const { kind, code, fix, field } = cause.failure;
    if (fix === undefined) throw new Error(`${code} has no fix`);
    return `${kind} ${code} ${field ?? ""}`.trim();
  }
  throw new Error("the content was not refused");
}

describe("readXml", () => {
  it("names elements by their namespace, whatever their prefixes", () => {
    const plain = read('<a xmlns="urn:a" xmlns:b="urn:b"><b:c k="1">x</b:c><d/></a>');
    const other = read('<q:a xmlns:q="urn:a"><c xmlns="urn:b" k="1">x</c><q:d></q:d></q:a>');

    for (const root of [plain, other]) {
      expect(root.name).toBe("a");
      expect(root.children.map(({ name, text }) => [name, text])).toEqual([
        ["b:c", "x"],
        ["d", ""],
      ]);
      expect(root.children[0]?.attributes).toMatchObject({ k: "1" });
    }
  });

  it("does not take an element of another namespace for one it knows", () => {
    expect(read('<a xmlns="urn:other"/>').name).toBe("{urn:other}a");
    expect(read("<a/>").name).toBe("{}a");
  });

  it("reads the five entities, characters by number, CDATA, and leaves out comments", () => {
    const root = read('<a xmlns="urn:a">&lt;&amp;&#x41;<!-- & --><![CDATA[<&]]>&apos;</a>');

    expect(root.text).toBe("<&A<&'");
  });

  it("tells the line of an element", () => {
    expect(read('\uFEFF<a xmlns="urn:a">\n\n<b/></a>').children[0]?.line).toBe(3);
  });

  it.each([
    [
      "entities that grow",
      '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;">]>\n<a>&y;</a>',
      "xml-doctype-refused line 1",
    ],
    [
      "an entity of another file",
      '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
      "xml-doctype-refused line 1",
    ],
    [
      "a DTD of another place",
      '<!DOCTYPE a SYSTEM "http://localhost/a.dtd"><a/>',
      "xml-doctype-refused line 1",
    ],
    ["an entity nobody declared", "<a>&x;</a>", "xml-malformed line 1"],
    ["tags that cross", "<a>\n<b></a></b>", "xml-malformed line 2"],
    ["two roots", "<a/><a/>", "xml-malformed line 1"],
    ["a prefix nobody declared", "<q:a/>", "xml-malformed line 1"],
    ["an attribute that stands twice", '<a k="1" k="2"/>', "xml-malformed line 1"],
    ["a control character", "<a>\u0001</a>", "xml-malformed line 1"],
    ["text before the root", "x<a/>", "xml-malformed line 1"],
    ["nothing", "", "xml-malformed line 1"],
    ["no XML", "PK\u0003\u0004", "xml-malformed line 1"],
    ["deep nesting", "<a>".repeat(5), "xml-too-deep line 1"],
    ["many elements", `<a>${"<b/>".repeat(6)}</a>`, "xml-too-many-elements line 1"],
    ["many attributes", '<a k="" l="" m="" n=""', "xml-too-many-attributes line 1"],
    ["long text", `<a>${"x".repeat(21)}</a>`, "xml-text-too-long line 1"],
    ["long text in parts", `<a>${"<!---->xxxxxx".repeat(4)}</a>`, "xml-text-too-long line 1"],
    ["a long attribute", `<a k="${"x".repeat(21)}"/>`, "xml-text-too-long line 1"],
    ["too many bytes", `<a>${" ".repeat(4_000)}</a>`, "xml-too-large"],
    ["another encoding", '<?xml version="1.0" encoding="ISO-8859-1"?><a/>', "encoding-not-utf8"],
  ])("refuses %s", (_, content, refusal) => {
    expect(refusalOf(content)).toBe(`invalid-input ${refusal}`);
  });

  it("refuses bytes that are not UTF-8", () => {
    expect(refusalOf(new Uint8Array([0x3c, 0x61, 0x3e, 0xe4, 0x3c]))).toBe(
      "invalid-input encoding-not-utf8",
    );
    expect(refusalOf(new Uint8Array([0xff, 0xfe, 0x3c, 0x00]))).toBe(
      "invalid-input encoding-not-utf8",
    );
  });

  it("keeps its own bounds on nesting that never ends", () => {
    expect(refusalOf("<a>".repeat(1_000_000), defaultXmlBounds)).toBe(
      "invalid-input xml-too-deep line 1",
    );
  });
});
