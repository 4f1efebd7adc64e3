import { Menu } from "@mantine/core";
import {
  IconExternalLink,
  IconLink,
  IconMessages,
  IconPlus,
  IconRadar2,
  IconTicket,
  IconX,
} from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { Link } from "@/api/tickets";
import type { Head } from "@/api/types";
import { useMay, useNames } from "@/data/directory";
import { addLink, removeLink } from "@/data/tickets";
import { desk } from "@/lib/desk";
import { linkName } from "@/lib/links";
import { Card } from "@/parts/Card";
import { StateMark } from "@/parts/tickets/StateMark";
import { toast, undo } from "@/ui/toast";
import { AddPage } from "./AddPage";
import { FindTracker } from "./FindTracker";
import classes from "./links.module.css";

const ICONS: Record<Link["kind"], ReactNode> = {
  ticket: <IconTicket size={15} />,
  tracker: <IconRadar2 size={15} />,
  conversation: <IconMessages size={15} />,
  url: <IconLink size={15} />,
};

interface LinksProps {
  head: Head;
  openTicket: (id: string) => void;
  openConversation: (id: string) => void;
}

/** What the conversation is linked to: tickets and their states, trackers, other conversations, pages. */
export function Links({ head, openTicket, openConversation }: LinksProps): ReactNode {
  const mayEdit = useMay("conversations.edit");
  const [adding, setAdding] = useState<"tracker" | "page" | null>(null);
  return (
    <Card name="Links">
      <ul className={classes.links}>
        {head.links.map((link) => (
          <LinkLine
            key={link.id}
            head={head}
            link={link}
            open={() => {
              if (link.kind === "url") window.open(link.url, "_blank", "noopener,noreferrer");
              else if (link.kind === "conversation") openConversation(link.id);
              else openTicket(link.id);
            }}
          />
        ))}
      </ul>
      {head.links.length === 0 && !adding && (
        <p className={classes.none}>No tickets yet. Ask another team to act, or link what belongs to this.</p>
      )}
      {adding === "tracker" && <FindTracker head={head} done={() => setAdding(null)} />}
      {adding === "page" && <AddPage head={head} done={() => setAdding(null)} />}
      {mayEdit && !adding && <Add head={head} choose={setAdding} />}
    </Card>
  );
}

function LinkLine({ head, link, open }: { head: Head; link: Link; open: () => void }): ReactNode {
  const client = useQueryClient();
  const names = useNames();
  const mayEdit = useMay("conversations.edit");
  const type = names.ticketType(link.type_id);
  const [leaving, setLeaving] = useState(false);
  const remove = async (): Promise<void> => {
    setLeaving(true);
    try {
      await removeLink(client, head.id, link.id);
      const again =
        link.kind === "url"
          ? { url: link.url, title: link.title }
          : link.kind === "conversation"
            ? { conversation_id: link.id }
            : { ticket_id: link.id };
      toast(
        "Unlinked",
        undo(() => addLink(client, head.id, again)),
      );
    } catch (error) {
      toast(`Still linked. ${sentenceOf(error)}`, undefined, "error");
    } finally {
      setLeaving(false);
    }
  };
  return (
    <li>
      <button type="button" className={classes.link} onClick={open} title={linkName(link, type?.name)}>
        <span style={{ color: type?.color }}>{ICONS[link.kind]}</span>
        <span className={classes.words}>
          <span className={classes.titled}>
            {link.number > 0 && <span className={`${classes.number} sb-number`}>#{link.number}</span>}
            <bdi className="sb-truncate">{link.title}</bdi>
          </span>
          {link.state && (
            <span className={classes.about}>
              <StateMark state={link.state} />
              {type && (
                <span className="sb-truncate">
                  · <bdi>{type.name}</bdi>
                </span>
              )}
            </span>
          )}
        </span>
        {link.kind === "url" && <IconExternalLink size={13} className={classes.out} />}
      </button>
      {mayEdit && (
        <button
          type="button"
          className={classes.remove}
          aria-label={`Unlink ${link.title}`}
          disabled={leaving}
          onClick={() => void remove()}
        >
          <IconX size={13} />
        </button>
      )}
    </li>
  );
}

function Add({ head, choose }: { head: Head; choose: (what: "tracker" | "page") => void }): ReactNode {
  const names = useNames();
  const mayTicket = useMay("tickets.write");
  const types = names.ticketTypes.filter((type) => type.active && type.kind === "back_office");
  const newTicket = (typeId: string): void => desk.set({ newTicket: { conversationId: head.id, typeId } });
  return (
    <Menu position="bottom-start" width={220}>
      <Menu.Target>
        <button type="button" className={classes.add}>
          <IconPlus size={14} /> New ticket or link
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {mayTicket && (
          <>
            <Menu.Label>New ticket</Menu.Label>
            {types.map((type) => (
              <Menu.Item
                key={type.type_id}
                leftSection={<IconTicket size={15} style={{ color: type.color }} />}
                onClick={() => newTicket(type.type_id)}
              >
                <bdi className={classes.type}>{type.name}</bdi>
              </Menu.Item>
            ))}
            <Menu.Divider />
          </>
        )}
        <Menu.Item leftSection={<IconRadar2 size={15} />} onClick={() => choose("tracker")}>
          Link a tracker…
        </Menu.Item>
        <Menu.Item leftSection={<IconLink size={15} />} onClick={() => choose("page")}>
          Link a page or conversation…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
