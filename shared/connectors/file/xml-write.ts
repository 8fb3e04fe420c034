/** XML 1.0 as text: the same elements always give the same bytes. */

export interface XmlNode {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Text, or elements; an element with nothing in it is written as one tag. */
  readonly content: string | readonly XmlNode[];
}

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Two blanks for each level, a line for each element, a line end at the end. */
export function writeXml(root: XmlNode): string {
  return DECLARATION + elementText(root, "");
}

/** An element, or none where there is no text: documents hold no blank elements. */
export function textNode(
  name: string,
  text: string | null | undefined,
  attributes?: Readonly<Record<string, string>>,
): readonly XmlNode[] {
  if (text === null || text === undefined || text === "") return [];
  return [{ name, content: text, ...(attributes === undefined ? {} : { attributes }) }];
}

/** An element, or none where nothing stands in it. */
export function parentNode(
  name: string,
  ...content: readonly (readonly XmlNode[])[]
): readonly XmlNode[] {
  const children = content.flat();
  return children.length === 0 ? [] : [{ name, content: children }];
}

function elementText({ name, attributes = {}, content }: XmlNode, indent: string): string {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`);
  const tag = `${indent}<${name}${given.join("")}`;
  if (content.length === 0) return `${tag}/>\n`;
  if (typeof content === "string") return `${tag}>${escapeXml(content)}</${name}>\n`;
  const children = content.map((child) => elementText(child, `${indent}  `)).join("");
  return `${tag}>\n${children}${indent}</${name}>\n`;
}

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  // Readers make blanks of these in attributes, and a line feed of a carriage return in texts.
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

function escapeXml(text: string): string {
  return text.replace(/[&<>"\t\n\r]/g, (sign) => escapes[sign] ?? sign);
}
