import { Menu } from "@mantine/core";
import { IconChartPie, IconDots, IconPlus, IconUsers } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { Count, Segment } from "@/api/contacts";
import { deleteSegment, saveSegment, segmentsQuery } from "@/data/contacts";
import { useMay, useMe } from "@/data/directory";
import { useContactPlace } from "@/lib/contact-place";
import { desk } from "@/lib/desk";
import page from "@/parts/page.module.css";
import { IconButton } from "@/ui/Quiet";
import { toast, undo } from "@/ui/toast";
import classes from "./contacts.module.css";
import { NewContact } from "./NewContact";
import { SegmentDialog } from "./SegmentDialog";

/** Everybody, and the segments with how many are in each now. */
export function ContactNav(): ReactNode {
  const { data } = useQuery({ ...segmentsQuery, refetchInterval: 30_000 });
  const mayWrite = useMay("contacts.write");
  const manages = useMay("directory.manage");
  const me = useMe();
  const mayChange = (segment: Segment): boolean =>
    mayWrite && (manages || (me !== undefined && segment.created_by === me.agent.agent_id));
  const [adding, setAdding] = useState(false);
  const [edited, setEdited] = useState<Segment | "new" | null>(null);
  return (
    <nav className={page.nav} aria-label="Segments">
      <header>
        <h2>Contacts</h2>
        {mayWrite && (
          <IconButton label="New contact" onClick={() => setAdding(true)}>
            <IconPlus size={17} />
          </IconButton>
        )}
      </header>
      <div className="sb-scroll">
        <ul>
          <Item segment="all" name="All contacts" icon={<IconUsers size={16} />} count={data?.all} />
        </ul>
        <div className={classes.group}>
          <h3>Segments</h3>
          {mayWrite && (
            <IconButton label="New segment" onClick={() => setEdited("new")}>
              <IconPlus size={15} />
            </IconButton>
          )}
        </div>
        <ul>
          {data?.items.map((each) => (
            <Item
              key={each.segment.segment_id}
              segment={each.segment.segment_id}
              name={each.segment.name}
              icon={<IconChartPie size={16} />}
              count={each}
              menu={
                mayChange(each.segment) && (
                  <SegmentMenu segment={each.segment} edit={() => setEdited(each.segment)} />
                )
              }
            />
          ))}
        </ul>
        {data?.items.length === 0 && (
          <p className={classes.hint}>A segment is everybody who fits some conditions, counted live.</p>
        )}
      </div>
      <NewContact opened={adding} close={() => setAdding(false)} />
      <SegmentDialog edited={edited} close={() => setEdited(null)} />
    </nav>
  );
}

interface ItemProps {
  segment: string;
  name: string;
  icon: ReactNode;
  count: Count | undefined;
  menu?: ReactNode;
}

function Item({ segment, name, icon, count, menu }: ItemProps): ReactNode {
  const place = useContactPlace();
  const go = (): void => {
    place.go(segment);
    desk.set({ inboxesDrawer: false });
  };
  return (
    <li className={classes.place}>
      <button
        type="button"
        className={classes.item}
        aria-current={place.segment === segment && !place.text ? "page" : undefined}
        onClick={go}
        title={name}
      >
        <span>{icon}</span>
        <span className="sb-truncate">{name}</span>
        <span className={`${page.count} sb-number`}>{countWords(count)}</span>
      </button>
      {menu}
    </li>
  );
}

export function countWords(count: Count | undefined): string {
  if (count?.count === undefined || count.count === null) return "";
  return `${count.count.toLocaleString()}${count.more ? "+" : ""}`;
}

function SegmentMenu({ segment, edit }: { segment: Segment; edit: () => void }): ReactNode {
  const client = useQueryClient();
  const place = useContactPlace();
  const remove = async (): Promise<void> => {
    try {
      await deleteSegment(client, segment.segment_id);
      if (place.segment === segment.segment_id) place.go("all");
      const { name, match, conditions } = segment;
      const back = undo(() => saveSegment(client, segment.segment_id, { name, match, conditions }));
      toast(`Deleted “${name}”`, back);
    } catch (error) {
      toast(`Not deleted. ${sentenceOf(error)}`, undefined, "error");
    }
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <button type="button" className={classes.more} aria-label={`More for ${segment.name}`}>
          <IconDots size={14} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={edit}>Edit conditions</Menu.Item>
        <Menu.Item color="red" onClick={() => void remove()}>
          Delete segment
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
