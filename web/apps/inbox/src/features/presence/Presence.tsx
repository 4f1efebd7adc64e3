import { Menu, useMantineColorScheme } from "@mantine/core";
import { IconCheck, IconDeviceDesktop, IconLogout, IconMoon, IconSun } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { sentenceOf, signOut } from "@/api/client";
import type { AgentStatus, NewReplies } from "@/api/people";
import { availabilityQuery, setAvailability, setPlace } from "@/data/availability";
import { directoryQuery, useMe } from "@/data/directory";
import { Avatar } from "@/ui/Avatar";
import { toast } from "@/ui/toast";
import classes from "./Presence.module.css";
import { placeHere, useOwnPlace } from "./useOwnPlace";

const SCHEMES = [
  { scheme: "light", name: "Light", icon: <IconSun size={15} /> },
  { scheme: "dark", name: "Dark", icon: <IconMoon size={15} /> },
  { scheme: "auto", name: "As the system", icon: <IconDeviceDesktop size={15} /> },
] as const;

const REPLIES: readonly [NewReplies, string][] = [
  ["hold", "Stay with you"],
  ["reassign", "Go to your team"],
];

/** "Online", "Away: Coaching", "Offline". */
export function statusWords(status: AgentStatus | undefined, reason: string): string {
  if (status === "online") return "Online";
  if (status === "away") return reason ? `Away: ${reason}` : "Away";
  return "Offline";
}

/** Own avatar with its menu: status, theme, sign out. */
export function Presence({ onSignedOut }: { onSignedOut: () => void }): ReactNode {
  const client = useQueryClient();
  const me = useMe();
  const { data } = useQuery(availabilityQuery);
  const { data: directory } = useQuery(directoryQuery);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const mine = data?.items.find((each) => each.agent_id === me?.agent.agent_id);
  useOwnPlace(mine);
  if (!me) return null;
  const choose = (status: AgentStatus, reason: string, replies?: NewReplies): void => {
    setAvailability(client, me.agent.agent_id, status, reason, replies).catch((error: unknown) =>
      toast(`Your status wasn’t changed. ${sentenceOf(error)}`, undefined, "error"),
    );
  };
  const hide = (hidden: boolean): void => {
    setPlace(client, me.agent.agent_id, placeHere(mine), hidden).catch((error: unknown) =>
      toast(`Your location wasn’t ${hidden ? "hidden" : "shown"}. ${sentenceOf(error)}`, undefined, "error"),
    );
  };
  const leave = (): void => {
    signOut()
      .then(onSignedOut)
      .catch((error: unknown) => toast(`You are still signed in. ${sentenceOf(error)}`, undefined, "error"));
  };
  const isNow = (status: AgentStatus, reason: string): boolean =>
    mine?.status === status && (status !== "away" || mine.reason === reason);
  const option = (status: AgentStatus, reason: string, name: string): ReactNode => (
    <Menu.Item
      key={name}
      leftSection={<span className={classes.dot} data-status={status} />}
      rightSection={isNow(status, reason) && <IconCheck size={14} />}
      onClick={() => choose(status, reason)}
    >
      {name}
    </Menu.Item>
  );
  return (
    <Menu position="right-end" width={240}>
      <Menu.Target>
        <button
          type="button"
          className={classes.me}
          aria-label={`${me.agent.name}, ${statusWords(mine?.status, mine?.reason ?? "")}`}
        >
          <Avatar name={me.agent.name} size={30} accent status={mine?.status ?? "offline"} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={classes.who}>
          <b>{me.agent.name}</b>
          <span>
            {me.role.name} · {statusWords(mine?.status, mine?.reason ?? "")}
          </span>
        </div>
        <Menu.Divider />
        {option("online", "", "Online")}
        <Menu.Label>Away</Menu.Label>
        {(directory?.settings.away_reasons ?? []).map((reason) => option("away", reason, reason))}
        <Menu.Divider />
        <Menu.Label>New replies while you are away</Menu.Label>
        {REPLIES.map(([replies, name]) => (
          <Menu.Item
            key={replies}
            role="menuitemradio"
            disabled={!data}
            aria-checked={(mine?.replies ?? "hold") === replies}
            rightSection={(mine?.replies ?? "hold") === replies && <IconCheck size={14} />}
            onClick={() => choose(mine?.status ?? "offline", mine?.reason ?? "", replies)}
          >
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item
          role="menuitemcheckbox"
          disabled={!data}
          aria-checked={mine?.hides_location ?? false}
          rightSection={mine?.hides_location && <IconCheck size={14} />}
          onClick={() => hide(!mine?.hides_location)}
        >
          Hide location
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Theme</Menu.Label>
        {SCHEMES.map(({ scheme, name, icon }) => (
          <Menu.Item
            key={scheme}
            leftSection={icon}
            rightSection={colorScheme === scheme && <IconCheck size={14} />}
            onClick={() => setColorScheme(scheme)}
          >
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={leave}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
