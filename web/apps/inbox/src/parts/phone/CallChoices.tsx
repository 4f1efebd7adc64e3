import { Button, Select, TextInput } from "@mantine/core";
import { IconPhone } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import { ApiError, sentenceOf } from "@/api/client";
import type { Head } from "@/api/types";
import { contactQuery } from "@/data/contacts";
import { useMay, useNames } from "@/data/directory";
import { callCustomer } from "@/data/phone";
import { dialWords } from "@/lib/calls";
import { personName, showHandle } from "@/lib/person";
import { SendKey } from "@/lib/send-key";
import { toast } from "@/ui/toast";
import classes from "./phone.module.css";

/** Which number of the customer is called, and from which line of the brand: one click where one is known. */
export default function CallChoices({ head, done }: { head: Head; done: () => void }): ReactNode {
  const client = useQueryClient();
  const names = useNames();
  const mayRead = useMay("contacts.read");
  const { data } = useQuery({ ...contactQuery(head.contact_id), enabled: mayRead });
  const lines = names.brand(head.brand_id)?.lines ?? [];
  const [line, setLine] = useState(lines[0] ?? "");
  const [number, setNumber] = useState("");
  const [trouble, setTrouble] = useState("");
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState("");
  const key = useRef(new SendKey());
  const own = head.handle.kind === "phone" ? [head.handle.value] : [];
  const known = [...new Set([...own, ...(data?.contact.phones ?? [])])];

  const dial = async (to: string): Promise<void> => {
    if (busy) return;
    setBusy(to);
    setTrouble("");
    setWrong("");
    const numbers = { number: to, line };
    try {
      await callCustomer(client, head.id, numbers, key.current.for(numbers));
      toast(`Calling ${showHandle(to)}`);
      done();
    } catch (error) {
      const field = error instanceof ApiError && error.fields.find((each) => each.path === "body.number");
      if (field && !known.includes(to)) setWrong(`This ${field.message}.`);
      else setTrouble(sentenceOf(error));
    } finally {
      setBusy("");
    }
  };

  if (lines.length === 0) {
    return (
      <p className={classes.none}>
        {names.brand(head.brand_id)?.name ?? "This brand"} has no phone line to call from. An admin can add
        one.
      </p>
    );
  }
  const failed = head.dial && head.dial.state !== "requested" && head.dial.state !== "dialed";
  return (
    <div className={classes.choices}>
      <h3>Call {personName(head)}</h3>
      {known.map((each) => (
        <button
          key={each}
          type="button"
          className={classes.number}
          disabled={busy !== ""}
          onClick={() => void dial(each)}
        >
          <IconPhone size={15} />
          <span className="sb-number">{showHandle(each)}</span>
        </button>
      ))}
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (number.trim()) void dial(number.trim());
          else setWrong("Type the number to call.");
        }}
      >
        <TextInput
          type="tel"
          label={known.length ? "Another number" : "Number"}
          placeholder="+1 415 555 0137"
          value={number}
          error={wrong || null}
          {...(known.length === 0 && { "data-autofocus": true })}
          onChange={(event) => {
            setNumber(event.currentTarget.value);
            setWrong("");
          }}
        />
        <Button type="submit" variant="default" loading={busy !== "" && busy === number.trim()}>
          Call
        </Button>
      </form>
      {lines.length > 1 && (
        <Select
          label="From"
          allowDeselect={false}
          comboboxProps={{ withinPortal: false }}
          data={lines.map((each) => ({ value: each, label: showHandle(each) }))}
          value={line}
          onChange={(value) => setLine(value ?? line)}
        />
      )}
      {lines.length === 1 && (
        <p className={classes.from}>
          From <span className="sb-number">{showHandle(line)}</span>, on your phone in Aircall.
        </p>
      )}
      <p role="alert" className={classes.trouble}>
        {trouble || (failed && head.dial ? dialWords(head.dial) : "")}
      </p>
    </div>
  );
}
