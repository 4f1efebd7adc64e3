import { Popover } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useRef, useState } from "react";
import type { BulkAction } from "@/api/lists";
import type { Head } from "@/api/types";
import { useBulk } from "@/data/bulk";
import { useMay, useNames } from "@/data/directory";
import { useKeys } from "@/lib/keys";
import { personName } from "@/lib/person";
import { dueWords } from "@/lib/sla";
import AssignTo from "@/parts/AssignTo";
import { useNow } from "@/ui/Ago";
import { TextButton } from "@/ui/Quiet";
import classes from "./dashboard.module.css";
import own from "./Late.module.css";
import { since } from "./words";

const KINDS = { late: "Waiting longest", targets: "Next service levels" } as const;
type Kind = keyof typeof KINDS;
const NOTHING: Record<Kind, string> = {
  late: "Nobody waits. Everybody has an answer.",
  targets: "Nothing is due: no service level has a target that runs.",
};

/**
 * What is late: customers who wait, the longest first, or what a service level promised, the nearest first. One or
 * several are given to somebody from here.
 */
export function Late({ late: waiting, targets }: Record<Kind, readonly Head[]>): ReactNode {
  const [kind, setKind] = useState<Kind>("late");
  const late = kind === "late" ? waiting : targets;
  const mayAssign = useMay("conversations.assign_others");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [assigning, setAssigning] = useState(false);
  const { begin } = useBulk();
  const list = useRef<HTMLUListElement>(null);
  const there = late.filter((head) => chosen.has(head.id)).map((head) => head.id);
  const toggle = (id: string): void =>
    setChosen((now) => new Set(now.has(id) ? [...now].filter((each) => each !== id) : [...now, id]));
  const assign = (action: BulkAction): void => {
    setAssigning(false);
    void begin(action, { ids: there }, there).then((begun) => begun && setChosen(new Set()));
  };
  const focusedId = (): string | undefined =>
    list.current?.querySelector<HTMLElement>("li:focus-within")?.dataset.id;
  const step = (by: number): void => {
    const at = late.findIndex((head) => head.id === focusedId());
    const next = late[Math.min(late.length - 1, Math.max(0, at + by))];
    if (next) list.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(next.id)}"] a`)?.focus();
  };
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    ...(mayAssign && {
      x: () => {
        const id = focusedId();
        if (id) toggle(id);
      },
      a: () => there.length > 0 && setAssigning(true),
      Escape: () => setChosen(new Set()),
    }),
  });
  return (
    <section className={classes.block} aria-label={KINDS[kind]}>
      <header>
        <fieldset className={classes.kinds} aria-label="What is late">
          {(Object.keys(KINDS) as Kind[]).map((each) => (
            <button key={each} type="button" aria-pressed={each === kind} onClick={() => setKind(each)}>
              {KINDS[each]}
            </button>
          ))}
        </fieldset>
        {there.length > 0 && (
          <Popover
            opened={assigning}
            onChange={setAssigning}
            position="bottom-end"
            width={260}
            trapFocus
            returnFocus
          >
            <Popover.Target>
              <TextButton
                className={classes.act}
                onClick={() => setAssigning(!assigning)}
                aria-haspopup="dialog"
              >
                Assign {there.length}…
              </TextButton>
            </Popover.Target>
            <Popover.Dropdown p={8} aria-label="Assign to">
              <AssignTo act={assign} />
            </Popover.Dropdown>
          </Popover>
        )}
      </header>
      {late.length === 0 && <p className={classes.quiet}>{NOTHING[kind]}</p>}
      <ul ref={list} className={own.late}>
        {late.map((head) => (
          <Line
            key={head.id}
            head={head}
            kind={kind}
            chosen={chosen.has(head.id)}
            choose={mayAssign ? () => toggle(head.id) : undefined}
          />
        ))}
      </ul>
    </section>
  );
}

interface LineProps {
  head: Head;
  kind: Kind;
  chosen: boolean;
  choose: (() => void) | undefined;
}

function Line({ head, kind, chosen, choose }: LineProps): ReactNode {
  const names = useNames();
  const now = useNow();
  const who = head.assignee_id ? names.agentName(head.assignee_id) : "Nobody";
  const name = personName(head);
  const due = kind === "targets" && head.next_sla_at ? dueWords(head.sla, head.next_sla_at, now) : null;
  return (
    <li data-id={head.id} data-chosen={chosen || undefined}>
      {choose && (
        <input
          type="checkbox"
          aria-label={`Choose the conversation with ${name}`}
          checked={chosen}
          onChange={choose}
        />
      )}
      <Link
        to="/inbox/$inbox/$conversationId"
        params={{ inbox: "all", conversationId: head.id }}
        search={{ sort: kind === "late" ? "waited_longest" : "next_sla" }}
      >
        <b className="sb-truncate">
          <bdi>{name}</bdi>
        </b>
        <span className="sb-truncate">
          <bdi>{head.subject || head.preview}</bdi>
        </span>
      </Link>
      <small className="sb-truncate" data-nobody={!head.assignee_id || undefined}>
        {who}
      </small>
      {due ? (
        <span className="sb-number" data-due={due.state} title={due.long}>
          {due.short}
        </span>
      ) : (
        <span className="sb-number">{head.waiting_since ? since(head.waiting_since, now) : ""}</span>
      )}
    </li>
  );
}
