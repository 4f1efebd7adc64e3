/** What an agent does to a conversation: shown at once, sent with a key, put back when refused, undoable. */
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { call, sentenceOf } from "@/api/client";
import type { Head, TagCount } from "@/api/types";
import { untilLabel } from "@/lib/time";
import { toast } from "@/ui/toast";
import { agentIdOf, applyAnswer } from "./answer";
import { directoryQuery, namesOf } from "./directory";
import { keys } from "./keys";
import { knownRow, patchHead, patchRead, refreshCounts } from "./patch";
import { deliver } from "./queue";
import { forgetRead } from "./reads";

interface Command {
  path: string;
  body?: unknown;
  /** What the head will look like; shown before the answer comes. */
  change: Partial<Head>;
  /** Said when done, with what takes it back. */
  said?: string;
  undo?: Command;
  /** Said when refused, before the reason. */
  refused: string;
}

export { applyAnswer };

async function run(client: QueryClient, id: string, command: Command): Promise<void> {
  const before = knownRow(client, id);
  const agentId = agentIdOf(client);
  if (before) patchHead(client, { ...before.head, ...command.change }, agentId);
  try {
    const path = `/api/tickets/conversations/${encodeURIComponent(id)}/${command.path}`;
    const { body = {}, refused, said, undo } = command;
    const key = crypto.randomUUID();
    const answer = await deliver(client, { key, conversationId: id, path, body, refused });
    if (answer) applyAnswer(client, answer);
    const words = said && !answer ? `${said}; sent when the connection is back` : said;
    if (words) toast(words, undo && { label: "Undo", run: () => void run(client, id, undo) });
  } catch (error) {
    const now = knownRow(client, id);
    if (before && now && now.head.seq === before.head.seq) patchHead(client, before.head, agentId);
    else void client.invalidateQueries({ queryKey: keys.conversation(id) });
    toast(`${command.refused} ${sentenceOf(error)}`, undefined, "error");
  }
}

function assignment(
  client: QueryClient,
  head: Head,
  teamId: string | null,
  assigneeId: string | null,
): Command {
  const names = namesOf(client.getQueryData(directoryQuery.queryKey));
  const to = assigneeId ? names.agentName(assigneeId) : teamId ? names.teamName(teamId) : null;
  return {
    path: "assign",
    body: { team_id: teamId, assignee_id: assigneeId },
    change: { team_id: teamId, assignee_id: assigneeId },
    said: to ? `Assigned to ${to}` : "Unassigned",
    undo: {
      path: "assign",
      body: { team_id: head.team_id ?? null, assignee_id: head.assignee_id ?? null },
      change: { team_id: head.team_id ?? null, assignee_id: head.assignee_id ?? null },
      refused: "Couldn’t undo.",
    },
    refused: "Not assigned.",
  };
}

const wake: Command = {
  path: "wake",
  change: { status: "open", snoozed_until: null },
  refused: "Couldn’t wake it.",
};
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

export interface Commands {
  assign(teamId: string | null, assigneeId: string | null): Promise<void>;
  snooze(until: Date): Promise<void>;
  wake(): Promise<void>;
  close(): Promise<void>;
  reopen(): Promise<void>;
  setPriority(priority: boolean): Promise<void>;
  setTopic(topic: string | null): Promise<void>;
  changeTags(add: string[], remove: string[]): Promise<void>;
  markSpam(spam: boolean): Promise<void>;
  markRead(): Promise<void>;
}

function commandsOn(client: QueryClient, id: string): Commands {
  const withHead = (make: (head: Head) => Command) => async (): Promise<void> => {
    const row = knownRow(client, id);
    if (row) await run(client, id, make(row.head));
  };
  return {
    assign: (teamId, assigneeId) => withHead((head) => assignment(client, head, teamId, assigneeId))(),
    snooze: (until) => {
      const body = { until: until.toISOString() };
      const said = `Snoozed until ${untilLabel(body.until, new Date())}`;
      const change = { status: "snoozed", snoozed_until: body.until } as const;
      return run(client, id, { path: "snooze", body, change, said, undo: wake, refused: "Not snoozed." });
    },
    wake: () => run(client, id, { ...wake, said: "Woken" }),
    close: () => run(client, id, { ...close, said: "Closed", undo: reopen }),
    reopen: () => run(client, id, { ...reopen, said: "Reopened", undo: close }),
    setPriority: (priority) =>
      run(client, id, {
        path: "priority",
        body: { priority },
        change: { priority },
        refused: "Priority not set.",
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
    markSpam: (spam) => {
      const command = (value: boolean): Command => ({
        path: "spam",
        body: { spam: value },
        change: { spam: value },
        refused: value ? "Not marked as spam." : "Still marked as spam.",
      });
      const said = spam ? "Marked as spam" : "Not spam any more";
      return run(client, id, { ...command(spam), said, undo: command(!spam) });
    },
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

/** The acts on one conversation; the same functions for buttons, menus, keys and the palette. */
export function useCommands(id: string): Commands {
  const client = useQueryClient();
  return useMemo(() => commandsOn(client, id), [client, id]);
}
