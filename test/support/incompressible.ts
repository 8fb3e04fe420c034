import { createHash } from "node:crypto";

/** A text of so many characters that no compression makes shorter; the same at each call. */
export function incompressibleText(characters: number): string {
  let text = "";
  for (let block = 0; text.length < characters; block += 1) {
    text += createHash("sha512").update(String(block)).digest("base64").slice(0, 84);
  }
  return text.slice(0, characters);
}
