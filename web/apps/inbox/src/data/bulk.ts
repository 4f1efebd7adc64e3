/** One action on many conversations: begun, watched until it is done, told, and taken back. */
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { call, sentenceOf } from "@/api/client";
import type { BulkAction, BulkJob } from "@/api/lists";
import { titleOf } from "@/lib/person";
import type { Selection } from "@/lib/selection";
import { createStore } from "@/lib/store";
import { toast } from "@/ui/toast";
import { keys } from "./keys";
import type { ListFilter } from "./membership";
import { knownRow, refreshCounts, refreshLists } from "./patch";

export interface ShownJob {
  job: BulkJob;
  /** "Closing", "Tagging": what it does. */
  doing: string;
  /** What the conversations are called, as they were known when it began. */
  names: ReadonlyMap<string, string>;
}

/** Those that run, and those that ended with something to tell. */
export const jobs = createStore<{ shown: readonly ShownJob[] }>({ shown: [] });

/** What a request names: the chosen ids, or the list but for some. */
export function chosenOf(selection: Selection, { sort: _, ...filter }: ListFilter): object {
  const ids = [...selection.ids];
  return selection.all ? { filter, without_ids: ids } : { ids };
}

const DOING: Record<BulkAction["kind"] | "undo", string> = {
  close: "Closing",
  reopen: "Reopening",
  wake: "Waking",
  snooze: "Snoozing",
  tags: "Tagging",
  assign: "Assigning",
  priority: "Marking",
  spam: "Moving",
  undo: "Taking back",
};
const DONE: typeof DOING = {
  close: "Closed",
  reopen: "Reopened",
  wake: "Woken",
  snooze: "Snoozed",
  tags: "Tagged",
  assign: "Assigned",
  priority: "Changed the priority of",
  spam: "Moved",
  undo: "Took back",
};

const many = (count: number): string => `${count.toLocaleString()} conversation${count === 1 ? "" : "s"}`;

/** "Closed 497 conversations. 3 could not be." */
export function doneWords(job: BulkJob): string {
  const kind = job.action.kind as keyof typeof DONE;
  const done = job.changed + job.unchanged;
  const said = `${DONE[kind] ?? "Changed"} ${many(done)}.`;
  return job.failed ? `${said} ${job.failed.toLocaleString()} could not be.` : said;
}

const show = (shown: ShownJob): void =>
  jobs.set((now) => {
    const there = now.shown.some((each) => each.job.id === shown.job.id);
    const others = now.shown.map((each) => (each.job.id === shown.job.id ? shown : each));
    return { shown: there ? others : [...now.shown, shown] };
  });

export const dismissJob = (id: string): void =>
  jobs.set((now) => ({ shown: now.shown.filter((each) => each.job.id !== id) }));

const POLL_MS = 600;

async function watch(client: QueryClient, begun: ShownJob): Promise<void> {
  let { job } = begun;
  show(begun);
  while (job.state === "running") {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    // A hiccup of the network ends nothing: the service goes on by itself.
    job = await call<BulkJob>(`/api/tickets/bulk/${job.id}`).catch(() => job);
    show({ ...begun, job });
  }
  refreshLists(client);
  void client.invalidateQueries({ queryKey: keys.tags });
  refreshCounts(client);
  const undo = { label: "Undo", run: () => void takeBack(client, begun, job) };
  toast(doneWords(job), job.can_undo && !job.undo_of ? undo : undefined, job.failed ? "error" : "quiet");
  if (!job.failed) dismissJob(job.id);
}

async function start(
  client: QueryClient,
  path: string,
  body: object,
  names: ShownJob["names"],
): Promise<boolean> {
  try {
    const job = await call<BulkJob>(`/api/tickets/bulk${path}`, { method: "POST", body });
    const kind = job.action.kind as keyof typeof DOING;
    void watch(client, { job, names, doing: DOING[kind] ?? "Changing" });
    return true;
  } catch (error) {
    toast(`Nothing was changed. ${sentenceOf(error)}`, undefined, "error");
    return false;
  }
}

/** After a reload: go on showing what is still being done. */
export async function resumeJobs(client: QueryClient): Promise<void> {
  const { items } = await call<{ items: BulkJob[] }>("/api/tickets/bulk");
  const shown = new Set(jobs.get().shown.map((each) => each.job.id));
  for (const job of items) {
    const kind = job.action.kind as keyof typeof DOING;
    const names = new Map<string, string>();
    if (job.state === "running" && !shown.has(job.id))
      void watch(client, { job, names, doing: DOING[kind] ?? "Changing" });
  }
}

async function takeBack(client: QueryClient, begun: ShownJob, job: BulkJob): Promise<void> {
  dismissJob(job.id);
  await start(client, `/${job.id}/undo`, {}, begun.names);
}

function namesOf(client: QueryClient, ids: Iterable<string>): Map<string, string> {
  const found = new Map<string, string>();
  for (const id of ids) {
    const head = knownRow(client, id)?.head;
    if (head) found.set(id, titleOf(head));
  }
  return found;
}

export interface BulkCommands {
  /** `loaded`: ids on the screen, so that those that fail can be called by name. False when it was refused. */
  begin(action: BulkAction, chosen: object, loaded: readonly string[]): Promise<boolean>;
}

export function useBulk(): BulkCommands {
  const client = useQueryClient();
  return useMemo(
    () => ({
      begin: (action, chosen, loaded) => start(client, "", { action, ...chosen }, namesOf(client, loaded)),
    }),
    [client],
  );
}
