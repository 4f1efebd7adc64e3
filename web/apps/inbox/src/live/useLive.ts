import { useDocumentVisibility } from "@mantine/hooks";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { useEffect } from "react";
import { accessToken, onSession, refresh } from "@/api/client";
import type { LiveFrame } from "@/api/live";
import type { TimelineEntry, TimelinePage } from "@/api/types";
import { activityHeard } from "@/data/activity";
import { type Availabilities, withAvailability } from "@/data/availability";
import { contactChanged } from "@/data/contact-shown";
import { talksChanged } from "@/data/contacts";
import { keys } from "@/data/keys";
import { patchHead, patchTimeline, refreshCounts, refreshDashboard } from "@/data/patch";
import { patchQuery } from "@/data/patch-query";
import { ticketChanged } from "@/data/ticket-shown";
import { createStore } from "@/lib/store";
import { AFTER_A_GAP, LateNews } from "./late";
import { LiveSocket, type LiveState } from "./socket";

/** Hurrying through a list, one reads nothing. */
const LOOKED_AFTER_MS = 600;

export const liveStore = createStore<{ state: LiveState; since: number }>({ state: "connecting", since: 0 });

function setState(state: LiveState): void {
  const before = liveStore.get();
  // Trying again is still "away" for the person: only a live line ends it.
  const since = state === "live" ? 0 : before.since || Date.now();
  liveStore.set({ state, since });
}

function onAvailability(client: QueryClient, frame: Extract<LiveFrame, { type: "availability" }>): void {
  const { agent_id, status, reason, at } = frame;
  patchQuery<Availabilities>(client, keys.availability, (now) =>
    withAvailability(now, { agent_id, status, reason, since: at }),
  );
}

/** Links to files are signed when a timeline is asked for; live news may come without. */
function lacksLinks(entry: TimelineEntry): boolean {
  const { data } = entry;
  const message = "message" in data ? data.message : "mail" in data ? data.mail : null;
  return message?.attachments.some((file) => !file.url) ?? false;
}

/** News may be told twice; what an answer brought is there with its links. */
const isShown = (client: QueryClient, id: string, seq: number): boolean =>
  client.getQueryData<TimelinePage>(keys.timeline(id))?.items.some((entry) => entry.seq === seq) ?? false;

/** Apply one frame to the cache. An event by the agent itself was seen by them already. */
export function onFrame(client: QueryClient, frame: LiveFrame, agentId: string): void {
  switch (frame.type) {
    case "event": {
      const { conversation_id, ...entry } = frame.event;
      const acted = entry.type === "CustomerActed";
      const fromCustomer = !acted && (entry.by.kind === "customer" || entry.by.kind === "integration");
      if (acted) activityHeard(client);
      patchHead(client, frame.head, agentId, fromCustomer ? true : undefined, entry.seq === 1);
      if (!lacksLinks(entry)) patchTimeline(client, conversation_id, [entry]);
      else if (!isShown(client, conversation_id, entry.seq))
        void client.invalidateQueries({ queryKey: keys.timeline(conversation_id) });
      refreshCounts(client);
      refreshDashboard(client);
      talksChanged(client);
      return;
    }
    case "availability":
      onAvailability(client, frame);
      return;
    case "ticket":
      ticketChanged(client, frame.ticket_id, frame.seq);
      return;
    case "contact":
      contactChanged(client, frame.contact_id, frame.seq);
      return;
    case "notice":
      void import("@/data/notices").then(({ noticeCame }) => noticeCame(client, frame));
      return;
    case "resync":
      for (const queryKey of AFTER_A_GAP) {
        void client.invalidateQueries({ queryKey });
      }
      return;
    case "viewers":
      client.setQueryData(keys.viewers(frame.conversation_id), frame.people);
      return;
    case "ready":
      return;
  }
}

/** What one was told of a conversation is read once one goes there. */
function useLookedAt(client: QueryClient, agentId: string | undefined): void {
  const path = useLocation({ select: ({ pathname }) => pathname });
  const visible = useDocumentVisibility() === "visible";
  useEffect(() => {
    if (!agentId || !visible) return;
    const timer = setTimeout(() => {
      void import("@/data/notices").then(({ lookedAt }) => lookedAt(client, path)).catch(() => undefined);
    }, LOOKED_AFTER_MS);
    return () => clearTimeout(timer);
  }, [agentId, client, path, visible]);
}

/** Keeps the cache live for the signed-in agent while mounted. */
export function useLive(agentId: string | undefined): void {
  const client = useQueryClient();
  useLookedAt(client, agentId);
  useEffect(() => {
    if (!agentId) return;
    const scheme = window.location.protocol === "https:" ? "wss" : "ws";
    const late = new LateNews(client, (frame) => onFrame(client, frame, agentId));
    const unlisten = late.start();
    const socket = new LiveSocket(`${scheme}://${window.location.host}/live`, {
      token: accessToken,
      renew: refresh,
      onFrame: (frame) => {
        late.came(frame);
        onFrame(client, frame, agentId);
      },
      onState: setState,
    });
    socket.start();
    const unfollow = onSession((session) => session && socket.renewed(session.access_token));
    return () => {
      unfollow();
      unlisten();
      socket.stop();
    };
  }, [agentId, client]);
}
