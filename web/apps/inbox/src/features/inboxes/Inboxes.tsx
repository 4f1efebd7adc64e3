import {
  IconAt,
  IconBan,
  IconInbox,
  IconPencil,
  IconPlus,
  IconSearch,
  IconStack2,
  IconUserOff,
  IconUsers,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { InboxKey } from "@/api/types";
import { useMay, useNames } from "@/data/directory";
import { inboxesQuery, inboxName } from "@/data/inboxes";
import { desk } from "@/lib/desk";
import { usePlace } from "@/lib/place";
import { BrandDot } from "@/ui/Brand";
import { IconButton, Keys } from "@/ui/Quiet";
import { Group } from "./Group";
import classes from "./Inboxes.module.css";

const OWN: readonly { key: InboxKey; icon: ReactNode }[] = [
  { key: "mine", icon: <IconInbox size={16} /> },
  { key: "mentions", icon: <IconAt size={16} /> },
  { key: "created", icon: <IconPencil size={16} /> },
  { key: "all", icon: <IconStack2 size={16} /> },
  { key: "unassigned", icon: <IconUserOff size={16} /> },
  { key: "spam", icon: <IconBan size={16} /> },
];

/** Where what waits, waits for me: only these counts may turn bold. */
const FOR_ME: ReadonlySet<InboxKey> = new Set(["mine", "mentions"]);

/** The left column: own inboxes, one view for each brand, team inboxes, with live counts. */
export function Inboxes({ onSearch }: { onSearch: () => void }): ReactNode {
  const names = useNames();
  const mayWrite = useMay("conversations.reply");
  const views = [...names.brands].sort((a, b) => a.name.localeCompare(b.name));
  return (
    <nav className={classes.nav} aria-label="Inboxes">
      <header className={classes.head}>
        <h2>Inbox</h2>
        {mayWrite && (
          <IconButton label="New conversation" keys="c" onClick={() => desk.set({ newConversation: true })}>
            <IconPlus size={17} />
          </IconButton>
        )}
      </header>
      <button type="button" className={classes.search} onClick={onSearch}>
        <IconSearch size={15} />
        <span>Go to…</span>
        <Keys keys="Ctrl K" />
      </button>
      <div className={`${classes.scroll} sb-scroll`}>
        <ul>
          {OWN.map(({ key, icon }) => (
            <Item key={key} inbox={key} icon={icon} />
          ))}
        </ul>
        <Group name="Views">
          {views.map((brand) => (
            <Item key={brand.brand_id} inbox={`brand:${brand.brand_id}`} icon={<BrandDot brand={brand} />} />
          ))}
        </Group>
        <Group name="Team inboxes">
          {names.teams.map((team) => (
            <Item key={team.team_id} inbox={`team:${team.team_id}`} icon={<IconUsers size={16} />} />
          ))}
        </Group>
      </div>
    </nav>
  );
}

function Item({ inbox, icon }: { inbox: InboxKey; icon: ReactNode }): ReactNode {
  const place = usePlace();
  const names = useNames();
  const { data } = useQuery(inboxesQuery);
  const count = data?.counts[inbox] ?? 0;
  const waiting = FOR_ME.has(inbox) ? (data?.waiting[inbox] ?? 0) : 0;
  const name = inboxName(inbox, names);
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
        <span className={classes.icon}>{icon}</span>
        <span className="sb-truncate">{name}</span>
        {count > 0 && (
          <span
            className={`${classes.count} sb-number`}
            data-waiting={waiting > 0 || undefined}
            title={waiting > 0 ? `${waiting} of ${count} wait for an answer` : `${count} open`}
          >
            {count.toLocaleString()}
          </span>
        )}
      </button>
    </li>
  );
}
