import { Button, Modal, Select, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import { ApiError, sentenceOf } from "@/api/client";
import { createContact } from "@/data/contacts";
import { useNames } from "@/data/directory";
import { useContactPlace } from "@/lib/contact-place";
import { SendKey } from "@/lib/send-key";
import classes from "@/parts/contact/dialogs.module.css";
import { FormEnd } from "@/ui/FormEnd";
import { TextButton } from "@/ui/Quiet";

/** A person entered by hand. */
export function NewContact({ opened, close }: { opened: boolean; close: () => void }): ReactNode {
  return (
    <Modal opened={opened} onClose={close} title="New contact" size={440} centered>
      {opened && <Form close={close} />}
    </Modal>
  );
}

const EMPTY = { name: "", email: "", phone: "" };

function Form({ close }: { close: () => void }): ReactNode {
  const client = useQueryClient();
  const names = useNames();
  const place = useContactPlace();
  const [values, setValues] = useState(EMPTY);
  const [brandId, setBrandId] = useState<string | null>(
    names.brands.length === 1 ? (names.brands[0]?.brand_id ?? null) : null,
  );
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const key = useRef(new SendKey());
  const wrong = wrongOf(error);
  const existing = error instanceof ApiError ? (error.existing as { id: string } | undefined) : undefined;

  const submit = async (): Promise<void> => {
    if (busy) return;
    const body = {
      brand_id: brandId ?? "",
      name: values.name,
      emails: values.email.trim() ? [values.email] : [],
      phones: values.phone.trim() ? [values.phone] : [],
    };
    setBusy(true);
    setError(null);
    try {
      const made = await createContact(client, body, key.current.for(body));
      close();
      place.open(made.id);
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(false);
    }
  };
  const field = (name: keyof typeof EMPTY, label: string): ReactNode => (
    <TextInput
      label={label}
      dir="auto"
      value={values[name]}
      error={wrong[name] ?? null}
      data-autofocus={name === "name" || undefined}
      onChange={(event) => setValues({ ...values, [name]: event.currentTarget.value })}
    />
  );
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {field("name", "Name")}
      {field("email", "Email")}
      {field("phone", "Phone")}
      <Select
        label="Brand"
        placeholder="Whose customer?"
        data={names.brands.map((brand) => ({ value: brand.brand_id, label: brand.name }))}
        value={brandId}
        error={wrong.brand ?? null}
        allowDeselect={false}
        onChange={setBrandId}
      />
      <FormEnd>
        <p role="alert">
          {error !== null && Object.keys(wrong).length === 0 && sentenceOf(error)}
          {existing && (
            <TextButton
              onClick={() => {
                close();
                place.open(existing.id);
              }}
            >
              Open that contact
            </TextButton>
          )}
        </p>
        <Button type="submit" loading={busy}>
          Add contact
        </Button>
      </FormEnd>
    </form>
  );
}

/** From an answer's places to the form's fields, as sentences. */
function wrongOf(error: unknown): Partial<Record<keyof typeof EMPTY | "brand", string>> {
  if (!(error instanceof ApiError)) return {};
  const found: Partial<Record<keyof typeof EMPTY | "brand", string>> = {};
  for (const { path, message } of error.fields) {
    const words = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
    if (path.startsWith("body.emails")) found.email = words;
    else if (path.startsWith("body.phones")) found.phone = words;
    else if (path === "body.brand_id") found.brand = "Choose whose customer this is.";
    else if (path === "body.name") found.name = words;
  }
  return found;
}
