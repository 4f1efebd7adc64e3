/**
 * What the messenger keeps in the browser, under our own origin and per brand: the visitor's token, the
 * conversation in hand, what was read, what still has to be sent. Works from memory where storage is refused.
 */

import type { Item } from "./model/outbox";

export interface Kept {
  token: string;
  visitor_id: string;
  /** The site's user that all of this is of; "" is nobody it knows. */
  user: string;
  /** The conversation being written to; a new one is begun after it was closed. */
  session_id: string;
  conversation_id: string;
  closed: boolean;
  read_at: string;
  draft: string;
  /** Given, or waved away: the card that asks for an address is shown once. */
  email: string;
  email_asked: boolean;
}

const EMPTY: Kept = {
  token: "",
  visitor_id: "",
  user: "",
  session_id: "",
  conversation_id: "",
  closed: false,
  read_at: "",
  draft: "",
  email: "",
  email_asked: false,
};

/** localStorage, or a Map that lasts as long as the page. */
export function browserStorage(): Storage {
  try {
    localStorage.setItem("switchboard:probe", "1");
    localStorage.removeItem("switchboard:probe");
    return localStorage;
  } catch {
    return memoryStorage();
  }
}

export function memoryStorage(): Storage {
  const kept = new Map<string, string>();
  return {
    get length() {
      return kept.size;
    },
    key: (index) => [...kept.keys()][index] ?? null,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
    clear: () => kept.clear(),
  };
}

export class Keeper {
  private readonly storage: Storage;
  private readonly prefix: string;

  constructor(storage: Storage, brand: string) {
    this.storage = storage;
    this.prefix = `switchboard:${brand}:`;
  }

  load(): Kept {
    return { ...EMPTY, ...this.read<Partial<Kept>>("visitor") };
  }

  save(change: Partial<Kept>): Kept {
    const kept = { ...this.load(), ...change };
    this.write("visitor", kept);
    return kept;
  }

  /** One key per message, so that two tabs never overwrite each other's. */
  items(): Item[] {
    const names = this.keys("out:");
    return names
      .map((name) => this.read<Item>(name))
      .filter((item): item is Item => Boolean(item?.client_id));
  }

  keep(item: Item): void {
    this.write(`out:${item.client_id}`, item);
  }

  drop(clientId: string): void {
    this.storage.removeItem(`${this.prefix}out:${clientId}`);
  }

  forget(): void {
    for (const name of this.keys("")) this.storage.removeItem(this.prefix + name);
  }

  private keys(under: string): string[] {
    const start = this.prefix + under;
    const all = Array.from({ length: this.storage.length }, (_, index) => this.storage.key(index) ?? "");
    return all.filter((key) => key.startsWith(start)).map((key) => key.slice(this.prefix.length));
  }

  private read<T>(name: string): T | null {
    try {
      return JSON.parse(this.storage.getItem(this.prefix + name) ?? "null") as T | null;
    } catch {
      return null;
    }
  }

  private write(name: string, value: unknown): void {
    try {
      this.storage.setItem(this.prefix + name, JSON.stringify(value));
    } catch {
      // Full: the message is still in memory and on its way.
    }
  }
}
