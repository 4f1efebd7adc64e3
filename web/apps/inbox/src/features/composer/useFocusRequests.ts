import { type RefObject, useEffect, useRef } from "react";
import { desk } from "@/lib/desk";
import { useStore } from "@/lib/store";
import type { EditorHandle } from "@/parts/writing/Editor";

/** r and n ask for the cursor; an editor that is still loading gets it when it is there. */
export function useFocusRequests(editor: RefObject<EditorHandle | null>): void {
  const wanted = useStore(desk, (state) => state.focusComposer);
  const done = useRef(0);
  useEffect(() => {
    if (wanted === 0 || done.current === wanted) return;
    const timer = setInterval(() => {
      if (!editor.current) return;
      editor.current.focus();
      done.current = wanted;
      desk.set({ focusComposer: 0 });
      clearInterval(timer);
    }, 20);
    return () => clearInterval(timer);
  }, [wanted, editor]);
}
