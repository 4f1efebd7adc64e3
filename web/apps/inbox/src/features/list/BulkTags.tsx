import { TagsInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { BulkAction } from "@/api/lists";
import { tagsQuery } from "@/data/inboxes";
import { TextButton } from "@/ui/Quiet";
import classes from "./BulkBar.module.css";

/** Tags to add to each, or to take off. */
export default function BulkTags({ act }: { act: (action: BulkAction) => void }): ReactNode {
  const { data } = useQuery(tagsQuery);
  const [tags, setTags] = useState<string[]>([]);
  // Shown while somebody types, so that it does not lie over the buttons.
  const [offering, setOffering] = useState(false);
  const done = (kind: "add" | "remove"): void => {
    if (tags.length) act({ kind: "tags", add: [], remove: [], [kind]: tags });
  };
  return (
    <>
      <TagsInput
        data-autofocus
        aria-label="Tags"
        placeholder={tags.length ? "" : "Find or make a tag"}
        data={data?.map((each) => each.tag) ?? []}
        value={tags}
        dropdownOpened={offering}
        onSearchChange={(words) => setOffering(words !== "")}
        onBlur={() => setOffering(false)}
        onChange={(chosen) => {
          setTags(chosen);
          setOffering(false);
        }}
        comboboxProps={{ withinPortal: false }}
      />
      <span className={classes.tagActs}>
        <TextButton disabled={tags.length === 0} onClick={() => done("add")}>
          Add tags
        </TextButton>
        <TextButton disabled={tags.length === 0} onClick={() => done("remove")}>
          Take off
        </TextButton>
      </span>
    </>
  );
}
