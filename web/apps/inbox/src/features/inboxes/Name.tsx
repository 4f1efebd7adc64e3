import {
  IconAt,
  IconBan,
  IconEye,
  IconInbox,
  IconListSearch,
  IconPencil,
  IconStack2,
  IconUserOff,
  IconUsers,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { InboxKey } from "@/api/types";
import { useNames } from "@/data/directory";
import { inboxName } from "@/data/inboxes";
import { viewsQuery } from "@/data/views";
import { BrandDot } from "@/ui/Brand";

const OWN: Record<string, ReactNode> = {
  mine: <IconInbox size={16} />,
  mentions: <IconAt size={16} />,
  created: <IconPencil size={16} />,
  following: <IconEye size={16} />,
  all: <IconStack2 size={16} />,
  unassigned: <IconUserOff size={16} />,
  spam: <IconBan size={16} />,
};

/** Before brands, views and teams. */
export const USUAL_ORDER: readonly string[] = Object.keys(OWN);

export function InboxIcon({ inbox }: { inbox: InboxKey }): ReactNode {
  const names = useNames();
  if (inbox.startsWith("brand:")) return <BrandDot brand={names.brand(inbox.slice(6))} />;
  if (inbox.startsWith("team:")) return <IconUsers size={16} />;
  return OWN[inbox] ?? <IconListSearch size={16} />;
}

export function useInboxName(): (inbox: InboxKey) => string {
  const names = useNames();
  const views = useQuery(viewsQuery).data?.items;
  return (inbox) => inboxName(inbox, names, views);
}
