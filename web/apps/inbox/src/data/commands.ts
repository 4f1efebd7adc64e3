/** What an agent does to a conversation: shown at once, sent with a key, put back when refused, undoable. */
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { ApiError, call, sentenceOf } from "@/api/client";
import type { FieldValue } from "@/api/tickets";
import type { Head, TagCount } from "@/api/types";
import { titleOf } from "@/lib/person";
import { untilLabel } from "@/lib/time";
import type { EditedField, HeadChange } from "@/lib/waiting";
import { toast } from "@/ui/toast";
import { directoryQuery, meQuery, namesOf } from "./directory";
import { keys } from "./keys";
import { knownRow, patchRead, refreshCounts } from "./patch";
import { deliver } from "./queue";
import { forgetRead } from "./reads";

interface Command {
  path: string;
  body?: unknown;
  /** What the head will look like; shown before the answer comes. */
  change: HeadChange;
  /** Said when done, with the conversation's name and what takes it back. */
  said?: string;
  /** One after the other. */
  undo?: Command[] | undefined;
  /** Said when refused, before the reason. */
  refused: string;
}

export { applyAnswer } from "./answer";

async function run(client: QueryClient, id: string, command: Command): Promise<void> {
  const { body = {}, change, refused, said, undo } = command;
  const path = `/api/tickets/conversations/${encodeURIComponent(id)}/${command.path}`;
  const key = crypto.randomUUID();
  try {
    const answer = await deliver(client, { key, conversationId: id, path, body, change, refused });
    if (!said) return;
    const words = answer ? said : `${said}; sent when the connection is back`;
    const head = knownRow(client, id)?.head;
    toast(
      head ? `${words} · ${titleOf(head)}` : words,
      undo && { label: "Undo", run: () => undo.forEach((each) => void run(client, id, each)) },
    );
  } catch (error) {
    toast(`${refused} ${sentenceOf(error)}`, undefined, "error");
  }
}

/** Who may not assign other people's conversations gets back only what comes to them, or is theirs to give. */
function mayAssignBack(client: QueryClient, before: Head, assigneeId: string | null): boolean {
  const me = client.getQueryData(meQuery.queryKey);
  if (!me) return false;
  const { agent_id } = me.agent;
  const theirs = assigneeId === agent_id || (assigneeId === null && before.assignee_id === agent_id);
  return theirs || me.permissions.includes("conversations.assign_others");
}

function assignment(
  client: QueryClient,
  head: Head,
  teamId: string | null,
  assigneeId: string | null,
): Command {
  const names = namesOf(client.getQueryData(directoryQuery.queryKey));
  const back: Command = {
    path: "assign",
    body: { team_id: head.team_id ?? null, assignee_id: head.assignee_id ?? null },
    change: { team_id: head.team_id ?? null, assignee_id: head.assignee_id ?? null },
    refused: "Couldn’t undo.",
  };
  const to = assigneeId ? names.agentName(assigneeId) : teamId ? names.teamName(teamId) : null;
  return {
    path: "assign",
    body: { team_id: teamId, assignee_id: assigneeId },
    change: { team_id: teamId, assignee_id: assigneeId },
    said: to ? `Assigned to ${to}` : "Unassigned",
    undo: mayAssignBack(client, head, assigneeId) ? [back] : undefined,
    refused: "Not assigned.",
  };
}

const wake: Command = {
  path: "wake",
  change: { status: "open", snoozed_until: null },
  refused: "Couldn’t wake it.",
};
const snoozing = (until: string): Command => ({
  path: "snooze",
  body: { until },
  change: { status: "snoozed", snoozed_until: until },
  refused: "Not snoozed.",
});
/** Asleep until when it was: who closes or moves what is snoozed by mistake wants that back. */
const asleepAgain = (before: Head | undefined): Command[] =>
  before?.status === "snoozed" && before.snoozed_until
    ? [{ ...snoozing(before.snoozed_until), refused: "Couldn’t undo." }]
    : [];
const close: Command = {
  path: "close",
  change: { status: "closed", snoozed_until: null, waiting_since: null },
  refused: "Not closed.",
};
const reopen: Command = {
  path: "reopen",
  change: { status: "open", closed_at: null },
  refused: "Not reopened.",
};

const tagging = (head: Head, add: string[], remove: string[]): Command => ({
  path: "tags",
  body: { add, remove },
  change: { tags: [...head.tags.filter((tag) => !remove.includes(tag)), ...add] },
  refused: "Tags not changed.",
});

