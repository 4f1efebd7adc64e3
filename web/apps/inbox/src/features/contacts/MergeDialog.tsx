import { Button, Modal, Radio, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { Contact } from "@/api/contacts";
import { contactCommands, contactListQuery } from "@/data/contacts";
import { useContactPlace } from "@/lib/contact-place";
import { contactName, moneyWords } from "@/lib/contacts";
import { showHandle } from "@/lib/person";
import { fullTime } from "@/lib/time";
import compare from "@/parts/compare.module.css";
import classes from "@/parts/contact/dialogs.module.css";
import { Avatar } from "@/ui/Avatar";
import { FormEnd } from "@/ui/FormEnd";
import { toast } from "@/ui/toast";

const TYPING_MS = 180;

interface MergeDialogProps {
  contact: Contact;
  /** Chosen already, when it was suggested. */
  suggested?: Contact | undefined;
  opened: boolean;
  close: () => void;
}

/** Two contacts that are one person: find the other, see both, choose which one is kept. */
export function MergeDialog({ contact, suggested, opened, close }: MergeDialogProps): ReactNode {
  return (
    <Modal opened={opened} onClose={close} title="Merge contacts" size={560} centered>
      {opened && <Body contact={contact} suggested={suggested} close={close} />}
    </Modal>
  );
}

function Body({ contact, suggested, close }: Omit<MergeDialogProps, "opened">): ReactNode {
  const [other, setOther] = useState<Contact | null>(suggested ?? null);
  return other ? (
    <Compare one={contact} two={other} back={() => setOther(null)} close={close} />
  ) : (
    <Find contact={contact} choose={setOther} />
  );
}

function Find({ contact, choose }: { contact: Contact; choose: (other: Contact) => void }): ReactNode {
  const [text, setText] = useState("");
  const [wanted] = useDebouncedValue(text.trim(), TYPING_MS);
  const { data, isSuccess } = useInfiniteQuery({
    ...contactListQuery({ text: wanted, segment: "all", sort: "name" }),
    enabled: wanted !== "",
  });
  const found = (data?.pages[0]?.items ?? []).filter((each) => each.id !== contact.id).slice(0, 8);
  return (
    <div className={classes.form}>
      <TextInput
        label="Who is the same person?"
        placeholder="Name, email, phone…"
        dir="auto"
        value={text}
        data-autofocus
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <ul className={classes.found}>
        {found.map((each) => (
          <li key={each.id}>
            <button type="button" className={classes.hit} onClick={() => choose(each)}>
              <Avatar name={contactName(each)} size={26} />
              <span>
                <bdi className="sb-truncate">{contactName(each)}</bdi>
                <small className="sb-truncate">
                  {[...each.emails, ...each.phones].map(showHandle).join(", ")}
                </small>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {wanted && isSuccess && found.length === 0 && <p className={classes.hint}>Nobody else found.</p>}
    </div>
  );
}

interface CompareProps {
  one: Contact;
  two: Contact;
  back: () => void;
  close: () => void;
}

function Compare({ one, two, back, close }: CompareProps): ReactNode {
  const client = useQueryClient();
  const place = useContactPlace();
  const [keptId, setKeptId] = useState(one.id);
  const [trouble, setTrouble] = useState("");
  const [busy, setBusy] = useState(false);
  const kept = keptId === one.id ? one : two;
  const merged = keptId === one.id ? two : one;
  const undo = (): void => {
    contactCommands(client, kept.id)
      .unmerge(merged.id)
      .catch((error: unknown) => toast(`Still merged. ${sentenceOf(error)}`, undefined, "error"));
  };
  const merge = async (): Promise<void> => {
    setBusy(true);
    setTrouble("");
    try {
      await contactCommands(client, kept.id).merge(merged.id);
      close();
      if (place.contactId === merged.id) place.open(kept.id);
      toast(`${contactName(merged)} is part of ${contactName(kept)} now`, { label: "Undo", run: undo });
    } catch (error) {
      setTrouble(sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={classes.form}>
      <Radio.Group value={keptId} onChange={setKeptId} aria-label="Which one is kept">
        <div className={compare.compare}>
          {[one, two].map((each) => (
            <Side key={each.id} contact={each} kept={each.id === keptId} />
          ))}
        </div>
      </Radio.Group>
      <p className={classes.hint}>
        Addresses, numbers, conversations and notes of both belong to the one that is kept; where they differ,
        what it says itself stays. It can be undone for 30 days.
      </p>
      <FormEnd>
        <p role="alert">{trouble}</p>
        <Button variant="default" onClick={back}>
          Choose another
        </Button>
        <Button onClick={() => void merge()} loading={busy} data-autofocus>
          Merge
        </Button>
      </FormEnd>
    </div>
  );
}

function Side({ contact, kept }: { contact: Contact; kept: boolean }): ReactNode {
  const rows = [
    ["Email", contact.emails.join(", ")],
    ["Phone", contact.phones.map(showHandle).join(", ")],
    ["Location", contact.location],
    ["Revenue", contact.lifetime_revenue ? moneyWords(contact.lifetime_revenue) : ""],
    ["Came by", contact.visitor_ids.length > 0 ? "The messenger" : ""],
    ["Blocked", contact.blocked?.reason ?? ""],
    ["Known since", fullTime(contact.created_at)],
  ] as const;
  return (
    <div className={compare.side} data-kept={kept || undefined}>
      <Radio value={contact.id} label={<bdi>{contactName(contact)}</bdi>} />
      <small>{kept ? "Is kept" : "Becomes part of the other"}</small>
      <dl>
        {rows.map(
          ([label, value]) =>
            value && (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
    </div>
  );
}
