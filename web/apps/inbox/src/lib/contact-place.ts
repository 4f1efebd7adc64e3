/** Which contacts and which contact are looked at, all of it in the address. */
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";

export interface ContactSearch {
  q?: string;
  sort?: "newest";
}

export function readContactSearch(search: Record<string, unknown>): ContactSearch {
  // The router reads "123" as a number: somebody looked for a phone number.
  const text = typeof search.q === "string" || typeof search.q === "number" ? String(search.q) : "";
  return { ...(text && { q: text.slice(0, 200) }), ...(search.sort === "newest" && { sort: "newest" }) };
}

export interface ContactPlace {
  /** "all" or a segment's id. */
  segment: string;
  contactId: string | null;
  text: string;
  sort: "name" | "newest";
  go(segment: string): void;
  open(id: string): void;
  back(): void;
  find(text: string): void;
  order(sort: "name" | "newest"): void;
  openConversation(id: string): void;
}

export function useContactPlace(): ContactPlace {
  const params = useParams({ strict: false }) as { segment?: string; contactId?: string };
  const search = useSearch({ strict: false }) as ContactSearch;
  const navigate = useNavigate();
  const segment = params.segment ?? "all";
  const contactId = params.contactId ?? null;
  return useMemo(() => {
    const stay = (next: ContactSearch, replace: boolean): void => {
      const to = contactId ? "/contacts/$segment/$contactId" : "/contacts/$segment";
      void navigate({ to, params: { segment, ...(contactId && { contactId }) }, search: next, replace });
    };
    const sort = search.sort ?? "name";
    return {
      segment,
      contactId,
      text: search.q ?? "",
      sort,
      go: (next) => void navigate({ to: "/contacts/$segment", params: { segment: next } }),
      open: (id) =>
        void navigate({ to: "/contacts/$segment/$contactId", params: { segment, contactId: id }, search }),
      back: () => void navigate({ to: "/contacts/$segment", params: { segment }, search }),
      find: (text) => stay({ ...(text && { q: text }), ...(search.sort && { sort: search.sort }) }, true),
      order: (next) =>
        stay({ ...(search.q && { q: search.q }), ...(next === "newest" && { sort: next }) }, false),
      openConversation: (id) =>
        void navigate({ to: "/inbox/$inbox/$conversationId", params: { inbox: "all", conversationId: id } }),
    };
  }, [segment, contactId, search, navigate]);
}
