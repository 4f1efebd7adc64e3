/** Parts that are loaded when wanted. Without the network they wait for it; when a new version took them away, that is said. */
import { type ComponentType, type LazyExoticComponent, lazy as reactLazy } from "react";
import { createStore } from "@/lib/store";

type Load<T> = () => Promise<{ default: T }>;

/** Whether the files this page was made of are gone: only loading it again helps. */
export const version = createStore<{ gone: boolean }>({ gone: false });

const AGAIN_MS = 3000;
/** After this the rest is fetched too, so that it is there when the network is not. */
const IDLE_MS = 6000;
const RELOADED = "switchboard.reloaded";
const RELOADED_LATELY_MS = 60_000;

let soon: (() => Promise<unknown>)[] = [];

// biome-ignore lint/suspicious/noExplicitAny: as React's own lazy
export function lazy<T extends ComponentType<any>>(load: Load<T>): LazyExoticComponent<T> {
  if (soon.length === 0) setTimeout(() => void loadSoon(), IDLE_MS);
  soon.push(load);
  return reactLazy(() => patiently(load));
}

/** Never fails: tries again until it is there or the page is loaded anew. */
export async function patiently<T>(load: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      const part = await load();
      // It came after all: the files are there, or are again.
      version.set({ gone: false });
      return part;
    } catch {
      if (await isReachable()) reloadOrSay();
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

async function loadSoon(): Promise<void> {
  const these = soon;
  soon = [];
  for (const load of these) await load().catch(() => undefined);
}

async function isReachable(): Promise<boolean> {
  try {
    return (await fetch("/", { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

/** At once where nothing would be lost; drafts are kept anyway. Not again and again. */
function reloadOrSay(): void {
  const last = Number(sessionStorage.getItem(RELOADED) ?? 0);
  const isBusy = document.querySelector("[role=dialog], form") !== null;
  version.set({ gone: true });
  if (isBusy || Date.now() - last < RELOADED_LATELY_MS) return;
  sessionStorage.setItem(RELOADED, String(Date.now()));
  setTimeout(() => window.location.reload(), 1500);
}
