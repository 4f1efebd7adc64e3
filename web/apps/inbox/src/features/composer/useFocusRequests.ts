import { type RefObject, useEffect } from "react";
import { desk } from "@/lib/desk";
import { useStore } from "@/lib/store";
import type { EditorHandle } from "@/parts/writing/Editor";

/** r and n ask for the cursor; an editor that is still loading gets it when it is there. */
export function useFocusRequests(editor: RefObject<EditorHandle | null>, conversationId: string): void {
  const wanted = useStore(desk, (state) => state.focusComposer === conversationId);
  useEffect(() => {
    if (!wanted) return;
    const timer = setInterval(() => {
      if (!editor.current) return;
      editor.current.focus();
      desk.set({ focusComposer: null });
    }, 20);
    return () => clearInterval(timer);
  }, [wanted, editor]);
}
