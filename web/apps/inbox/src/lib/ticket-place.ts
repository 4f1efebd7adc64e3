/** Which view of tickets and which ticket is looked at, all of it in the address. */
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import type { TicketState } from "@/api/tickets";
import { STATES } from "./links";

export type TicketOrder = "newest" | "oldest" | "due" | "reports";

export const ORDERS: readonly TicketOrder[] = ["newest", "oldest", "due", "reports"];

export interface TicketSearch {
  sort?: TicketOrder;
  /** Without it: all that are not resolved. */
  state?: TicketState;
}

export function readTicketSearch(search: Record<string, unknown>): TicketSearch {
  const sort = ORDERS.find((each) => each === search.sort);
  const state = STATES.find((each) => each === search.state);
  return { ...(sort && { sort }), ...(state && { state }) };
}

export interface TicketPlace {
  /** "open", "mine", "unassigned", "trackers", "resolved", "state:<state>", "type:<id>" or "team:<id>". */
  view: string;
  ticketId: string | null;
  sort: TicketOrder;
  /** Of the view’s tickets, those in this state; null: all that are not resolved. */
  state: TicketState | null;
  go(view: string): void;
  open(id: string): void;
  back(): void;
  order(sort: TicketOrder): void;
  /** The list of another state begins with nothing open. */
  inState(state: TicketState | null): void;
  openConversation(id: string): void;
}

export function useTicketPlace(): TicketPlace {
  const params = useParams({ strict: false }) as { view?: string; ticketId?: string };
  const search = useSearch({ strict: false }) as TicketSearch;
  const navigate = useNavigate();
  const view = params.view ?? "open";
  const ticketId = params.ticketId ?? null;
  return useMemo(
    () => ({
      view,
      ticketId,
      sort: search.sort ?? (view === "trackers" ? "reports" : "newest"),
      state: search.state ?? null,
      go: (next) => void navigate({ to: "/tickets/$view", params: { view: next } }),
      open: (id) => void navigate({ to: "/tickets/$view/$ticketId", params: { view, ticketId: id }, search }),
      back: () => void navigate({ to: "/tickets/$view", params: { view }, search }),
      order: (sort) => {
        const to = ticketId ? "/tickets/$view/$ticketId" : "/tickets/$view";
        void navigate({ to, params: { view, ...(ticketId && { ticketId }) }, search: { ...search, sort } });
      },
      inState: (state) =>
        void navigate({
          to: "/tickets/$view",
          params: { view },
          search: { ...(search.sort && { sort: search.sort }), ...(state && { state }) },
        }),
      openConversation: (id) =>
        void navigate({ to: "/inbox/$inbox/$conversationId", params: { inbox: "all", conversationId: id } }),
    }),
    [view, ticketId, search, navigate],
  );
}

/** What a view asks the server for. */
export interface ViewFilter {
  state?: TicketState;
  type?: string;
  team?: string;
  assignee?: string;
  kind?: "tracker";
}

export function filterOf(view: string): ViewFilter {
  const [kind, id = ""] = view.split(":", 2);
  switch (kind) {
    case "mine":
      return { assignee: "me" };
    case "unassigned":
      return { assignee: "" };
    case "trackers":
      return { kind: "tracker" };
    case "resolved":
      return { state: "resolved" };
    case "state":
      return { state: id as TicketState };
    case "type":
      return { type: id };
    case "team":
      return { team: id };
    default:
      return {};
  }
}
