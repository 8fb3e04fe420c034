/** What stands in an element, read by the names of its children; a path is written `Acct/Id/IBAN`. */
import { SyncError } from "#shared/domain/sync-error.ts";
import type { XmlElement } from "./xml-tree.ts";

export function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

/**
 * The one element at the path; `undefined` where it is not there. Throws SyncError `invalid-input`
 * (`xml-element-repeated`) where there are two: which of them is meant, nobody said.
 */
export function childAt(element: XmlElement, path: string): XmlElement | undefined {
  let found: XmlElement | undefined = element;
  for (const name of path.split("/")) {
    if (found === undefined) return undefined;
    const [child, twin]: readonly XmlElement[] = childrenOf(found, name);
    if (twin !== undefined) {
      throw refusal("xml-element-repeated", twin, name, `Leave one ${name} in ${element.name}.`);
    }
    found = child;
  }
  return found;
}

/** As {@link childAt}; throws `xml-element-missing` where it is not there. */
export function requireChild(element: XmlElement, path: string): XmlElement {
  const child = childAt(element, path);
  if (child === undefined) throw missing(element, path);
  return child;
}

/** Without the space around it; null where the element is not there or holds nothing. */
export function textAt(element: XmlElement, path: string): string | null {
  const text = childAt(element, path)?.text.trim() ?? "";
  return text === "" ? null : text;
}

/** As {@link textAt}; throws `xml-element-missing` where there is none. */
export function requireText(element: XmlElement, path: string): string {
  const text = textAt(element, path);
  if (text === null) throw missing(element, path);
  return text;
}

/** The value of a text; throws what `read` refuses, with the place in the file. */
export function valueAt<Value>(
  element: XmlElement,
  path: string,
  read: (text: string) => Value,
): Value {
  return readOf(requireChild(element, path), requireText(element, path), read);
}

/** As {@link valueAt}; null where there is no text. */
export function maybeValueAt<Value>(
  element: XmlElement,
  path: string,
  read: (text: string) => Value,
): Value | null {
  const text = textAt(element, path);
  return text === null ? null : readOf(requireChild(element, path), text, read);
}

/** The value of an attribute; throws `xml-element-missing` where it is not there. */
export function attributeOf<Value>(
  element: XmlElement,
  name: string,
  read: (text: string) => Value,
): Value {
  const text = element.attributes[name]?.trim() ?? "";
  if (text === "") throw missing(element, `@${name}`);
  return readOf(element, text, read);
}

/** A refusal of the file that names the element it is about. */
export function refusalAt(code: string, fix: string, element: XmlElement): SyncError {
  return new SyncError({ kind: "invalid-input", code, fix, field: placeOf(element) });
}

/** Names the element a refusal is about. */
function placeOf({ line, name }: XmlElement): string {
  return `line ${line}: ${name}`;
}

function readOf<Value>(element: XmlElement, text: string, read: (text: string) => Value): Value {
  try {
    return read(text);
  } catch (cause) {
    if (!(cause instanceof SyncError) || cause.failure.kind !== "invalid-input") throw cause;
    const fix = `Correct the value of ${element.name}, or get the file again.`;
    throw new SyncError({ fix, ...cause.failure, field: placeOf(element) }, cause);
  }
}

function missing(element: XmlElement, path: string): SyncError {
  const fix = `Fill in ${path}, or get the whole file again.`;
  return refusal("xml-element-missing", element, path, fix);
}

function refusal(code: string, element: XmlElement, path: string, fix: string): SyncError {
  const field = `${placeOf(element)}/${path}`;
  return new SyncError({ kind: "invalid-input", code, fix, field });
}
