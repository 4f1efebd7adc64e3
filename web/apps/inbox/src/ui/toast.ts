import { createStore } from "@/lib/store";

export interface Toast {
  id: number;
  text: string;
  tone: "quiet" | "error";
  action?: { label: string; run: () => void } | undefined;
}

export const toasts = createStore<{ shown: Toast[] }>({ shown: [] });

const QUIET_MS = 5000;
const ERROR_MS = 9000;
let count = 0;

export function dismiss(id: number): void {
  toasts.set(({ shown }) => ({ shown: shown.filter((toast) => toast.id !== id) }));
}

/** Say something quietly at the bottom, with at most one thing to do about it. */
export function toast(text: string, action?: Toast["action"], tone: Toast["tone"] = "quiet"): void {
  count += 1;
  const id = count;
  toasts.set(({ shown }) => ({ shown: [...shown.slice(-2), { id, text, action, tone }] }));
  setTimeout(() => dismiss(id), tone === "error" ? ERROR_MS : QUIET_MS);
}
