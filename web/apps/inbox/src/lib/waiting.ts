/** What was done and has not reached the server, kept in this browser: one entry each, so that tabs don't overwrite. */
import type { Head } from "@/api/types";
import { recall } from "@/lib/keep";

export interface Waiting {
  /** The Idempotency-Key: sent again with it, nothing happens twice. */
  key: string;
  agentId: string;
  conversationId: string;
  path: string;
  body: unknown;
  /** What the head will look like; shown until there is an answer. */
  change?: Partial<Head>;
  /** Said when it is refused, before the reason. */
  refused: string;
  /** Of what was written: where it came from, and how it begins. */
  written?: { mode: "reply" | "note"; rev: number; letter: unknown; begins: string } | undefined;
  /** Why the server refused it; its author decides what becomes of it. `newer`: as somebody wrote meanwhile. */
  trouble?: { words: string; newer: boolean } | undefined;
}

const PREFIX = "switchboard.waiting.";
let count = 0;
/** Where each entry lies; the names are in the order of what was done. */
const places = new Map<string, string>();

const nameOf = (key: string): string => {
  const known = places.get(key);
  if (known) return known;
  count += 1;
  const name = `${PREFIX}${String(Date.now()).padStart(15, "0")}.${String(count).padStart(6, "0")}.${key}`;
  places.set(key, name);
  return name;
};

/** False when this browser keeps nothing: then it is only tried now. */
export function put(entry: Waiting): boolean {
  try {
    localStorage.setItem(nameOf(entry.key), JSON.stringify(entry));
    return true;
  } catch {
    return false;
  }
}

export function forget(key: string): void {
  try {
    localStorage.removeItem(nameOf(key));
  } catch {
    // Storage that is closed has nothing to forget.
  }
  places.delete(key);
}

/** Everything that this agent has waiting here, in the order it was done. */
export function listed(agentId: string): Waiting[] {
  const found: Waiting[] = [];
  for (const name of storedNames()) {
    const entry = recall<Waiting>(name.slice("switchboard.".length));
    if (entry?.agentId !== agentId) continue;
    places.set(entry.key, name);
    found.push(entry);
  }
  return found;
}

function storedNames(): string[] {
  try {
    return Object.keys(localStorage)
      .filter((name) => name.startsWith(PREFIX))
      .sort();
  } catch {
    return [];
  }
}
