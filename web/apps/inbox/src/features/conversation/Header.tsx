import { Button, Menu, Popover } from "@mantine/core";
import {
  IconArrowLeft,
  IconBan,
  IconBolt,
  IconClock,
  IconDots,
  IconEye,
  IconEyeCheck,
  IconEyeOff,
  IconFlag3,
  IconFlag3Filled,
  IconGitMerge,
  IconLayoutSidebarRight,
  IconLink,
  IconPhone,
} from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, Suspense } from "react";
import type { Head } from "@/api/types";
import { follow } from "@/data/beside";
import type { Commands } from "@/data/commands";
import { useMay, useMe, useNames } from "@/data/directory";
import { desk, openPicker } from "@/lib/desk";
import { lazy } from "@/lib/lazy";
import { MIXED_MENU } from "@/lib/menus";
import { personName } from "@/lib/person";
import { usePlace } from "@/lib/place";
import { useStore } from "@/lib/store";
import { untilLabel } from "@/lib/time";
import { AssignPicker } from "@/parts/AssignPicker";
import { useNow } from "@/ui/Ago";
import { Avatar } from "@/ui/Avatar";
import { BrandDot } from "@/ui/Brand";
import { IconButton } from "@/ui/Quiet";
import { toast } from "@/ui/toast";
import classes from "./Header.module.css";

const SnoozeChoices = lazy(() =>
  import("@/parts/SnoozeMenu").then((module) => ({ default: module.SnoozeChoices })),
);

const Reasons = lazy(() => import("./Reasons"));

const CallChoices = lazy(() => import("@/parts/phone/CallChoices"));

interface HeaderProps {
  head: Head;
  commands: Commands;
}

/** Who and what, then what can be done, the state as the one filled button. */
export function Header({ head, commands }: HeaderProps): ReactNode {
  const place = usePlace();
  const names = useNames();
  const mayEdit = useMay("conversations.edit");
  const explaining = useStore(desk, (state) => state.explaining);
  const name = personName(head);
  return (
    <header className={classes.header}>
      <span className={classes.back}>
        <IconButton label="Back to the list" onClick={place.back}>
          <IconArrowLeft size={17} />
        </IconButton>
      </span>
      <BrandDot brand={names.brand(head.brand_id)} />
      <div className={classes.title}>
        <h1 className="sb-truncate" dir="auto">
          {name}
        </h1>
        {head.subject && (
          <span className={`${classes.subject} sb-truncate`} dir="auto">
            {head.subject}
          </span>
        )}
      </div>
      {mayEdit ? <Acts head={head} commands={commands} /> : <More head={head} commands={commands} />}
      <span className={classes.details}>
        <IconButton label="Details" onClick={() => desk.set({ detailsDrawer: true })}>
          <IconLayoutSidebarRight size={17} />
        </IconButton>
      </span>
      <Suspense>{explaining && <Reasons key={head.id} head={head} />}</Suspense>
    </header>
  );
}

function Acts({ head, commands }: HeaderProps): ReactNode {
  const names = useNames();
  const picker = useStore(desk, (state) => state.picker);
  const assignee = names.agent(head.assignee_id);
  const assignLabel = assignee ? `Assigned to ${assignee.name}` : "Assign";
  return (
    <>
      <AssignPicker
        head={head}
        opened={picker === "assign"}
        setOpened={(opened) => desk.set({ picker: opened ? "assign" : null })}
        assign={(team, agent) => void commands.assign(team, agent)}
      >
        <button
          type="button"
          className={classes.assignee}
          aria-label={assignLabel}
          title={assignLabel}
          onClick={() => (picker === "assign" ? desk.set({ picker: null }) : openPicker("assign"))}
        >
          <Avatar name={assignee?.name ?? ""} size={22} accent={Boolean(assignee)} />
          <span className="sb-truncate">
            {assignee?.name ?? names.team(head.team_id)?.name ?? "Unassigned"}
          </span>
        </button>
      </AssignPicker>
      <IconButton
        label={head.priority ? "Take priority off" : "Set priority"}
        keys="P"
        aria-pressed={head.priority}
        onClick={() => void commands.togglePriority()}
      >
        {head.priority ? <IconFlag3Filled size={17} className={classes.red} /> : <IconFlag3 size={17} />}
      </IconButton>
      <Call head={head} />
      <Snooze head={head} commands={commands} />
      <More head={head} commands={commands} />
      <State head={head} commands={commands} />
    </>
  );
}

