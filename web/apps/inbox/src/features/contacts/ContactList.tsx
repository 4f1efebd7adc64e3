import { IconAddressBook, IconMenu2, IconSearch, IconX } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { Contact } from "@/api/contacts";
import { type ContactSort, contactListQuery, segmentsQuery } from "@/data/contacts";
import { type ContactPlace, useContactPlace } from "@/lib/contact-place";
import { desk } from "@/lib/desk";
import { useKeys } from "@/lib/keys";
import { useEnter } from "@/lib/useEnter";
import { useSteps } from "@/lib/useSteps";
import page from "@/parts/page.module.css";
import { SortMenu } from "@/parts/SortMenu";
import { useVirtualRows } from "@/parts/virtual-rows";
import { IconButton, TextButton } from "@/ui/Quiet";
import { countWords } from "./ContactNav";
import { ContactRow } from "./ContactRow";
import classes from "./contacts.module.css";

const ROW_PX = 56;
const TYPING_MS = 180;
const ORDER_NAMES: Record<ContactSort, string> = { name: "By name", newest: "Newest first" };

/** The middle column: a segment's contacts, or who was looked for; any number of them. */
export function ContactList(): ReactNode {
  const place = useContactPlace();
  const segments = useQuery(segmentsQuery).data;
  const query = useInfiniteQuery({
    ...contactListQuery({ text: place.text, segment: place.segment, sort: place.sort }),
    placeholderData: (before) => (place.text ? before : undefined),
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const segment = segments?.items.find((each) => each.segment.segment_id === place.segment);
  const count = place.segment === "all" ? segments?.all : segment;
  const more = query.data?.pages.at(-1)?.more ?? false;
  return (
    <section className={page.list} aria-label="Contacts">
      <header>
        <span className={page.menu}>
          <IconButton label="Segments" onClick={() => desk.set({ inboxesDrawer: true })}>
            <IconMenu2 size={17} />
          </IconButton>
        </span>
        <h2 className="sb-truncate">
          {place.text
            ? "Found"
            : (segment?.segment.name ?? (place.segment === "all" ? "All contacts" : "Segment"))}
        </h2>
        {!place.text && (
          <SortMenu
            orders={["name", "newest"]}
            names={ORDER_NAMES}
            chosen={place.sort}
            choose={place.order}
          />
        )}
      </header>
      <Search place={place} first={rows[0]} found={!query.isPending && !query.isPlaceholderData} />
      {query.isError && !query.data ? (
        <div className={page.empty} role="alert">
          <p>{sentenceOf(query.error)}</p>
          <TextButton onClick={() => void query.refetch()}>Try again</TextButton>
        </div>
      ) : rows.length === 0 && query.isSuccess && !query.isFetching ? (
        <Nobody place={place} />
      ) : (
        <Rows
          rows={rows}
          place={place}
          more={
            query.hasNextPage && !query.isFetchingNextPage
              ? () => void query.fetchNextPage({ cancelRefetch: false })
              : null
          }
        />
      )}
      <footer className="sb-number" aria-live="polite">
        {place.text
          ? `${rows.length}${more ? "+" : ""} found for “${place.text}”${more ? " · add a word to narrow it" : ""}`
          : `${countWords(count) || rows.length} ${count?.count === 1 ? "contact" : "contacts"} · ${ORDER_NAMES[place.sort].toLowerCase()}`}
      </footer>
    </section>
  );
}

interface SearchProps {
  place: ContactPlace;
  first: Contact | undefined;
  /** Whether the rows are those of what is looked for. */
  found: boolean;
}

/** Looks as one types; ↓ goes to the hits, Enter opens the first, Esc empties it. */
function Search({ place, first, found }: SearchProps): ReactNode {
  const [text, setText] = useState(place.text);
  const field = useRef<HTMLInputElement>(null);
  const find = useRef(place.find);
  find.current = place.find;
  const wanted = text.trim();
  const enter = useEnter(wanted, found && wanted === place.text, () => first && place.open(first.id));
  useEffect(() => {
    if (wanted === place.text) return;
    const timer = setTimeout(() => find.current(wanted), enter.waits ? 0 : TYPING_MS);
    return () => clearTimeout(timer);
  }, [wanted, place.text, enter.waits]);
  useKeys({ "/": () => field.current?.focus() });
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "Escape") {
      setText("");
      field.current?.blur();
    }
    if (event.key === "Enter") enter.press();
    if (event.key === "ArrowDown") {
      event.preventDefault();
      field.current?.closest("section")?.querySelector<HTMLButtonElement>("li button")?.focus();
    }
  };
  return (
    <div className={classes.search}>
      <IconSearch size={15} />
      <input
        ref={field}
        type="search"
        aria-label="Find contacts"
        placeholder="Name, email, phone…"
        dir="auto"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKey}
        onBlur={enter.forget}
      />
      {text ? (
        <button type="button" aria-label="Clear" onClick={() => setText("")}>
          <IconX size={14} />
        </button>
      ) : (
        <kbd>/</kbd>
      )}
    </div>
  );
}

interface RowsProps {
  rows: readonly Contact[];
  place: ContactPlace;
  more: (() => void) | null;
}

function Rows({ rows, place, more }: RowsProps): ReactNode {
  const { scroll, virtual } = useVirtualRows(rows.length, ROW_PX, more);
  const at = rows.findIndex((each) => each.id === place.contactId);
  const stepTo = useSteps(`${place.segment} ${place.text}`, at, rows.length);
  const step = (by: 1 | -1): void => {
    const to = stepTo(by);
    const next = rows[to];
    if (!next) return;
    place.open(next.id);
    virtual.scrollToIndex(to);
  };
  useKeys({ j: () => step(1), k: () => step(-1) });
  return (
    <div ref={scroll} className={`${classes.rows} sb-scroll`}>
      <ul style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const contact = rows[index];
          return (
            contact && (
              <li key={contact.id} style={{ transform: `translateY(${start}px)` }}>
                <ContactRow
                  contact={contact}
                  selected={contact.id === place.contactId}
                  newest={place.sort === "newest"}
                  open={place.open}
                />
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
}

function Nobody({ place }: { place: ContactPlace }): ReactNode {
  return (
    <div className={page.empty}>
      <IconAddressBook size={28} stroke={1.3} />
      <h3>{place.text ? `Nobody found for “${place.text}”` : "Nobody here yet"}</h3>
      <p>
        {place.text
          ? "Try the beginning of a name, an email address, or some digits of a phone number."
          : place.segment === "all"
            ? "Whoever writes or calls becomes a contact by themselves."
            : "When somebody fits the conditions they show up here by themselves."}
      </p>
      {place.segment !== "all" && !place.text && (
        <TextButton onClick={() => place.go("all")}>Look at all contacts</TextButton>
      )}
    </div>
  );
}
