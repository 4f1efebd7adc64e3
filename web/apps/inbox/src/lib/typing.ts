/** Where and when the person typed last, for those who tell it to others. */
import { createStore } from "@/lib/store";

export const typing = createStore<{ conversationId: string; at: number }>({ conversationId: "", at: 0 });

export const typed = (conversationId: string): void => typing.set({ conversationId, at: Date.now() });
