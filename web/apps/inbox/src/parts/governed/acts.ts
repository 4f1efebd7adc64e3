/** What the acts are called, and what each asks of who does it. */
import type { Act } from "@/lib/governed";

export interface ActWords {
  /** On its button. */
  label: string;
  title: (name: string) => string;
  confirm: string;
  /** What it leads to. */
  hint: string;
  /** The name of its text, and in what field it is sent. */
  text: { label: string; field: "rationale" | "comment" } | null;
  /** What is said when it is done. */
  done: (name: string) => string;
}

const WHY = { label: "Why", field: "rationale" } as const;
const COMMENT = { label: "Comment", field: "comment" } as const;

export const ACTS: Record<Act, ActWords> = {
  publish: {
    label: "Publish…",
    title: (name) => `Publish “${name}”`,
    confirm: "Publish",
    hint: "",
    text: WHY,
    done: (name) => `“${name}” is published`,
  },
  approve: {
    label: "Approve…",
    title: (name) => `Approve “${name}”`,
    confirm: "Approve",
    hint: "You approve this version alone: whatever is changed in it later has to be approved again.",
    text: COMMENT,
    done: (name) => `You approved “${name}”`,
  },
  submit: {
    label: "Submit for review…",
    title: (name) => `Submit “${name}” for review`,
    confirm: "Submit",
    hint: "Others can approve it then. What is in force stays so.",
    text: WHY,
    done: (name) => `“${name}” is in review`,
  },
  reject: {
    label: "Ask for changes…",
    title: (name) => `Ask for changes to “${name}”`,
    confirm: "Ask for changes",
    hint: "It becomes a draft again. Say what is to be changed.",
    text: COMMENT,
    done: (name) => `“${name}” is a draft again`,
  },
  rollout: {
    label: "Change for whom…",
    title: (name) => `Who has “${name}”`,
    confirm: "Change",
    hint: "A conversation that has the new version keeps it when the share grows.",
    text: null,
    done: () => "Changed for whom it is in force",
  },
  withdraw: {
    label: "Take back…",
    title: (name) => `Take “${name}” back`,
    confirm: "Take back",
    hint: "It becomes a draft again, and its approvals don’t count any more.",
    text: null,
    done: (name) => `“${name}” is a draft again`,
  },
  owner: {
    label: "Hand over…",
    title: (name) => `Hand “${name}” over`,
    confirm: "Hand over",
    hint: "Whom others ask about it.",
    text: null,
    done: (name) => `“${name}” has another owner`,
  },
  retire: {
    label: "Retire…",
    title: (name) => `Retire “${name}”?`,
    confirm: "Retire",
    hint: "It is not in force for anybody any more. All its versions are kept, and any can be in force again.",
    text: WHY,
    done: (name) => `“${name}” is retired`,
  },
};
