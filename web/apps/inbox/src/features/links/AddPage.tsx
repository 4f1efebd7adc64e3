import { Button, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { Head } from "@/api/types";
import { addLink, type LinkTo } from "@/data/tickets";
import { useAttempt } from "@/lib/attempt";
import { onEscape } from "@/lib/keys";
import classes from "./links.module.css";

/** A pasted address: one of our own conversations is linked as that, anything else as a page. */
export function linkTo(address: string, title: string): LinkTo {
  const own = /^\/inbox\/[^/]+\/([^/?#]+)/.exec(pathOf(address));
  return own?.[1]
    ? { conversation_id: decodeURIComponent(own[1]) }
    : { url: address.trim(), title: title.trim() };
}

function pathOf(address: string): string {
  try {
    const url = new URL(address.trim());
    return url.origin === window.location.origin ? url.pathname : "";
  } catch {
    return "";
  }
}

export function AddPage({ head, done }: { head: Head; done: () => void }): ReactNode {
  const client = useQueryClient();
  const [url, setUrl] = useState("");
  const [title, setTitle] = useState("");
  const { busy, trouble, attempt } = useAttempt();
  const add = (): Promise<void> =>
    attempt(async () => {
      await addLink(client, head.id, linkTo(url, title));
      done();
    });
  return (
    <form
      className={classes.page}
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
      onKeyDown={onEscape(done)}
    >
      <TextInput
        autoFocus
        aria-label="Address"
        placeholder="https://… of a page or a conversation"
        value={url}
        error={trouble || null}
        onChange={(event) => setUrl(event.currentTarget.value)}
      />
      <TextInput
        aria-label="Title"
        placeholder="Title (optional)"
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <div>
        <Button variant="default" onClick={done}>
          Cancel
        </Button>
        <Button type="submit" loading={busy} disabled={!url.trim()}>
          Link
        </Button>
      </div>
    </form>
  );
}
