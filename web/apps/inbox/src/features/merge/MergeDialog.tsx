import { Button, Modal, Radio, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { Head } from "@/api/types";
import { mergeInto, takeApart } from "@/data/beside";
import { contactConversationsQuery } from "@/data/contacts";
import { useMay, useNames } from "@/data/directory";
import { MOST_CHARS, searchQuery } from "@/data/search";
import { desk } from "@/lib/desk";
import { personName } from "@/lib/person";
import { fullTime } from "@/lib/time";
import { useStill } from "@/lib/useStill";
import compare from "@/parts/compare.module.css";
import { Ago } from "@/ui/Ago";
import { FormEnd } from "@/ui/FormEnd";
import { TextButton } from "@/ui/Quiet";
import { toast } from "@/ui/toast";
import classes from "./merge.module.css";

const TYPING_MS = 180;
const SHOWN = 8;

interface MergeDialogProps {
  head: Head;
  open: (id: string) => void;
}

/** Two conversations about one thing: find the other, see both, choose which one is kept and what it is called. */
export default function MergeDialog({ head, open }: MergeDialogProps): ReactNode {
  const [other, setOther] = useState<Head | null>(null);
  const close = (): void => desk.set({ merging: false });
  return (
    <Modal opened onClose={close} title="Merge conversations" size={620} centered>
      {other ? (
        <Compare one={head} two={other} back={() => setOther(null)} close={close} open={open} />
      ) : (
        <Find head={head} choose={setOther} />
      )}
    </Modal>
  );
}

function Find({ head, choose }: { head: Head; choose: (other: Head) => void }): ReactNode {
  const [text, setText] = useState("");
  const [wanted] = useDebouncedValue(text.trim(), TYPING_MS);
  const mayReadContacts = useMay("contacts.read");
  const found = useInfiniteQuery({
    ...searchQuery({ text: wanted, inbox: "all" }),
    enabled: wanted !== "",
  });
  const theirs = useQuery({ ...contactConversationsQuery(head.contact_id), enabled: mayReadContacts });
  const heads = wanted
    ? (found.data?.pages[0]?.items ?? []).map((each) => each.head)
    : (theirs.data?.items ?? []);
  const fitting = heads
    .filter(
      (each) => each.id !== head.id && !each.merged_into && each.brand_id === head.brand_id && !each.spam,
    )
    .slice(0, SHOWN);
  return (
    <div className={classes.form}>
      <TextInput
        label="Which conversation is about the same?"
        placeholder="Name, subject, order number, words…"
        dir="auto"
        maxLength={MOST_CHARS}
        value={text}
        error={found.error && wanted ? sentenceOf(found.error) : null}
        data-autofocus
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {!wanted && fitting.length > 0 && <p className={classes.hint}>Others with {personName(head)}</p>}
      <ul className={classes.found} aria-label="Conversations">
        {fitting.map((each) => (
          <li key={each.id}>
            <button type="button" className={classes.hit} onClick={() => choose(each)}>
              <bdi className="sb-truncate">{each.subject || each.description || "No subject"}</bdi>
              <Ago at={each.last_activity_at} className="sb-number" />
              <small className="sb-truncate">
                <bdi>{personName(each)}</bdi> · {each.preview}
              </small>
            </button>
          </li>
        ))}
      </ul>
      {fitting.length === 0 && (wanted ? found.isSuccess : theirs.isSuccess) && (
        <p className={classes.hint}>
          {wanted
            ? "No other conversation of this brand was found."
            : "This customer has no other conversation. Search for it."}
        </p>
      )}
    </div>
  );
}

interface CompareProps {
  one: Head;
  two: Head;
  back: () => void;
  close: () => void;
  open: (id: string) => void;
}

function Compare({ one, two, back, close, open }: CompareProps): ReactNode {
  const client = useQueryClient();
  const [keptId, setKeptId] = useState(two.id);
  const kept = keptId === one.id ? one : two;
  const merged = keptId === one.id ? two : one;
  const [chosen, setChosen] = useState<string | null>(null);
  const subject = chosen ?? kept.subject;
  const [trouble, setTrouble] = useState("");
  const [busy, setBusy] = useState(false);
  const undo = async (): Promise<void> => {
    if (await takeApart(client, merged.id, kept.id)) open(merged.id);
  };
  const form = useRef<HTMLFormElement>(null);
  const still = useStill();
  const merge = async (): Promise<void> => {
    setBusy(true);
    setTrouble("");
    const isHere = still();
    try {
      const head = await mergeInto(client, merged, kept, subject.trim());
      toast("Merged into one conversation", { label: "Undo", run: () => void undo() });
      if (!form.current) return;
      close();
      if (isHere()) open(head.id);
    } catch (error) {
      if (form.current) setTrouble(sentenceOf(error));
      else toast(`Not merged. ${sentenceOf(error)}`, undefined, "error");
    } finally {
      setBusy(false);
    }
  };
  const unlike = merged.subject && merged.subject !== subject;
  return (
    <form
      ref={form}
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        void merge();
      }}
    >
      <Radio.Group value={keptId} onChange={setKeptId} aria-label="Which one is kept">
        <div className={`${compare.compare} ${classes.clamped}`}>
          {[one, two].map((each) => (
            <Side key={each.id} head={each} kept={each.id === keptId} />
          ))}
        </div>
      </Radio.Group>
      <div>
        <TextInput
          label="Subject from now on"
          dir="auto"
          maxLength={500}
          value={subject}
          onChange={(event) => setChosen(event.currentTarget.value)}
        />
        {unlike && (
          <TextButton onClick={() => setChosen(merged.subject)}>
            <bdi className="sb-truncate">Take “{merged.subject}”</bdi>
          </TextButton>
        )}
      </div>
      <p className={classes.hint}>
        The kept one shows both histories by time, and both links lead to it. What the customer writes to
        either comes here. It can be undone until somebody does something in it.
      </p>
      <FormEnd>
        <p role="alert">{trouble}</p>
        <Button variant="default" onClick={back}>
          Choose another
        </Button>
        <Button type="submit" loading={busy} data-autofocus>
          Merge
        </Button>
      </FormEnd>
    </form>
  );
}

function Side({ head, kept }: { head: Head; kept: boolean }): ReactNode {
  const names = useNames();
  const rows = [
    ["Subject", head.subject],
    ["First", head.description],
    ["Last", head.preview === head.description ? "" : head.preview],
    ["Assigned", names.agent(head.assignee_id)?.name ?? names.team(head.team_id)?.name ?? "Nobody"],
    ["Messages", String(head.message_count)],
    ["Started", fullTime(head.started_at)],
  ] as const;
  return (
    <div className={compare.side} data-kept={kept || undefined}>
      <Radio value={head.id} label={<bdi>{personName(head)}</bdi>} />
      <small>{kept ? "Is kept" : "Becomes part of the other"}</small>
      <dl>
        {rows.map(
          ([label, value]) =>
            value && (
              <div key={label}>
                <dt>{label}</dt>
                <dd dir="auto">{value}</dd>
              </div>
            ),
        )}
      </dl>
    </div>
  );
}
