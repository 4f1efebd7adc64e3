/** What was looked for lately, in this browser. */
import { keep, recall } from "@/lib/keep";

const MOST = 8;
const KEY = "searches";

export function recentSearches(): string[] {
  const kept = recall<unknown>(KEY);
  return Array.isArray(kept) ? kept.filter((each): each is string => typeof each === "string") : [];
}

/** The latest first; a search that only went on with the one before it takes its place. */
export function remember(before: readonly string[], text: string): string[] {
  const words = text.trim();
  if (words.length < 2) return [...before];
  const others = before.filter((each) => each !== words && !words.startsWith(each));
  return [words, ...others].slice(0, MOST);
}

export const rememberSearch = (text: string): void => void keep(KEY, remember(recentSearches(), text));
export const forgetSearches = (): void => void keep(KEY, null);
