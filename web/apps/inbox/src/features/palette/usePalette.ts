import { useEffect } from "react";
import { expectFocus } from "@/lib/ahead";
import { desk } from "@/lib/desk";
import { dialogOpen, useKeys } from "@/lib/keys";
import { useStore } from "@/lib/store";

export function openPalette(): void {
  desk.set({ palette: true });
  expectFocus();
  void import("./spotlight").then(({ palette }) => setTimeout(palette.open));
}

/** Ctrl or Cmd and K opens the palette, also while typing. Gives whether its code is wanted: from the first opening on. */
export function usePalette(): boolean {
  useKeys({}, ["palette"]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
      event.preventDefault();
      if (event.repeat) return;
      desk.set({ palette: true });
      // Where one is open it closes, or the dialog has the focus already.
      if (!dialogOpen()) expectFocus();
      void import("./spotlight").then(({ palette }) => setTimeout(palette.toggle));
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return useStore(desk, (state) => state.palette);
}
