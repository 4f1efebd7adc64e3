import { Popover } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import type { Notice } from "@/api/notices";
import { opener, unreadQuery } from "@/data/notices";
import { useKeys } from "@/lib/keys";
import { addressOf } from "@/lib/notices";
import { IconButton } from "@/ui/Quiet";
import classes from "./notices.module.css";
import { Panel } from "./Panel";
import { useTitleCount } from "./useTitleCount";

/** "7", and no more than "99+": the number on the bell. */
export const countWords = (unread: number): string => (unread > 99 ? "99+" : String(unread));

/** How many things one was told and has not seen, and which. */
export default function Bell(): ReactNode {
  const navigate = useNavigate();
  const [opened, setOpened] = useState(false);
  const { data } = useQuery(unreadQuery);
  const unread = data?.unread ?? 0;
  useTitleCount(unread ? countWords(unread) : "");
  useKeys({ "g n": () => setOpened(true) });
  const open = (notice: Notice): void => {
    setOpened(false);
    void navigate({ to: addressOf(notice) });
  };
  useOpener(open);
  const label = unread ? `Notices, ${countWords(unread)} unread` : "Notices";
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="right-start"
      width="min(384px, calc(100vw - 64px))"
      trapFocus
      returnFocus
      withinPortal
      shadow="md"
    >
      <Popover.Target>
        <IconButton
          label={label}
          keys="G N"
          className={classes.bell ?? ""}
          onClick={() => setOpened((now) => !now)}
        >
          <IconBell size={19} />
          {unread > 0 && (
            <span className={classes.count} aria-hidden>
              {countWords(unread)}
            </span>
          )}
        </IconButton>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label="Notices" className={classes.dropdown ?? ""}>
        {opened && (
          <Panel
            unread={unread}
            open={open}
            settings={() => {
              setOpened(false);
              void navigate({ to: "/settings/$section", params: { section: "notifications" } });
            }}
          />
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

/** While the bell is there, a click on the browser's own notice goes where a click on it goes. */
function useOpener(open: (notice: Notice) => void): void {
  useEffect(() => {
    opener.open = open;
    return () => {
      if (opener.open === open) opener.open = null;
    };
  });
}
