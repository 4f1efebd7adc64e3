/** What is open on the screen beyond the address: which picker, which composer tab, which dialogs. */
import { createStore } from "@/lib/store";

export type Picker = "snooze" | "assign" | "tags";
export type ComposerMode = "reply" | "note";

interface Desk {
  picker: Picker | null;
  composer: ComposerMode;
  /** Counts up to ask the composer for the cursor. */
  focusComposer: number;
  detailsDrawer: boolean;
  inboxesDrawer: boolean;
  help: boolean;
  newConversation: boolean;
}

export const desk = createStore<Desk>({
  picker: null,
  composer: "reply",
  focusComposer: 0,
  detailsDrawer: false,
  inboxesDrawer: false,
  help: false,
  newConversation: false,
});

/** Below this width the details, and with them the tags, are in a drawer. */
const DETAILS_FOLD_PX = 1200;

export function openPicker(picker: Picker): void {
  const inDrawer = picker === "tags" && window.innerWidth < DETAILS_FOLD_PX;
  desk.set(inDrawer ? { picker, detailsDrawer: true } : { picker });
}

export const closePicker = (): void => desk.set({ picker: null });

export function write(mode: ComposerMode): void {
  desk.set(({ focusComposer }) => ({ composer: mode, focusComposer: focusComposer + 1 }));
}
