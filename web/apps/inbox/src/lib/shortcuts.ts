/** Every key that does something, and in what words: what the help shows and what pages may follow. */

export interface Shortcut {
  /** As key caps: "G I" is two keys after another, "Ctrl K" two at once. */
  caps: string;
  what: string;
  /** The keys of the page that are behind it; none: it works wherever there is something to write. */
  follows?: readonly PageKey[];
}

/** What pages follow with `useKeys`. */
export type PageKey =
  | "j"
  | "k"
  | "g i"
  | "g m"
  | "g a"
  | "g u"
  | "g t"
  | "g c"
  | "g d"
  | "g n"
  | "g ,"
  | "/"
  | "?"
  | "c"
  | "r"
  | "n"
  | "e"
  | "s"
  | "a"
  | "p"
  | "t"
  | "l"
  | "x"
  | "i"
  | "#"
  | "Escape"
  // Not letters, but what several keys belong to.
  | "choose"
  | "conversation"
  | "ticket"
  | "palette";

interface ShortcutGroup {
  name: string;
  /** What is acted on; without it the group is for every page. */
  on?: "conversation" | "ticket";
  keys: readonly Shortcut[];
}

export const SHORTCUTS: readonly ShortcutGroup[] = [
  {
    name: "Moving",
    keys: [
      { caps: "J", what: "Next in the list", follows: ["j"] },
      { caps: "K", what: "Previous in the list", follows: ["k"] },
      { caps: "G I", what: "Your inbox", follows: ["g i"] },
      { caps: "G M", what: "Mentions", follows: ["g m"] },
      { caps: "G A", what: "All", follows: ["g a"] },
      { caps: "G U", what: "Unassigned", follows: ["g u"] },
      { caps: "G T", what: "Tickets", follows: ["g t"] },
      { caps: "G C", what: "Contacts", follows: ["g c"] },
      { caps: "G D", what: "Dashboard", follows: ["g d"] },
      { caps: "G N", what: "Notices", follows: ["g n"] },
      { caps: "G ,", what: "Settings", follows: ["g ,"] },
      { caps: "/", what: "Search", follows: ["/"] },
      { caps: "Ctrl K", what: "Do or go anywhere", follows: ["palette"] },
      { caps: "?", what: "These shortcuts", follows: ["?"] },
    ],
  },
  {
    name: "This conversation",
    on: "conversation",
    keys: [
      { caps: "R", what: "Reply", follows: ["r"] },
      { caps: "N", what: "Note", follows: ["n"] },
      { caps: "E", what: "Close or reopen", follows: ["e"] },
      { caps: "S", what: "Snooze", follows: ["s"] },
      { caps: "A", what: "Assign", follows: ["a"] },
      { caps: "P", what: "Priority", follows: ["p"] },
      { caps: "T", what: "Tag (L too)", follows: ["t", "l"] },
      { caps: "#", what: "Spam", follows: ["#"] },
    ],
  },
  {
    name: "This ticket",
    on: "ticket",
    keys: [
      { caps: "E", what: "Start, resolve or reopen", follows: ["e"] },
      { caps: "A", what: "Take it", follows: ["a"] },
    ],
  },
  {
    name: "Several at once",
    keys: [
      { caps: "X", what: "Choose, or not", follows: ["choose", "x"] },
      { caps: "Shift ↓", what: "Choose the next as well", follows: ["choose"] },
      { caps: "Ctrl A", what: "All of the list", follows: ["choose"] },
      { caps: "Esc", what: "Choose nothing", follows: ["choose", "Escape"] },
    ],
  },
  {
    name: "Writing",
    keys: [
      { caps: "C", what: "New conversation", follows: ["c"] },
      { caps: "I", what: "New ticket", follows: ["i"] },
      { caps: "Ctrl Enter", what: "Send", follows: ["r"] },
      { caps: "Ctrl Shift Enter", what: "Send and close", follows: ["r"] },
      { caps: "Esc", what: "Leave the box", follows: ["r"] },
      { caps: "/", what: "Macros", follows: ["r", "n"] },
      { caps: ":", what: "Emoji", follows: ["r"] },
      { caps: "@", what: "Mention a colleague in a note", follows: ["n"] },
      { caps: "#", what: "Name a conversation in a note", follows: ["n"] },
    ],
  },
];

/** What works where these are followed; groups that are empty there are left out. */
export function workingShortcuts(followed: ReadonlySet<PageKey>): readonly ShortcutGroup[] {
  return SHORTCUTS.filter(({ on }) => !on || followed.has(on))
    .map(({ name, keys }) => ({
      name,
      keys: keys.filter(({ follows }) => !follows || follows.some((key) => followed.has(key))),
    }))
    .filter(({ keys }) => keys.length > 0);
}
