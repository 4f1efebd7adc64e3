import { Button, Modal, Select, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import { ApiError, sentenceOf } from "@/api/client";
import type { Head } from "@/api/types";
import { useNames } from "@/data/directory";
import { beginCall } from "@/data/phone";
import { desk } from "@/lib/desk";
import { keep, recall } from "@/lib/keep";
import { showHandle } from "@/lib/person";
import { SendKey } from "@/lib/send-key";
import { FormEnd } from "@/ui/FormEnd";
import classes from "./phone.module.css";

/** A conversation that begins with a phone call to anybody. */
export default function NewCall({ onStarted }: { onStarted: (head: Head) => void }): ReactNode {
  const close = (): void => desk.set({ newCall: false });
  return (
    <Modal opened onClose={close} title="Phone call" size={440} centered>
      <Form
        done={(head) => {
          close();
          onStarted(head);
        }}
      />
    </Modal>
  );
}

function Form({ done }: { done: (head: Head) => void }): ReactNode {
  const client = useQueryClient();
  const names = useNames();
  const brands = names.brands.filter((brand) => brand.lines.length > 0);
  const [brandId, setBrandId] = useState<string | null>(() => recall<string>("brand"));
  const brand = brands.find((each) => each.brand_id === brandId) ?? brands[0];
  const [number, setNumber] = useState("");
  const [name, setName] = useState("");
  const [wrong, setWrong] = useState("");
  const [trouble, setTrouble] = useState("");
  const [busy, setBusy] = useState(false);
  const key = useRef(new SendKey());
  if (!brand)
    return <p className={classes.over}>No brand has a phone line to call from. An admin can add one.</p>;

  const dial = async (): Promise<void> => {
    if (busy) return;
    if (!number.trim()) return setWrong("Type the number to call.");
    setBusy(true);
    setWrong("");
    setTrouble("");
    keep("brand", brand.brand_id);
    const wanted = { brand_id: brand.brand_id, number: number.trim(), line: "", name: name.trim() };
    try {
      done(await beginCall(client, wanted, key.current.for(wanted)));
    } catch (error) {
      const field = error instanceof ApiError && error.fields.find((each) => each.path === "body.number");
      if (field) setWrong(`This ${field.message}.`);
      else setTrouble(sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void dial();
      }}
    >
      <Select
        label="From"
        allowDeselect={false}
        data={brands.map((each) => ({
          value: each.brand_id,
          label: `${each.name} · ${showHandle(each.lines[0] ?? "")}`,
        }))}
        value={brand.brand_id}
        onChange={setBrandId}
      />
      <TextInput
        type="tel"
        label="Number"
        placeholder="+1 415 555 0137"
        data-autofocus
        value={number}
        error={wrong || null}
        onChange={(event) => {
          setNumber(event.currentTarget.value);
          setWrong("");
        }}
      />
      <TextInput
        label="Name (if you know it)"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <p className={classes.over}>
        Your phone in Aircall rings; the call and its notes stay in a new conversation.
      </p>
      {trouble && (
        <p className={classes.wrong} role="alert">
          {trouble}
        </p>
      )}
      <FormEnd>
        <Button variant="default" onClick={() => desk.set({ newCall: false })}>
          Cancel
        </Button>
        <Button type="submit" loading={busy}>
          Call
        </Button>
      </FormEnd>
    </form>
  );
}
