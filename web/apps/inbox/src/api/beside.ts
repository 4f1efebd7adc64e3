/** The JSON shapes of what stands beside the customer's messages: merges, side conversations, followers. */
import type { Address, Message, TimelineEntry } from "./types";

/** `to` and `cc`: who the next mail goes to. */
export interface Side {
  id: string;
  subject: string;
  to: Address[];
  cc: Address[];
  started_at: string;
  last_at: string;
  last_from: "us" | "them";
  message_count: number;
}

export interface SideConversation {
  side: Side;
  items: TimelineEntry[];
}

export interface BesideEvents {
  Merged: { into_id: string; title: string };
  MergeReceived: { from_id: string; title: string };
  Unmerged: { into_id: string };
  MergeReverted: { from_id: string };
  SideStarted: { side_id: string; mail: Message };
  SideReplySent: { side_id: string; mail: Message };
  SideReplyReceived: { side_id: string; mail: Message };
  Followed: { agent_id: string };
  Unfollowed: { agent_id: string };
}
