import type { Written } from "@/lib/waiting";
import type { Unsaved } from "@/parts/drafts/keeper";

const BEGINNING_CHARS = 140;

/** What is kept of a plain text while it waits to be sent. */
export const writtenIn = (mode: Written["mode"], { rev, letter }: Unsaved): Written => ({
  mode,
  rev,
  letter,
  begins: letter.text.trim().slice(0, BEGINNING_CHARS),
});
