import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const folder = new URL("./locales/", import.meta.url);
const files = readdirSync(folder);
const words = (file: string): Record<string, string> =>
  JSON.parse(readFileSync(new URL(file, folder), "utf8"));
const english = words("en.json");
const holes = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

test("there are twelve languages", () => {
  expect(files).toHaveLength(12);
});

test.each(files)("%s says everything, with the same values in it", (file) => {
  const there = words(file);
  expect(Object.keys(there)).toEqual(Object.keys(english));
  for (const [key, text] of Object.entries(english)) {
    expect(there[key]).not.toBe("");
    expect(holes(there[key] ?? ""), key).toEqual(holes(text));
  }
});
