import { sentenceOf } from "@/api/client";
import { createStore } from "@/lib/store";

export interface Toast {
  id: number;
  text: string;
  tone: "quiet" | "error";
  action?: { label: string; run: () => void } | undefined;
  /** How long the action can be taken; shown as a line that runs out. */
  runs_ms?: number | undefined;
  /** Its action is the only way to it: others that come don't push it out. */
  lasts?: boolean;
}

export const toasts = createStore<{ shown: Toast[] }>({ shown: [] });

const QUIET_MS = 5000;
/** With something to do about it: it is to be read, decided upon and reached. */
const ACTION_MS = 10_000;
const ERROR_MS = 9000;
let count = 0;

export function dismiss(id: number): void {
  toasts.set(({ shown }) => ({ shown: shown.filter((toast) => toast.id !== id) }));
}

/** Say something quietly at the bottom, with at most one thing to do about it. */
export function toast(text: string, action?: Toast["action"], tone: Toast["tone"] = "quiet"): void {
  const id = show({ text, action, tone });
  const quiet_ms = action ? ACTION_MS : QUIET_MS;
  setTimeout(() => dismiss(id), tone === "error" ? Math.max(ERROR_MS, quiet_ms) : quiet_ms);
}

/** What takes something back: when that is refused, it is said. */
export const undo = (work: () => Promise<unknown>): NonNullable<Toast["action"]> => ({
  label: "Undo",
  run: () =>
    void work().catch((error: unknown) => toast(`Not undone. ${sentenceOf(error)}`, undefined, "error")),
});

/** The same for as long as the action can be taken; gives what dismisses it. */
export function toastWhile(text: string, action: NonNullable<Toast["action"]>, runs_ms: number): () => void {
  const id = show({ text, action, tone: "quiet", runs_ms, lasts: true });
  const timer = setTimeout(() => dismiss(id), runs_ms);
  return () => {
    clearTimeout(timer);
    dismiss(id);
  };
}

/** One that stays until it is dealt with; gives what dismisses it. */
export function toastUntil(text: string, action: NonNullable<Toast["action"]>): () => void {
  const id = show({ text, action, tone: "error", lasts: true });
  return () => dismiss(id);
}

const AT_MOST = 3;

/** With one more; of those that pass by themselves the oldest makes room for it. */
export function withToast(shown: readonly Toast[], added: Toast): Toast[] {
  const all = [...shown, added];
  const over = all.length - AT_MOST;
  const passing = shown.filter(({ lasts }) => !lasts);
  const gone = new Set(passing.slice(0, Math.max(0, over)));
  return all.filter((each) => !gone.has(each));
}

function show(toast: Omit<Toast, "id">): number {
  count += 1;
  const id = count;
  toasts.set(({ shown }) => ({ shown: withToast(shown, { id, ...toast }) }));
  return id;
}
