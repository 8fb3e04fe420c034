const CHUNK_CHARACTERS = 64 * 1024;

/** Joins small texts to larger ones; none is cut. */
export async function* inChunks(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let parts: string[] = [];
  let characters = 0;
  for await (const text of texts) {
    parts.push(text);
    characters += text.length;
    if (characters < CHUNK_CHARACTERS) continue;
    yield parts.join("");
    parts = [];
    characters = 0;
  }
  if (parts.length > 0) yield parts.join("");
}
