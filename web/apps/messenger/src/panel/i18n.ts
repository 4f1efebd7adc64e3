/** The panel's words, one file per language; English comes with the panel, the others when wanted. */

import english from "./locales/en.json";

export type Key = keyof typeof english;
export type Translate = (key: Key, values?: Record<string, string>) => string;

export interface Language {
  code: string;
  direction: "ltr" | "rtl";
  t: Translate;
}

const files = import.meta.glob<{ default: Record<Key, string> }>(["./locales/*.json", "!./locales/en.json"]);

/** `{name}` in a text stands for a value. */
export function translator(words: Record<Key, string>): Translate {
  return (key, values = {}) =>
    words[key].replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

function language(code: string, words: Record<Key, string>): Language {
  return { code, direction: code === "ar" || code === "he" ? "rtl" : "ltr", t: translator(words) };
}

/** The language nearest to a BCP 47 tag ("pt-BR" → Portuguese); English when there is none or it fails to load. */
export async function load(tag: string): Promise<Language> {
  const code = tag.slice(0, 2).toLowerCase();
  const file = files[`./locales/${code}.json`];
  if (!file) return language("en", english);
  try {
    return language(code, (await file()).default);
  } catch {
    return language("en", english);
  }
}
