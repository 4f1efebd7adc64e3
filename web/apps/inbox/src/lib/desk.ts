/** What is open on the screen beyond the address: which picker, which composer tab, which dialogs. */
import { expectFocus, forgetFocus } from "@/lib/ahead";
import { keep, recall } from "@/lib/keep";
import { createStore } from "@/lib/store";

export type Picker = "snooze" | "assign" | "tags" | "call";
export type ListStyle = "cards" | "table";
export type ComposerMode = "reply" | "note";

interface Desk {
  picker: Picker | null;
  composer: ComposerMode;
  /** The conversation whose composer is asked for the cursor. */
  focusComposer: string | null;
  /** Counts up when a text was put back into the box. */
  restored: number;
  detailsDrawer: boolean;
  inboxesDrawer: boolean;
  help: boolean;
  /** Whether the palette was wanted once: its code comes then. */
  palette: boolean;
  newConversation: boolean;
  newCall: boolean;
  /** How the list of the inbox that is open looks. */
  listStyle: ListStyle;
  /** The ticket form that is open: for a conversation or for none, of a type that may be chosen already. */
  newTicket: { conversationId: string | null; typeId: string | null } | null;
  /** The side conversation that is open in place of the customer's; `sideId` null: one that is to be begun. */
  side: { conversationId: string; sideId: string | null } | null;
  merging: boolean;
  /** Whether it is shown what rules did to the conversation, and why. */
  explaining: boolean;
}

export const desk = createStore<Desk>({
  picker: null,
  composer: "reply",
  focusComposer: null,
  restored: 0,
  detailsDrawer: false,
  inboxesDrawer: false,
  help: false,
  palette: false,
  newConversation: false,
  newCall: false,
  listStyle: "cards",
  newTicket: null,
  side: null,
  merging: false,
  explaining: false,
});

/** Below this width the details, and with them the tags, are in a drawer. */
const DETAILS_FOLD_PX = 1200;

export function openPicker(picker: Picker): void {
  const inDrawer = picker === "tags" && window.innerWidth < DETAILS_FOLD_PX;
  desk.set(inDrawer ? { picker, detailsDrawer: true } : { picker });
}

export const closePicker = (): void => desk.set({ picker: null });

export function write(mode: ComposerMode, conversationId: string): void {
  // Where a side conversation is open, nothing will take what is typed.
  if (desk.get().side?.conversationId !== conversationId) expectFocus();
  desk.set({ composer: mode, focusComposer: conversationId });
}

/** Another conversation is open: its box takes no focus that was asked for elsewhere. */
export function nowOpen(conversationId: string): void {
  const { focusComposer } = desk.get();
  if (focusComposer === null || focusComposer === conversationId) return;
  desk.set({ focusComposer: null });
  forgetFocus();
}

/** As it was chosen for this inbox or view, else as it was chosen last. */
export function recallListStyle(inbox: string): void {
  const listStyle = recall<ListStyle>(`style.${inbox}`) ?? recall<ListStyle>("style") ?? "cards";
  if (desk.get().listStyle !== listStyle) desk.set({ listStyle });
}

export function chooseListStyle(inbox: string, listStyle: ListStyle): void {
  keep(`style.${inbox}`, listStyle);
  keep("style", listStyle);
  desk.set({ listStyle });
}