const marking = (spam: boolean): Command => ({
  path: "spam",
  body: { spam },
  change: { spam },
  refused: spam ? "Not marked as spam." : "Still marked as spam.",
});

export interface Commands {
  assign(teamId: string | null, assigneeId: string | null): Promise<void>;
  snooze(until: Date): Promise<void>;
  wake(): Promise<void>;
  /** Close it, or reopen it where it is closed: by what is known at that moment, as for the other toggles. */
  toggleClosed(): Promise<void>;
  togglePriority(): Promise<void>;
  toggleSpam(): Promise<void>;
  setTopic(topic: string | null): Promise<void>;
  changeTags(add: string[], remove: string[]): Promise<void>;
  markRead(): Promise<void>;
}

export function commandsOn(client: QueryClient, id: string): Commands {
  const withHead = (make: (head: Head) => Command) => async (): Promise<void> => {
    const row = knownRow(client, id);
    if (row) await run(client, id, make(row.head));
  };
  return {
    assign: (teamId, assigneeId) => withHead((head) => assignment(client, head, teamId, assigneeId))(),
    snooze: (until) => {
      const moment = until.toISOString();
      const said = `Snoozed until ${untilLabel(moment, new Date())}`;
      const before = asleepAgain(knownRow(client, id)?.head);
      return run(client, id, { ...snoozing(moment), said, undo: before.length ? before : [wake] });
    },
    wake: () => run(client, id, { ...wake, said: "Woken" }),
    toggleClosed: withHead((head) =>
      head.status === "closed"
        ? { ...reopen, said: "Reopened", undo: [close] }
        : { ...close, said: "Closed", undo: [reopen, ...asleepAgain(head)] },
    ),
    togglePriority: withHead((head) => {
      const change = { priority: !head.priority };
      return { path: "priority", body: change, change, refused: "Priority not set." };
    }),
    setTopic: (topic) =>
      run(client, id, { path: "topic", body: { topic }, change: { topic }, refused: "Topic not set." }),
    changeTags: async (add, remove) => {
      await withHead((head) => tagging(head, add, remove))();
      client.setQueryData<TagCount[]>(keys.tags, (tags) => {
        const fresh = add.filter((tag) => !tags?.some((each) => each.tag === tag));
        return tags && [...tags, ...fresh.map((tag) => ({ tag, count: 1 }))];
      });
    },
    toggleSpam: withHead(({ spam }) => {
      const said = spam ? "Not spam any more" : "Marked as spam";
      return { ...marking(!spam), said, undo: [marking(spam)] };
    }),
    markRead: async () => {
      const row = knownRow(client, id);
      if (!row?.unread) return;
      const { seq } = row.head;
      patchRead(client, id, seq);
      const path = `/api/tickets/conversations/${encodeURIComponent(id)}/read`;
      // A read mark that got lost is set again at the next visit; not worth a word.
      await call<void>(path, { method: "POST", body: { seq } }).catch(() => forgetRead(id));
      refreshCounts(client);
    },
  };
}

/**
 * Fill in one of the desk's own attributes, null empties it; `seen`: what it was before. Waits where there is no line,
 * which is no error. Throws ApiError.
 */
export async function changeAttribute(
  client: QueryClient,
  id: string,
  edited: EditedField & { attribute: string },
  value: FieldValue | null,
  seen: FieldValue | null,
): Promise<void> {
  const { attribute, field } = edited;
  const attributes = { [attribute]: value };
  try {
    await deliver(client, {
      edited,
      key: crypto.randomUUID(),
      conversationId: id,
      path: `/api/tickets/conversations/${encodeURIComponent(id)}/attributes`,
      body: { attributes, seen: { [attribute]: seen } },
      change: { attributes },
      refused: `${field} wasn’t changed.`,
    });
  } catch (error) {
    // Somebody was faster: what is there now is shown before it may be written over.
    if (error instanceof ApiError && error.status === 409) {
      await client.invalidateQueries({ queryKey: keys.conversation(id) });
    }
    throw error;
  }
}

/** The acts on one conversation; the same functions for buttons, menus, keys and the palette. */
export function useCommands(id: string): Commands {
  const client = useQueryClient();
  return useMemo(() => commandsOn(client, id), [client, id]);
}
