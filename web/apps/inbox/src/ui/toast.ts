import { createStore } from "@/lib/store";

export interface Toast {
  id: number;
  text: string;
  tone: "quiet" | "error";
  action?: { label: string; run: () => void } | undefined;
  /** How long the action can be taken; shown as a line that runs out. */
  runs_ms?: number | undefined;
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
  const id = show({ text, action, tone });
  setTimeout(() => dismiss(id), tone === "error" ? ERROR_MS : QUIET_MS);
}

/** The same for as long as the action can be taken; gives what dismisses it. */
export function toastWhile(text: string, action: NonNullable<Toast["action"]>, runs_ms: number): () => void {
  const id = show({ text, action, tone: "quiet", runs_ms });
  const timer = setTimeout(() => dismiss(id), runs_ms);
  return () => {
    clearTimeout(timer);
    dismiss(id);
  };
}

/** One that stays until it is dealt with; gives what dismisses it. */
export function toastUntil(text: string, action: NonNullable<Toast["action"]>): () => void {
  const id = show({ text, action, tone: "error" });
  return () => dismiss(id);
}

function show(toast: Omit<Toast, "id">): number {
  count += 1;
  const id = count;
  toasts.set(({ shown }) => ({ shown: [...shown.slice(-2), { id, ...toast }] }));
  return id;
}