function Call({ head }: { head: Head }): ReactNode {
  const mayReply = useMay("conversations.reply");
  const opened = useStore(desk, (state) => state.picker === "call");
  const setOpened = (open: boolean): void => desk.set({ picker: open ? "call" : null });
  if (!mayReply) return null;
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={300} trapFocus>
      <Popover.Target>
        <IconButton label="Call" active={head.dial?.state === "requested"} onClick={() => setOpened(!opened)}>
          <IconPhone size={17} />
        </IconButton>
      </Popover.Target>
      <Popover.Dropdown>
        <Suspense fallback={null}>
          {opened && <CallChoices key={head.id} head={head} done={() => setOpened(false)} />}
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}

function Snooze({ head, commands }: HeaderProps): ReactNode {
  const opened = useStore(desk, (state) => state.picker === "snooze");
  const zone = useNames().brand(head.brand_id)?.time_zone;
  return (
    <Menu
      opened={opened}
      onChange={(open) => desk.set({ picker: open ? "snooze" : null })}
      position="bottom-end"
      width={310}
      closeOnClickOutside
      attributes={MIXED_MENU}
    >
      <Menu.Target>
        <IconButton label="Snooze" keys="S" active={head.status === "snoozed"}>
          <IconClock size={17} />
        </IconButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Suspense fallback={<Menu.Label>Snooze until</Menu.Label>}>
          {opened && (
            <SnoozeChoices
              zone={zone}
              choose={(until) => {
                desk.set({ picker: null });
                void commands.snooze(until);
              }}
            >
              {head.status === "snoozed" && (
                <Menu.Item onClick={() => void commands.wake()}>Wake now</Menu.Item>
              )}
            </SnoozeChoices>
          )}
        </Suspense>
      </Menu.Dropdown>
    </Menu>
  );
}

function More({ head, commands }: HeaderProps): ReactNode {
  const client = useQueryClient();
  const mayEdit = useMay("conversations.edit");
  const mayReply = useMay("conversations.reply");
  const mayMerge = useMay("conversations.merge");
  const myId = useMe()?.agent.agent_id ?? "";
  const follows = head.followers.includes(myId);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(window.location.href);
    toast("Link copied");
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <IconButton label="More actions">
          <IconDots size={17} />
        </IconButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={follows ? <IconEyeCheck size={15} /> : <IconEye size={15} />}
          onClick={() => void follow(client, head, !follows)}
        >
          {follows ? "Stop following" : "Follow"}
        </Menu.Item>
        {mayReply && (
          <Menu.Item
            leftSection={<IconEyeOff size={15} />}
            onClick={() => desk.set({ side: { conversationId: head.id, sideId: null } })}
          >
            New side conversation
          </Menu.Item>
        )}
        {mayMerge && !head.spam && (
          <Menu.Item leftSection={<IconGitMerge size={15} />} onClick={() => desk.set({ merging: true })}>
            Merge with another…
          </Menu.Item>
        )}
        {mayEdit && (
          <Menu.Item leftSection={<IconBan size={15} />} onClick={() => void commands.toggleSpam()}>
            {head.spam ? "Not spam" : "Mark as spam"}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconBolt size={15} />} onClick={() => desk.set({ explaining: true })}>
          Why?
        </Menu.Item>
        <Menu.Item leftSection={<IconLink size={15} />} onClick={() => void copy()}>
          Copy link
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function State({ head, commands }: HeaderProps): ReactNode {
  const now = useNow();
  if (head.status === "closed") {
    return (
      <Button variant="default" onClick={() => void commands.toggleClosed()}>
        Reopen
      </Button>
    );
  }
  return (
    <>
      {head.status === "snoozed" && head.snoozed_until && (
        <span className={`${classes.until} sb-number`}>until {untilLabel(head.snoozed_until, now)}</span>
      )}
      <Button onClick={() => void commands.toggleClosed()} title="Close (E)">
        Close
      </Button>
    </>
  );
}
