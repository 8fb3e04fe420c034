/** HTML that is escaped unless it was made here: the page's only way to put text into markup. */
export interface Html {
  readonly html: string;
}

type Part = Html | string | number | readonly Html[];

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A template whose inserted texts are escaped. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let joined = strings[0] ?? "";
  for (const [index, part] of parts.entries())
    joined += partHtml(part) + (strings[index + 1] ?? "");
  return { html: joined };
}

function partHtml(part: Part): string {
  if (typeof part === "object" && "html" in part) return part.html;
  if (typeof part === "object") return part.map((each) => each.html).join("");
  return String(part).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
}
