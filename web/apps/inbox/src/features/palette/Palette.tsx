import "@mantine/spotlight/styles.css";
import {
  Spotlight,
  type SpotlightActionData,
  type SpotlightActionGroupData,
  useSpotlight,
} from "@mantine/spotlight";
import {
  IconAddressBook,
  IconBan,
  IconBolt,
  IconCheck,
  IconClock,
  IconEyeOff,
  IconFlag3,
  IconGauge,
  IconGitMerge,
  IconInbox,
  IconKeyboard,
  IconLock,
  IconMail,
  IconPhonePlus,
  IconPlus,
  IconRefresh,
  IconSearch,
  IconSettings,
  IconTag,
  IconTicket,
  IconUser,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import type { Head } from "@/api/types";
import { type Commands, useCommands } from "@/data/commands";
import { useMay, useMe, useNames } from "@/data/directory";
import { inboxName } from "@/data/inboxes";
import { viewsQuery } from "@/data/views";
import { desk, openPicker, write } from "@/lib/desk";
import { followedKeys } from "@/lib/keys";
import { usePlace } from "@/lib/place";
import { Keys } from "@/ui/Quiet";
import classes from "./Palette.module.css";
import { store } from "./spotlight";

type Act = SpotlightActionData;

const act = (label: string, icon: ReactNode, onClick: () => void, keys?: string): Act => ({
  id: label,
  label,
  leftSection: icon,
  onClick,
  rightSection: keys ? <Keys keys={keys} /> : undefined,
});

const why = act("Why? What rules did here…", <IconBolt size={16} />, () => desk.set({ explaining: true }));

function onConversation(
  head: Head,
  commands: Commands,
  myId: string,
  may: { merge: boolean; reply: boolean },
): Act[] {
  const state =
    head.status === "closed"
      ? act("Reopen", <IconRefresh size={16} />, () => void commands.toggleClosed(), "E")
      : act("Close", <IconCheck size={16} />, () => void commands.toggleClosed(), "E");
  const take = act(
    "Assign to me",
    <IconUser size={16} />,
    () => void commands.assign(head.team_id ?? null, myId),
  );
  return [
    state,
    ...(may.reply
      ? [
          act("Reply", <IconMail size={16} />, () => write("reply", head.id), "R"),
          act("Write a note", <IconLock size={16} />, () => write("note", head.id), "N"),
        ]
      : []),
    act("Snooze…", <IconClock size={16} />, () => openPicker("snooze"), "S"),
    act("Assign to…", <IconUser size={16} />, () => openPicker("assign"), "A"),
    ...(head.assignee_id === myId ? [] : [take]),
    act(
      head.priority ? "Take priority off" : "Set priority",
      <IconFlag3 size={16} />,
      () => void commands.togglePriority(),
      "P",
    ),
    ...(may.reply
      ? [
          act("New side conversation…", <IconEyeOff size={16} />, () =>
            desk.set({ side: { conversationId: head.id, sideId: null } }),
          ),
        ]
      : []),
    ...(may.merge
      ? [act("Merge with another…", <IconGitMerge size={16} />, () => desk.set({ merging: true }))]
      : []),
    why,
    act("Add a tag…", <IconTag size={16} />, () => openPicker("tags"), "T"),
    act(
      head.spam ? "Not spam" : "Mark as spam",
      <IconBan size={16} />,
      () => void commands.toggleSpam(),
      "#",
    ),
  ];
}

/** What Enter does is seen before anything is typed. */
function useFirstChosen(): void {
  const { opened } = useSpotlight(store);
  useEffect(() => {
    if (!opened) return;
    let frame = 0;
    const choose = (): void => {
      // Nobody is told when the list is there.
      const list = document.getElementById(store.getState().listId);
      const first = list?.querySelector("[data-action]");
      if (!first) {
        frame = requestAnimationFrame(choose);
      } else if (!list?.querySelector("[data-selected]")) {
        first.setAttribute("data-selected", "true");
        store.updateState((now) => ({ ...now, selected: 0 }));
      }
    };
    choose();
    return () => cancelAnimationFrame(frame);
  }, [opened]);
}

/** Keys that lead to inboxes (`go-keys`). */
const INBOX_KEYS: Record<string, string> = { mine: "G I", mentions: "G M", all: "G A", unassigned: "G U" };

/** Where the dialogs are that the palette opens; another page is left for one that has them. */
const INBOX = /^\/inbox\//;
const INBOX_OR_TICKETS = /^\/(inbox|tickets)\//;

/** Everything that can be done or gone to, by typing. Loaded when first wanted. */
export default function Palette({ head }: { head: Head | undefined }): ReactNode {
  const place = usePlace();
  const names = useNames();
  const mayRead = useMay("conversations.read");
  const views = useQuery({ ...viewsQuery, enabled: mayRead }).data?.items ?? [];
  const mayEdit = useMay("conversations.edit");
  const mayReply = useMay("conversations.reply");
  const mayTicket = useMay("tickets.write");
  const may = { merge: useMay("conversations.merge"), reply: mayReply };
  const navigate = useNavigate();
  const { history } = useRouter();
  const myId = useMe()?.agent.agent_id ?? "";
  const commands = useCommands(head?.id ?? "");
  useFirstChosen();
  // Evaluated anew whenever it is shown: pages follow keys of their own.
  const here = followedKeys();
  const inboxes = !mayRead
    ? []
    : [
        "mine",
        "mentions",
        "created",
        "following",
        "all",
        "unassigned",
        "spam",
        ...views.map((view) => `view:${view.id}`),
        ...names.brands.map((brand) => `brand:${brand.brand_id}`),
        ...names.teams.map((team) => `team:${team.team_id}`),
      ];
  const inInbox = { to: "/inbox/$inbox", params: { inbox: "mine" } } as const;
  const inTickets = { to: "/tickets/$view", params: { view: "open" } } as const;
  const tickets = (): void => void navigate(inTickets);
  const contacts = (): void => void navigate({ to: "/contacts/$segment", params: { segment: "all" } });
  const begin = async (
    has: RegExp,
    at: typeof inInbox | typeof inTickets,
    dialog: Parameters<typeof desk.set>[0],
  ): Promise<void> => {
    if (!has.test(window.location.pathname)) {
      // Whoever has something unsaved may stay; then this settles with whatever they do next, which is not this.
      const begins = crypto.randomUUID();
      await navigate({ ...at, state: (before) => ({ ...before, begins }) });
      if (history.location.state.begins !== begins) return;
    }
    desk.set(dialog);
  };
  const pages: [boolean, Act][] = [
    [useMay("tickets.read"), act("Tickets", <IconTicket size={16} />, tickets, "G T")],
    [useMay("contacts.read"), act("Contacts", <IconAddressBook size={16} />, contacts, "G C")],
    [mayReply, act("Macros", <IconBolt size={16} />, () => void navigate({ to: "/macros" }))],
    [
      useMay("dashboard.read"),
      act("Dashboard", <IconGauge size={16} />, () => void navigate({ to: "/dashboard" }), "G D"),
    ],
  ];
  const groups: SpotlightActionGroupData[] = [];
  if (head) {
    const actions = mayEdit ? onConversation(head, commands, myId, may) : [why];
    groups.push({ group: "This conversation", actions });
  }
  groups.push({
    group: "Desk",
    actions: [
      ...(mayRead && mayReply
        ? [
            act(
              "New conversation",
              <IconPlus size={16} />,
              () => void begin(INBOX, inInbox, { newConversation: true }),
              here.has("c") ? "C" : undefined,
            ),
            act(
              "Dial a number",
              <IconPhonePlus size={16} />,
              () => void begin(INBOX, inInbox, { newCall: true }),
            ),
          ]
        : []),
      ...(mayTicket
        ? [
            act(
              "New ticket",
              <IconTicket size={16} />,
              () =>
                void begin(INBOX_OR_TICKETS, inTickets, {
                  newTicket: { conversationId: head?.id ?? null, typeId: null },
                }),
              here.has("i") ? "I" : undefined,
            ),
          ]
        : []),
      act("Settings", <IconSettings size={16} />, () => void navigate({ to: "/settings" }), "G ,"),
      act("Keyboard shortcuts", <IconKeyboard size={16} />, () => desk.set({ help: true }), "?"),
    ],
  });
  groups.push({
    group: "Go to",
    actions: [
      ...pages.flatMap(([mayGo, page]) => (mayGo ? [page] : [])),
      ...inboxes.map((inbox) =>
        act(
          inboxName(inbox, names, views),
          <IconInbox size={16} />,
          () => place.goInbox(inbox),
          INBOX_KEYS[inbox],
        ),
      ),
    ],
  });
  return (
    <Spotlight
      store={store}
      actions={groups}
      nothingFound="Nothing is called that. Try an inbox, or what you want to do."
      highlightQuery
      scrollable
      maxHeight={420}
      shortcut={null}
      radius={10}
      transitionProps={{ duration: 0 }}
      attributes={{ content: { "aria-label": "Do or go anywhere" } }}
      overlayProps={{ blur: 0, backgroundOpacity: 0.28 }}
      searchProps={{
        leftSection: <IconSearch size={17} />,
        placeholder: "Do something, or go somewhere…",
        "aria-label": "Command",
      }}
      classNames={{
        action: classes.action ?? "",
        actionsGroup: classes.group ?? "",
        search: classes.search ?? "",
      }}
    />
  );
}
