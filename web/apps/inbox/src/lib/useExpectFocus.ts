import { useEffect } from "react";
import { expectFocus, forgetFocus } from "@/lib/ahead";

/** While `opened`, the field in what has opened is about to have the focus: keys wait for it. */
export function useExpectFocus(opened: boolean): void {
  useEffect(() => {
    if (!opened) return;
    expectFocus();
    return forgetFocus;
  }, [opened]);
}
