import { IconSearch, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import { useNames } from "@/data/directory";
import { tagsQuery } from "@/data/inboxes";
import { MOST_CHARS } from "@/data/search";
import { useKeys } from "@/lib/keys";
import { completions } from "./operators";
import { rememberSearch } from "./recent";
import classes from "./search.module.css";

interface Props {
  text: string;
  setText: (text: string) => void;
  openFirst: () => void;
  /** Somebody went on from the field: what waits to be opened need not be any more. */
  left: () => void;
  close: () => void;
}

/** Looks as one types; ↓ goes to the hits, Enter opens the first, Esc empties it, and closes the search when empty. */
export function Field({ text, setText, openFirst, left, close }: Props): ReactNode {
  const field = useRef<HTMLInputElement>(null);
  const names = useNames();
  const tags = useQuery(tagsQuery).data;
  const offered = completions(text, names, tags?.map((each) => each.tag) ?? []);
  useEffect(() => field.current?.focus(), []);
  useKeys({ "/": () => field.current?.select() });
  const write = (next: string): void => {
    setText(next);
    field.current?.focus();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "Escape") {
      event.preventDefault();
      text ? setText("") : close();
    }
    if (event.key === "Enter") {
      // The focus goes on to the hit, which this Enter would press.
      event.preventDefault();
      rememberSearch(text);
      openFirst();
    }
    const first = offered[0];
    if (event.key === "Tab" && first && !event.shiftKey) {
      event.preventDefault();
      write(first.text);
    }
    if (event.key === "ArrowDown") {
      event.preventDefault();
      field.current?.closest("section")?.querySelector<HTMLElement>("[data-hit]")?.focus();
    }
  };
  return (
    <div className={classes.field}>
      <div className={classes.box}>
        <IconSearch size={15} aria-hidden />
        <input
          ref={field}
          type="search"
          aria-label="Search"
          placeholder="Words, email, phone, order number…"
          dir="auto"
          autoComplete="off"
          spellCheck={false}
          maxLength={MOST_CHARS}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={onKey}
          onBlur={left}
        />
        {text && (
          <button type="button" aria-label="Clear" onClick={() => write("")}>
            <IconX size={14} />
          </button>
        )}
      </div>
      {offered.length > 0 && (
        <fieldset className={classes.offered} aria-label="Go on with">
          {offered.map((each) => (
            <button key={each.label} type="button" onClick={() => write(each.text)}>
              {each.label}
            </button>
          ))}
        </fieldset>
      )}
    </div>
  );
}
