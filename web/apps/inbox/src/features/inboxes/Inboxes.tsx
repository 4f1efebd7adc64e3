import { Menu } from "@mantine/core";
import {
  IconAdjustmentsHorizontal,
  IconCommand,
  IconMail,
  IconPencil,
  IconPhonePlus,
  IconPlus,
  IconSearch,
  IconTicket,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, Suspense, useMemo, useState } from "react";
import type { InboxKey } from "@/api/types";
import { arranged, sectionOf } from "@/data/arrange";
import { useMay, useNames } from "@/data/directory";
import { inboxesQuery } from "@/data/inboxes";
import { sidebarQuery, viewsQuery } from "@/data/views";
import { desk } from "@/lib/desk";
import { lazy } from "@/lib/lazy";
import { usePlace } from "@/lib/place";
import { IconButton, Keys } from "@/ui/Quiet";
import { Group } from "./Group";
import classes from "./Inboxes.module.css";
import { InboxIcon, USUAL_ORDER, useInboxName } from "./Name";

const EditSidebar = lazy(() => import("./EditSidebar"));

/** Where what waits, waits for me: only these counts may turn bold. */
const FOR_ME: ReadonlySet<InboxKey> = new Set(["mine", "mentions"]);

/** The service counts views no further. */
const COUNTED = 1000;

/** Every inbox there is for this agent, in the usual order. */
function useThere(): string[] {
  const names = useNames();
  const { data } = useQuery(inboxesQuery);
  const views = useQuery(viewsQuery).data?.items;
  return useMemo(() => {
    const brands = [...names.brands].sort((a, b) => a.name.localeCompare(b.name));
    // A team that only works tickets has no channel, and mostly no conversations.
    const teams = names.teams.filter((team) => team.channels.length || data?.counts[`team:${team.team_id}`]);
    return [
      ...USUAL_ORDER,
      ...(views ?? []).map((view) => `view:${view.id}`),
      ...brands.map((brand) => `brand:${brand.brand_id}`),
      ...teams.map((team) => `team:${team.team_id}`),
    ];
  }, [names, data, views]);
}

/** The left column: the agent's own inboxes, views, team inboxes, as they arranged them, with live counts. */
export function Inboxes({ onGo, onSearch }: { onGo: () => void; onSearch: () => void }): ReactNode {
  const there = useThere();
  const sidebar = useQuery(sidebarQuery);
  const [editing, setEditing] = useState(false);
  const now = useMemo(() => arranged(there, sidebar.data), [there, sidebar.data]);
  const of = (section: string): string[] => now.pinned.filter((key) => sectionOf(key) === section);
  return (
    <nav className={classes.nav} aria-label="Inboxes">
      <header className={classes.head}>
        <h2>Inbox</h2>
        <span className={classes.tools}>
          <IconButton label="Go to…" keys="Ctrl K" onClick={onGo}>
            <IconCommand size={16} />
          </IconButton>
          <Manage edit={sidebar.data ? () => setEditing(true) : null} />
          <New />
        </span>
      </header>
      <button type="button" className={classes.search} onClick={onSearch}>
        <IconSearch size={15} />
        <span>Search</span>
        <Keys keys="/" />
      </button>
      {editing ? (
        <Suspense>
          <EditSidebar now={now} done={() => setEditing(false)} />
        </Suspense>
      ) : (
        <div className={`${classes.scroll} sb-scroll`}>
          <Items keys={of("own")} />
          {of("views").length > 0 && (
            <Group name="Views">
              <Items keys={of("views")} bare />
            </Group>
          )}
          {of("teams").length > 0 && (
            <Group name="Team inboxes">
              <Items keys={of("teams")} bare />
            </Group>
          )}
          {now.more.length > 0 && (
            <Group name="More">
              <Items keys={now.more} bare />
            </Group>
          )}
        </div>
      )}
    </nav>
  );
}

/** What one begins oneself. */
function New(): ReactNode {
  const place = usePlace();
  const mayReply = useMay("conversations.reply");
  const mayTicket = useMay("tickets.write");
  if (!mayReply && !mayTicket) return null;
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <IconButton label="New">
          <IconPlus size={17} />
        </IconButton>
      </Menu.Target>
      <Menu.Dropdown>
        {mayReply && (
          <>
            <Menu.Item
              leftSection={<IconMail size={15} />}
              rightSection={<Keys keys="C" />}
              onClick={() => desk.set({ newConversation: true })}
            >
              New conversation
            </Menu.Item>
            <Menu.Item leftSection={<IconPhonePlus size={15} />} onClick={() => desk.set({ newCall: true })}>
              Dial a number
            </Menu.Item>
          </>
        )}
        {mayTicket && (
          <Menu.Item
            leftSection={<IconTicket size={15} />}
            rightSection={<Keys keys="I" />}
            onClick={() => desk.set({ newTicket: { conversationId: place.conversationId, typeId: null } })}
          >
            New ticket
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** `edit` null: how it is arranged is not known yet. */
function Manage({ edit }: { edit: (() => void) | null }): ReactNode {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <IconButton label="Manage">
          <IconAdjustmentsHorizontal size={16} />
        </IconButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={15} />} disabled={!edit} onClick={() => edit?.()}>
          Edit sidebar
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Items({ keys, bare }: { keys: readonly string[]; bare?: boolean }): ReactNode {
  const items = keys.map((key) => <Item key={key} inbox={key} />);
  return bare ? items : <ul>{items}</ul>;
}

function Item({ inbox }: { inbox: InboxKey }): ReactNode {
  const place = usePlace();
  const name = useInboxName()(inbox);
  const { data } = useQuery(inboxesQuery);
  const count = data?.counts[inbox] ?? 0;
  const waiting = FOR_ME.has(inbox) ? (data?.waiting[inbox] ?? 0) : 0;
  const ofView = inbox.startsWith("view:");
  const go = (): void => {
    place.goInbox(inbox);
    desk.set({ inboxesDrawer: false });
  };
  return (
    <li>
      <button
        type="button"
        className={classes.item}
        aria-current={place.inbox === inbox ? "page" : undefined}
        onClick={go}
      >
        <span className={classes.icon}>
          <InboxIcon inbox={inbox} />
        </span>
        <span className="sb-truncate">{name}</span>
        {count > 0 && (
          <span
            className={`${classes.count} sb-number`}
            data-waiting={waiting > 0 || undefined}
            title={
              waiting > 0
                ? `${waiting} of ${count} wait for an answer`
                : `${count} ${ofView ? "in it" : "open"}`
            }
          >
            {ofView && count >= COUNTED ? `${COUNTED.toLocaleString()}+` : count.toLocaleString()}
          </span>
        )}
      </button>
    </li>
  );
}
