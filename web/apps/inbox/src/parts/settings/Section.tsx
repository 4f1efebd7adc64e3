import { IconArrowLeft } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { IconButton } from "@/ui/Quiet";
import classes from "./settings.module.css";

/** `beside`: what it leads to stands beside the section where there is room, and needs no arrow there. */
export interface Back {
  label: string;
  go: () => void;
  beside?: boolean;
}

interface SectionProps {
  title: string;
  /** One sentence: what this is for. */
  hint?: ReactNode;
  /** Buttons at the title's end. */
  actions?: ReactNode;
  /** Where the arrow before the title leads; without it there is none. */
  back?: Back;
  /** Beside the content where there is room, else below it. */
  aside?: ReactNode;
  children: ReactNode;
}

/** A section of the settings, or one thing in it: its title with what may be done, and below what scrolls. */
export function Section({ title, hint, actions, back, aside, children }: SectionProps): ReactNode {
  return (
    <section className={classes.section} aria-label={title}>
      <header>
        {back && (
          <IconButton
            label={back.label}
            className={back.beside ? classes.beside : undefined}
            onClick={back.go}
          >
            <IconArrowLeft size={17} />
          </IconButton>
        )}
        <h1 className="sb-truncate">
          <bdi>{title}</bdi>
        </h1>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      <div className={`${classes.body} sb-scroll`} data-aside={aside ? true : undefined}>
        <div className={classes.measure}>
          {hint && <p className={classes.hint}>{hint}</p>}
          {children}
        </div>
        {aside && <aside className={classes.aside}>{aside}</aside>}
      </div>
    </section>
  );
}

/** A list of what is configured; its children are `Line`s. */
export function Lines({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    <ul className={classes.lines} aria-label={label}>
      {children}
    </ul>
  );
}

interface LineProps {
  name: string;
  /** What is worth knowing of it, in a line. */
  about?: ReactNode;
  /** Before the name: a colour, an avatar. */
  mark?: ReactNode;
  /** At the line's end. */
  end?: ReactNode;
  /** Shown paler: it isn't used any more. */
  quiet?: boolean;
  open: () => void;
}

export function Line({ name, about, mark, end, quiet, open }: LineProps): ReactNode {
  return (
    <li>
      <button type="button" className={classes.line} data-quiet={quiet || undefined} onClick={open}>
        {mark}
        <span className={classes.words}>
          <b className="sb-truncate">
            <bdi>{name}</bdi>
          </b>
          {about && <small className="sb-truncate">{about}</small>}
        </span>
        {end && <span className={classes.end}>{end}</span>}
      </button>
    </li>
  );
}
