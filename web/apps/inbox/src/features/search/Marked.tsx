import type { ReactNode } from "react";
import type { Mark } from "@/api/search";
import { pieces } from "./pieces";
import classes from "./search.module.css";

/** A text with what was looked for marked in it. It is text and stays text. */
export function Marked({ text, marks }: { text: string; marks: readonly Mark[] }): ReactNode {
  return pieces(text, marks).map((piece) =>
    piece.marked ? (
      <mark key={piece.at} className={classes.mark}>
        {piece.text}
      </mark>
    ) : (
      <span key={piece.at}>{piece.text}</span>
    ),
  );
}
