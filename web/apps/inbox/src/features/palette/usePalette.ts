import { useEffect, useState } from "react";
import { expectFocus } from "@/lib/ahead";
import { dialogOpen, useKeys } from "@/lib/keys";

interface PaletteState {
  /** Whether its code is wanted: from the first opening on. */
  wanted: boolean;
  open: () => void;
}

/** Ctrl or Cmd and K opens the palette, also while typing. */
export function usePalette(): PaletteState {
  const [wanted, setWanted] = useState(false);
  const open = (): void => {
    setWanted(true);
    expectFocus();
    void import("@mantine/spotlight").then(({ spotlight }) => setTimeout(spotlight.open));
  };
  useKeys({}, ["palette"]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
      event.preventDefault();
      if (event.repeat) return;
      setWanted(true);
      // Where one is open it closes, or the dialog has the focus already.
      if (!dialogOpen()) expectFocus();
      void import("@mantine/spotlight").then(({ spotlight }) => setTimeout(spotlight.toggle));
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return { wanted, open };
}
