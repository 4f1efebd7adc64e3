import { IconClock, IconSearchOff } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { TextButton } from "@/ui/Quiet";
import { OPERATORS } from "./operators";
import { forgetSearches, recentSearches } from "./recent";
import classes from "./search.module.css";

/** Before anything is typed: what was looked for lately, and what may be written. */
export function HowTo({ choose }: { choose: (text: string) => void }): ReactNode {
  const [recent, setRecent] = useState(recentSearches);
  return (
    <div className={`${classes.scroll} sb-scroll`}>
      {recent.length > 0 && (
        <div className={classes.part}>
          <h3>
            Searched lately
            <TextButton
              onClick={() => {
                forgetSearches();
                setRecent([]);
              }}
            >
              Forget
            </TextButton>
          </h3>
          {recent.map((each) => (
            <button
              key={each}
              type="button"
              data-hit={each}
              className={classes.recent}
              onClick={() => choose(each)}
            >
              <IconClock size={14} aria-hidden />
              <bdi className="sb-truncate">{each}</bdi>
            </button>
          ))}
        </div>
      )}
      <div className={classes.part}>
        <h3>Narrow it down</h3>
        <dl className={classes.operators}>
          {OPERATORS.map((each) => (
            <div key={each.name}>
              <dt>
                <button type="button" onClick={() => choose(each.example)}>
                  {each.example}
                </button>
              </dt>
              <dd>{each.about}</dd>
            </div>
          ))}
        </dl>
        <p className={classes.hint}>
          All words must be there, in any of its messages or notes. “In quotes” they stand side by side, -word
          leaves out, refund* finds refunds as well. Phone numbers are found in any notation.
        </p>
      </div>
    </div>
  );
}

interface NothingProps {
  text: string;
  everywhere: (() => void) | null;
  choose: (text: string) => void;
  children: ReactNode;
}

/** Nothing was found: say so, and offer what may help. */
export function Nothing({ text, everywhere, choose, children }: NothingProps): ReactNode {
  const words = text.trim().split(/\s+/);
  const last = words.at(-1) ?? "";
  const wider = !/[":*]/.test(text) && last.length > 2 ? `${text.trim()}*` : null;
  return (
    <div className={`${classes.scroll} sb-scroll`}>
      {children}
      <div className={classes.nothing}>
        <IconSearchOff size={26} stroke={1.4} aria-hidden />
        <p>No conversation that you see has all of that.</p>
        <span>
          {everywhere && <TextButton onClick={everywhere}>Search all inboxes</TextButton>}
          {wider && text.endsWith(" ") && (
            <TextButton onClick={() => choose(wider)}>Words that begin with “{last}”</TextButton>
          )}
          {words.length > 1 && (
            <TextButton onClick={() => choose(words.slice(0, -1).join(" "))}>Without “{last}”</TextButton>
          )}
        </span>
      </div>
    </div>
  );
}
