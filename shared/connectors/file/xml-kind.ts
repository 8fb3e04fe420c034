/** What a file of XML is, by the namespace of its root element. */
import type { OpenedXml } from "#shared/ports/files.ts";
import { refuseFile } from "./file-refusal.ts";
import { ublKinds } from "./ubl-names.ts";

/** ISO 20022, every version: whether it is one that is read, the reader says. */
const CAMT_053 = /^urn:iso:std:iso:20022:tech:xsd:camt\.053\.\d{3}\.\d{2}$/;

/** Whether the text begins as XML does. */
export function beginsAsXml(head: string): boolean {
  return /^\s*<[?!A-Za-z_]/.test(head);
}

/** Throws SyncError `invalid-input` (`xml-doctype-refused`, `xml-malformed`, `xml-root-unknown`). */
export function findXmlKind(head: string): OpenedXml["document"] {
  if (/^\s*<(?:!doctype\s+html|html)\b/i.test(head)) throw unknownRoot("html");
  const root = findRoot(head);
  if (root === undefined) throw malformed();
  const isUbl = Object.values(ublKinds).some(
    (kind) => kind.root === root.name && kind.namespace === root.namespace,
  );
  if (isUbl) return "e-invoice";
  if (root.name === "Document" && CAMT_053.test(root.namespace)) return "bank-statement";
  throw unknownRoot(root.name);
}

interface Root {
  readonly name: string;
  readonly namespace: string;
}

/** What may stand before the root element: a mark, declarations, comments. */
const PROLOG = /^\uFEFF?(?:\s+|<\?[^>]*\?>|<!--(?:(?!-->)[\s\S])*-->)*/;
const ROOT =
  /^<(?:([A-Za-z_][\w.-]*):)?([A-Za-z_][\w.-]*)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*\/?>/;

/** The first tag alone: whether the rest is well-formed, who reads the document says. */
function findRoot(head: string): Root | undefined {
  const start = head.slice(PROLOG.exec(head)?.[0].length ?? 0);
  if (/^<!doctype/i.test(start)) {
    throw refuseFile({
      code: "xml-doctype-refused",
      fix: "Take the DOCTYPE out; neither e-invoices nor bank statements have one.",
    });
  }
  const [, prefix, name, attributes = ""] = ROOT.exec(start) ?? [];
  if (name === undefined) return undefined;
  const attribute = prefix === undefined ? "xmlns" : `xmlns:${prefix}`;
  const declared = [...attributes.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)];
  const found = declared.find(([, one]) => one === attribute);
  return { name, namespace: found?.[2] ?? found?.[3] ?? "" };
}

function malformed(): Error {
  return refuseFile({
    code: "xml-malformed",
    fix: "Get the whole file again: it is cut off, or it is no well-formed XML.",
  });
}

function unknownRoot(name: string): Error {
  return refuseFile({
    code: "xml-root-unknown",
    fix: "Drop UBL invoices, credit notes or camt.053; save a table as XLSX or CSV UTF-8.",
    field: name.slice(0, 60),
  });
}
