import { Popover } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import type { Head, TagCount } from "@/api/types";
import { tagsQuery } from "@/data/inboxes";
import { desk } from "@/lib/desk";
import { useStore } from "@/lib/store";
import { useEnter } from "@/lib/useEnter";
import { useExpectFocus } from "@/lib/useExpectFocus";
import { Field } from "@/parts/Field";
import classes from "./Details.module.css";

interface TagsFieldProps {
  head: Head;
  mayEdit: boolean;
  change: (add: string[], remove: string[]) => void;
}

/** Its tags, each with a cross, and a picker of the known ones. */
export function TagsField({ head, mayEdit, change }: TagsFieldProps): ReactNode {
  return (
    <Field label="Tags">
      <span className={classes.tags}>
        {head.tags.map((tag) => (
          <span key={tag} className={classes.tag}>
            {tag}
            {mayEdit && (
              <button type="button" aria-label={`Remove tag ${tag}`} onClick={() => change([], [tag])}>
                <IconX size={11} />
              </button>
            )}
          </span>
        ))}
        {mayEdit && <AddTag taken={head.tags} add={(tag) => change([tag], [])} />}
        {!mayEdit && head.tags.length === 0 && <span className={classes.nothing}>None</span>}
      </span>
    </Field>
  );
}

const AT_MOST = 8;

/** Known tags that match, the much-used first, and what was typed when it is new. */
export function tagChoices(known: readonly TagCount[], taken: readonly string[], words: string): string[] {
  const wanted = words.trim().toLowerCase();
  const free = known.filter((each) => !taken.includes(each.tag) && each.tag.toLowerCase().includes(wanted));
  const names = [...free]
    .sort((a, b) => b.count - a.count)
    .slice(0, AT_MOST)
    .map((each) => each.tag);
  const isNew = wanted && !taken.includes(wanted) && !known.some((each) => each.tag.toLowerCase() === wanted);
  return isNew ? [...names, wanted] : names;
}

function AddTag({ taken, add }: { taken: string[]; add: (tag: string) => void }): ReactNode {
  const opened = useStore(desk, (state) => state.picker === "tags");
  const setOpened = (open: boolean): void => desk.set({ picker: open ? "tags" : null });
  useExpectFocus(opened);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" width={220} trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className={classes.add} aria-label="Add tag" onClick={() => setOpened(!opened)}>
          <IconPlus size={12} />
          {taken.length === 0 && "Add a tag"}
        </button>
      </Popover.Target>
      <Popover.Dropdown p={4} aria-label="Add tag">
        {opened && <TagChoices taken={taken} add={add} />}
      </Popover.Dropdown>
    </Popover>
  );
}

function TagChoices({ taken, add }: { taken: string[]; add: (tag: string) => void }): ReactNode {
  const { data, isPending, failureCount } = useQuery(tagsQuery);
  const [words, setWords] = useState("");
  const [at, setAt] = useState(0);
  const known = data ?? [];
  // Until the known ones are there, what is typed is not known to be new; without the line they don't come, and it is.
  const waits = isPending && failureCount === 0;
  const choices = waits ? [] : tagChoices(known, taken, words);
  const choose = (tag: string | undefined): void => {
    if (!tag) return;
    add(tag);
    setWords("");
    setAt(0);
  };
  const enter = useEnter(words, !waits, () => choose(choices[at]));
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step) setAt(Math.max(0, Math.min(choices.length - 1, at + step)));
    if (event.key === "Enter") enter.press();
  };
  return (
    <>
      <input
        className={classes.find}
        placeholder="Find or make a tag"
        aria-label="Tag"
        data-autofocus
        value={words}
        onKeyDown={onKeyDown}
        onBlur={enter.forget}
        onChange={(event) => {
          setWords(event.currentTarget.value);
          setAt(0);
        }}
      />
      <div role="listbox" aria-label="Tags">
        {choices.map((tag, index) => (
          <button
            key={tag}
            type="button"
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            className={classes.option}
            onPointerMove={() => setAt(index)}
            onClick={() => choose(tag)}
          >
            {known.some((each) => each.tag === tag) ? tag : `Make “${tag}”`}
          </button>
        ))}
      </div>
    </>
  );
}
