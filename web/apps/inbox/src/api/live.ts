/** What the live line brings (notifications, /live). */
import type { Notice } from "./notices";
import type { AgentStatus } from "./people";
import type { Head, TimelineEntry } from "./types";

/** Somebody who looks at a conversation at this moment. */
export interface ViewerPerson {
  agent_id: string;
  typing: boolean;
}

/** A live frame from the server (notifications, /live). */
export type LiveFrame =
  | { type: "ready"; id: string | null; resumed: boolean }
  | { type: "event"; id: string; event: TimelineEntry & { conversation_id: string }; head: Head }
  | { type: "availability"; id: string; agent_id: string; status: AgentStatus; reason: string; at: string }
  | { type: "ticket"; id: string; ticket_id: string; seq: number }
  | { type: "contact"; id: string; contact_id: string; seq: number }
  | { type: "notice"; id: string; notice: Notice; in_app: boolean; desktop: boolean }
  | { type: "viewers"; conversation_id: string; people: ViewerPerson[] }
  | { type: "resync" };
