/** What the agent is told: the newest, how many are unread, and how they want to be told. Loaded after the first screen. */
import {
  type InfiniteData,
  infiniteQueryOptions,
  type QueryClient,
  queryOptions,
} from "@tanstack/react-query";
import { call } from "@/api/client";
import type { LiveFrame } from "@/api/live";
import type { KindWays, Notice, NoticePage, NoticePreferences, QuietHours } from "@/api/notices";
import { addressOf, showOnDesktop, subjectAt } from "@/lib/notices";
import { keys } from "./keys";
import { patchQuery } from "./patch-query";

const MANY = 100;
type Pages = InfiniteData<NoticePage, string>;
type Frame = Extract<LiveFrame, { type: "notice" }>;

export const noticesQuery = infiniteQueryOptions({
  queryKey: keys.notices,
  queryFn: ({ pageParam, signal }) =>
    call<NoticePage>(`/api/notifications/notices${pageParam && `?cursor=${encodeURIComponent(pageParam)}`}`, {
      signal,
    }),
  initialPageParam: "",
  getNextPageParam: (last) => last.next_cursor,
  staleTime: 30_000,
});

/** Another window may have read some: asked again whenever this one is looked at. */
export const unreadQuery = queryOptions({
  queryKey: keys.unreadNotices,
  queryFn: ({ signal }) => call<{ unread: number }>("/api/notifications/notices/unread", { signal }),
  staleTime: 5_000,
  refetchOnWindowFocus: true,
});

export const noticePreferencesQuery = queryOptions({
  queryKey: keys.noticePreferences,
  queryFn: ({ signal }) => call<NoticePreferences>("/api/notifications/notice-preferences", { signal }),
  staleTime: 60_000,
});

export interface NoticeWishes {
  ways: KindWays[];
  quiet: QuietHours | null;
  email_after_minutes: number;
}

/** Throws ApiError: `changed_meanwhile`, or what is wrong with a field. */
export async function putNoticePreferences(
  client: QueryClient,
  wishes: NoticeWishes,
  seenSeq: number,
): Promise<NoticePreferences> {
  const body = { ...wishes, seen_seq: seenSeq };
  const path = "/api/notifications/notice-preferences";
  const kept = await call<NoticePreferences>(path, { method: "PUT", body });
  client.setQueryData(keys.noticePreferences, kept);
  return kept;
}

export type Which =
  | { ids: string[] }
  | { conversation_id: string }
  | { ticket_id: string }
  | { until: string };

function isOf(which: Which, notice: Notice): boolean {
  if ("ids" in which) return which.ids.includes(notice.id);
  if ("conversation_id" in which) return notice.conversation_id === which.conversation_id;
  if ("ticket_id" in which) return !notice.conversation_id && notice.ticket_id === which.ticket_id;
  return Date.parse(notice.at) <= Date.parse(which.until);
}

/** Shown as read at once; what the server counts then is what stands. A list that was asked for before may come
 * after, with what is read now still unread: it is marked once more, or asked for anew. */
export async function readNotices(client: QueryClient, which: Which): Promise<void> {
  const now = new Date().toISOString();
  const mark = (notice: Notice): Notice =>
    isOf(which, notice) && !notice.read_at ? { ...notice, read_at: now } : notice;
  patch(client, mark);
  try {
    const said = await call<{ unread: number }>("/api/notifications/notices/read", {
      method: "POST",
      body: which,
    });
    client.setQueryData(keys.unreadNotices, said);
    patch(client, mark);
    if (client.isFetching({ queryKey: keys.notices })) {
      await client.cancelQueries({ queryKey: keys.notices });
      void client.invalidateQueries({ queryKey: keys.notices });
    }
  } catch (error) {
    void client.invalidateQueries({ queryKey: keys.notices });
    throw error;
  }
}

function patch(client: QueryClient, change: (notice: Notice) => Notice): void {
  patchQuery<Pages>(
    client,
    keys.notices,
    (now) => now && { ...now, pages: now.pages.map((page) => ({ ...page, items: page.items.map(change) })) },
  );
}

/** Where a click on the browser's own notice leads; without the bell on the screen, by the address. */
export const opener: { open: ((notice: Notice) => void) | null } = { open: null };

const openAnywhere = (notice: Notice): void =>
  opener.open ? opener.open(notice) : window.location.assign(addressOf(notice));

const looks = (): boolean => document.visibilityState === "visible" && document.hasFocus();

/** One is told something now. What one is looking at needs no telling. */
export function noticeCame(client: QueryClient, { notice, in_app, desktop }: Frame): void {
  const at = subjectAt(window.location.pathname);
  if (looks() && at && isOf(at, notice)) {
    readNotices(client, { ids: [notice.id] }).catch(() => undefined);
    void client.invalidateQueries({ queryKey: keys.notices });
    return;
  }
  if (in_app) {
    patchQuery<{ unread: number }>(
      client,
      keys.unreadNotices,
      (now) => now && { unread: Math.min(MANY, now.unread + 1) },
    );
    patchQuery<Pages>(client, keys.notices, (now) => now && withFirst(now, notice));
  }
  if (desktop) showOnDesktop(notice, openAnywhere);
}

/** A frame may come once more after a gap. */
function withFirst(now: Pages, notice: Notice): Pages {
  const [first, ...rest] = now.pages;
  if (!first || now.pages.some(({ items }) => items.some(({ id }) => id === notice.id))) return now;
  return { ...now, pages: [{ ...first, items: [notice, ...first.items] }, ...rest] };
}

/** One went to a conversation or ticket: what one was told of it is read. */
export async function lookedAt(client: QueryClient, pathname: string): Promise<void> {
  const at = subjectAt(pathname);
  if (!at || document.visibilityState !== "visible") return;
  const { unread } = await client.fetchQuery(unreadQuery);
  if (unread > 0 && window.location.pathname === pathname) await readNotices(client, at);
}
