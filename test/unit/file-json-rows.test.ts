import { describe, expect, it } from "vitest";
import { openTable, readRows, refusalOf } from "#test/support/opened-files.ts";

describe("JSON", () => {
  it.each([
    ["an array", '[{"a":1,"b":"x"},{"b":"y","c":true}]'],
    ["an array over lines", '[\n  {"a": 1, "b": "x"},\n  {"b": "y", "c": true}\n]\n'],
    [
      "an array in an object",
      '{"n":{"k":[1]},"rows":[{"a":1,"b":"x"},{"b":"y","c":true}],"m":"]}"}',
    ],
    ["JSON Lines", '{"a":1,"b":"x"}\n{"b":"y","c":true}\n'],
    ["JSON Lines with CRLF", '{"a":1,"b":"x"}\r\n{"b":"y","c":true}'],
  ])("is read as %s, under all keys in the order of their first", async (_, content) => {
    for (const chunkBytes of [1, 1_000]) {
      expect(await readRows("a.json", content, {}, chunkBytes)).toEqual([
        ["a", "b", "c"],
        ["1", "x", ""],
        ["", "y", "true"],
      ]);
    }
  });

  it("keeps the digits of numbers, the signs of texts, and takes null for blank", async () => {
    const content = String.raw`[{"n":12.30,"id":9007199254740993,"e":1e2,"t":"\"\u00e9\ud83d\udeb2\\,\n","z":null,"f":-0.0}]`;

    expect((await readRows("a.json", content))[1]).toEqual([
      ...["12.30", "9007199254740993", "1e2", '"é🚲\\,\n', "", "-0.0"],
    ]);
  });

  it("keeps the lines' numbers in JSON Lines", async () => {
    expect(await readRows("a.jsonl", '{"a":1}\n\n\n{"a":2}\n\n')).toEqual([
      ["a"],
      ["1"],
      [""],
      [""],
      ["2"],
    ]);
  });

  it("reads one line with one record", async () => {
    const table = await openTable("a.json", '{"a":1}');

    expect(table.format).toBe("json-lines");
    expect((await openTable("a.json", '{"r":[{"a":1}]}')).format).toBe("json");
  });

  it.each([
    ["a nested object", '[{"a":1},{"b":{"c":1}}]', "json-nested row 3, key b"],
    ["a nested array", '{"a":[1]}\n{"a":2}', "json-nested row 2, key a"],
    ["a key twice", String.raw`[{"a":1,"\u0061":2}]`, "json-key-repeated row 2, key a"],
    ["a prototype's name", '[{"__proto__":1}]', "header-refused row 2, key __proto__"],
    ["a record that is none", "[[1],2]", "json-row-not-object row 2"],
    ["texts", '["a"]', "json-row-not-object row 2"],
    ["two arrays", '{"a":[{"x":1}],"b":[]}', "json-several-arrays"],
    ["no array", '{\n"a":1\n}', "json-no-array"],
    ["no record", "[]", "file-empty"],
    ["records without keys", "[{},{}]", "file-empty"],
    ["a comma too many", '[{"a":1},]', "json-malformed row 3"],
    ["no comma", '[{"a":1}{"b":2}]', "json-malformed row 2"],
    ["no comma but a space", '[{"a":1} {"b":2}]', "json-malformed row 2"],
    ["something behind the end", '[{"a":1}]x', "json-malformed"],
    ["another array behind the end", '[{"a":1}][{"a":1}]', "json-malformed"],
    ["a frame that is none", '{"rows":[{"a":1}] "b":1}', "json-malformed"],
    ["a leading zero", '[{"a":01}]', "json-malformed row 2"],
    ["a bare word", '[{"a":NaN}]', "json-malformed row 2"],
    ["a bare key", "[{a:1}]", "json-malformed row 2"],
    ["a line break in a text", '[{"a":"x\ny"}]', "json-malformed row 2"],
    ["an unknown escape", String.raw`[{"a":"\q"}]`, "json-malformed row 2"],
    ["half a sign", String.raw`[{"a":"\ud800"}]`, "cell-text-broken row 2"],
    ["a NUL", String.raw`[{"a":"\u0000"}]`, "cell-text-broken row 2"],
    ["JSON and then none", '{"a":1}\nx\n', "json-malformed row 3"],
  ])("with %s is refused", async (_, content, refusal) => {
    for (const chunkBytes of [1, 1_000]) {
      expect(await refusalOf("a.json", content, {}, chunkBytes)).toBe(refusal);
    }
  });

  it("bounds keys, records and what is around them", async () => {
    const keys = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`k${index}`, 1]));
    expect(await refusalOf("a.json", JSON.stringify([keys]))).toBe("columns-too-many row 2");
    const long = "x".repeat(200);
    for (const content of [
      `[{"a":"${long}"}]`,
      `{"a":"${long}","r":[{"b":1}]}`,
      `[${"[".repeat(200)}`,
    ]) {
      expect(await refusalOf("a.json", content, { rowBytesMax: 100 })).toBe("row-too-large row 2");
    }
    expect(await refusalOf("a.json", `{"a":1}\n{"a":"${long}"}`, { rowBytesMax: 100 })).toMatch(
      /^json-malformed|^row-too-large/,
    );
  });

  it("takes text that only begins like JSON for delimited text", async () => {
    expect((await openTable("a.csv", "[id],name\n1,x\n")).format).toBe("delimited");
    expect((await openTable("a.csv", "{id},name\n1,x\n")).format).toBe("delimited");
  });
});
