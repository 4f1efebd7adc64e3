import data from "emojibase-data/en/compact.json";
import { type ReactNode, useMemo, useState } from "react";
import classes from "./writing.module.css";

interface Known {
  unicode: string;
  label: string;
  tags?: string[] | undefined;
  group?: number | undefined;
  order?: number | undefined;
}

/** Emojibase's group of skin tones and hair: parts, not emojis. */
const COMPONENTS = 2;
const AT_ONCE = 240;

const ALL: Known[] = (data as Known[])
  .filter((each) => each.group !== undefined && each.group !== COMPONENTS)
  .sort((a, b) => (a.order ?? 0) - (b.order ?? 0));

/** Those whose name or tags have all the words. */
export function findEmojis(words: string): Known[] {
  const wanted = words.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return ALL.slice(0, AT_ONCE);
  const has = (each: Known, word: string): boolean =>
    each.label.includes(word) || (each.tags?.some((tag) => tag.startsWith(word)) ?? false);
  return ALL.filter((each) => wanted.every((word) => has(each, word))).slice(0, AT_ONCE);
}

export default function Emoji({ choose }: { choose: (emoji: string) => void }): ReactNode {
  const [words, setWords] = useState("");
  const found = useMemo(() => findEmojis(words), [words]);
  return (
    <div className={classes.emoji}>
      <input
        data-autofocus
        placeholder="Find an emoji"
        aria-label="Find an emoji"
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Enter" && found[0] && choose(found[0].unicode)}
      />
      <div className={`${classes.emojis} sb-scroll`}>
        {found.map((each) => (
          <button key={each.unicode} type="button" title={each.label} onClick={() => choose(each.unicode)}>
            {each.unicode}
          </button>
        ))}
        {found.length === 0 && <p>None is called that.</p>}
      </div>
    </div>
  );
}
