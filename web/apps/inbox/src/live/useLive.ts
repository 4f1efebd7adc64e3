import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { accessToken, onSession, refresh } from "@/api/client";
import type { Availability, LiveFrame, TimelineEntry } from "@/api/types";
import { keys } from "@/data/keys";
import { patchHead, patchTimeline, refreshCounts } from "@/data/patch";
import { createStore } from "@/lib/store";
import { LiveSocket, type LiveState } from "./socket";

export const liveStore = createStore<{ state: LiveState; since: number }>({ state: "connecting", since: 0 });

function setState(state: LiveState): void {
  const before = liveStore.get();
  // Trying again is still "away" for the person: only a live line ends it.
  const since = state === "live" ? 0 : before.since || Date.now();
  liveStore.set({ state, since });
}

type Availabilities = { items: Availability[] };

function onAvailability(client: QueryClient, frame: Extract<LiveFrame, { type: "availability" }>): void {
  client.setQueryData<Availabilities>(keys.availability, (now) => {
    if (!now) return now;
    const others = now.items.filter((each) => each.agent_id !== frame.agent_id);
    const before = now.items.find((each) => each.agent_id === frame.agent_id);
    const { agent_id, status, reason, at } = frame;
    return { items: [...others, { ...before, agent_id, status, reason, since: at }] };
  });
}

/** Links to files are signed when a timeline is asked for; live news may come without. */
function lacksLinks(entry: TimelineEntry): boolean {
  const message = "message" in entry.data ? entry.data.message : null;
  return message?.attachments.some((file) => !file.url) ?? false;
}

/** Apply one frame to the cache. An event by the agent itself was seen by them already. */
export function onFrame(client: QueryClient, frame: LiveFrame, agentId: string): void {
  switch (frame.type) {
    case "event": {
      const { conversation_id, ...entry } = frame.event;
      const fromCustomer = entry.by.kind === "customer" || entry.by.kind === "integration";
      patchHead(client, frame.head, agentId, fromCustomer ? true : undefined);
      if (lacksLinks(entry)) void client.invalidateQueries({ queryKey: keys.timeline(conversation_id) });
      else patchTimeline(client, conversation_id, [entry]);
      refreshCounts(client);
      return;
    }
    case "availability":
      onAvailability(client, frame);
      return;
    case "resync":
      for (const queryKey of [keys.lists, keys.inboxes, keys.availability, ["conversation"], ["timeline"]]) {
        void client.invalidateQueries({ queryKey });
      }
      return;
    case "ready":
      return;
  }
}

/** Keeps the cache live for the signed-in agent while mounted. */
export function useLive(agentId: string | undefined): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!agentId) return;
    const scheme = window.location.protocol === "https:" ? "wss" : "ws";
    const socket = new LiveSocket(`${scheme}://${window.location.host}/live`, {
      token: accessToken,
      renew: refresh,
      onFrame: (frame) => onFrame(client, frame, agentId),
      onState: setState,
    });
    socket.start();
    const unfollow = onSession((session) => session && socket.renewed(session.access_token));
    return () => {
      unfollow();
      socket.stop();
    };
  }, [agentId, client]);
}
